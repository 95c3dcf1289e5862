"""Which clips go together: for a clip, others of its split with other sounds, drawn over the whole table.

The clips stand on a ring, each where a digest of its id puts it; a clip takes the next fitting ones after a point of
its own. So pairs depend neither on shards nor on order, and a new clip changes only the pairs that it enters.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence

from balsa_core.identity import seed_of
from balsa_core.records import Clip


class Ring:
    """The clips of a table, ready to be drawn as partners."""

    def __init__(self, clips: Sequence[Clip], seed: int) -> None:
        """seed: of the places on the ring."""
        self._seed = seed
        placed: dict[str, list[tuple[int, Clip]]] = {}
        for clip in clips:
            placed.setdefault(clip.split, []).append((seed_of("place", seed, clip.id), clip))
        self._rings = {split: sorted(ring, key=lambda item: item[0]) for split, ring in placed.items()}
        self._num_kinds = {split: len({_sounds(clip) for _, clip in ring}) for split, ring in self._rings.items()}

    def partners(self, clip: Clip, num_partners: int, index: int) -> tuple[Clip, ...]:
        """The partners of a clip in its group number `index`; fewer than asked when there are no more.

        They are not the clip itself, nor of its recording, and each has another set of sounds than the clip.
        """
        if self._num_kinds[clip.split] < 2:
            return ()
        found: list[Clip] = []
        for other in self._after(clip.split, seed_of("draw", self._seed, clip.id, index)):
            if len(found) == num_partners:
                break
            if _sounds(other) != _sounds(clip) and other.audio_sha256 != clip.audio_sha256:
                found.append(other)
        return tuple(found)

    def _after(self, split: str, point: int) -> Iterator[Clip]:
        ring = self._rings[split]
        start = bisect_left(ring, point, key=lambda item: item[0])
        for step in range(len(ring)):
            yield ring[(start + step) % len(ring)][1]


def _sounds(clip: Clip) -> tuple[frozenset[str], str | None, str | None]:
    """What tells two clips apart: their tags; for clips without tags, what is written or said."""
    return frozenset(clip.tags), None if clip.tags else clip.caption, None if clip.tags else clip.transcript

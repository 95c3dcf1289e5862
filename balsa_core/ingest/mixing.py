"""Two clips of a corpus in, one in which both are heard out."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from balsa_core.audio import Waveform
from balsa_core.identity import seed_of
from balsa_core.records import RATE_HZ, Entry, Part

PART_RMS = 0.1  # of the loudest second of a part, before its gain: a quiet recording is heard beside a loud one
MAX_BOOST = 30.0  # what is quieter than that is noise
GAIN_DB = (-6.0, 0.0)  # of one of the two, below the other
ONSET_S = (0.0, 1.0)  # of one of the two, after the other
TRIES = 100


def with_mixtures(entries: list[Entry], num: int, seed: int) -> list[Entry]:
    """The entries, then `num` mixtures of two of them that share no tag and no group.

    A mixture depends on the seed and on its number: asking for more adds, and changes none. ValueError when the
    corpus has no two entries that go together.
    """
    pool = [entry for entry in entries if entry.tags and len(entry.parts) == 1]
    return entries + [_mix(pool, np.random.default_rng(seed_of("mixture", seed, n)), n) for n in range(num)]


def mix_parts(waveforms: Sequence[Waveform], parts: Sequence[Part]) -> Waveform:
    """The sum of waveforms made equally loud, each with the gain and onset of its part; its peak is at most 1."""
    firsts = [round(part.onset_s * RATE_HZ) for part in parts]
    mixed = np.zeros(max(first + len(one) for first, one in zip(firsts, waveforms, strict=True)), dtype=np.float32)
    for waveform, part, first in zip(waveforms, parts, firsts, strict=True):
        scale = min(PART_RMS / loudest_rms(waveform), MAX_BOOST) * 10 ** (part.gain_db / 20)
        mixed[first : first + len(waveform)] += waveform * np.float32(scale)
    return mixed / max(float(np.abs(mixed).max()), 1.0)


def loudest_rms(waveform: Waveform) -> float:
    """The root mean square of the loudest second: a bark in silence is as loud as a bark."""
    energy = np.concatenate([[0.0], np.cumsum(waveform.astype(np.float64) ** 2)])
    window = min(RATE_HZ, len(waveform))
    return float(np.sqrt((energy[window:] - energy[:-window]).max() / window))


def _mix(pool: list[Entry], rng: np.random.Generator, number: int) -> Entry:
    one, other = _draw_pair(pool, rng)
    gains_db = rng.permutation([0.0, round(float(rng.uniform(*GAIN_DB)), 2)])
    onsets_s = rng.permutation([0.0, round(float(rng.uniform(*ONSET_S)), 3)])
    parts = [
        replace(entry.parts[0], gain_db=float(gain_db), onset_s=float(onset_s))
        for entry, gain_db, onset_s in zip((one, other), gains_db, onsets_s, strict=True)
    ]
    return Entry(
        id=f"mix-{number}-{one.id}+{other.id}",
        corpus=one.corpus,
        split=one.split,
        parts=tuple(parts),
        tags=tuple(dict.fromkeys(one.tags + other.tags)),
        group="+".join(sorted({one.group, other.group})),
        licence=" + ".join(dict.fromkeys(filter(None, (one.licence, other.licence)))) or None,
        stamp=f"{one.stamp}+{other.stamp}",
    )


def _draw_pair(pool: list[Entry], rng: np.random.Generator) -> tuple[Entry, Entry]:
    for _ in range(TRIES if pool else 0):
        one, other = (pool[int(index)] for index in rng.integers(len(pool), size=2))
        if _go_together(one, other):
            return one, other
    # Nearly all clips are of one kind: look at all pairs, in random order.
    for index in rng.permutation(len(pool)):
        partners = [other for other in pool if _go_together(pool[index], other)]
        if partners:
            return pool[index], partners[int(rng.integers(len(partners)))]
    raise ValueError(f"no two of {len(pool)} clips with tags differ in tags and group: set num_mixtures to 0")


def _go_together(one: Entry, other: Entry) -> bool:
    return one.group != other.group and not set(one.tags) & set(other.tags)

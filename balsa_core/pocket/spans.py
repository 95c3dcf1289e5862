"""What stands in the place of the audio: the seed text, or slots that look like what an adapter emits."""

from typing import NamedTuple

import numpy as np

NUM_SLOTS = (6, 20)  # an adapter emits 8 to 16; a margin on both sides
FILLERS: tuple[str, ...] = (",", "(", ")", "and", "the", "\n")
PRESENT_SHARE = 0.3  # a tag is there when some slot holds at least this share of it
GHOST_SHARE = 0.12  # a tag below this share of every slot is not there


class Slot(NamedTuple):
    """One soft slot: scale * (sum of share * embedding(name) + noise * N(0, rms of an embedding))."""

    shares: dict[str, float]
    noise: float
    scale: float


class Span(NamedTuple):
    """One clip as the model reads it: its tags in reply order, and either text or slots."""

    tags: tuple[str, ...]
    text: str | None
    slots: tuple[Slot, ...]
    offset: float  # length of a random vector added to every slot, in embedding lengths


class Softness(NamedTuple):
    """How far soft spans stray from clean embeddings: upper ends of the ranges they are drawn from."""

    noise: float
    log_scale: float
    empty: float
    offset: float
    ghosts: int


MODERATE = Softness(noise=0.5, log_scale=0.7, empty=0.3, offset=0.5, ghosts=1)
STRONG = Softness(noise=1.2, log_scale=1.2, empty=0.6, offset=1.5, ghosts=3)


def text_span(tags: tuple[str, ...]) -> Span:
    """The seed text of a clip with tags: "(dog, rain)"."""
    return Span(tags, f"({', '.join(tags)})", (), 0.0)


def soft_span(tags: tuple[str, ...], absent: tuple[str, ...], softness: Softness, rng: np.random.Generator) -> Span:
    """Slots that hold the tags in varied ways; `absent` are names that may haunt a slot without being there."""
    num_slots = int(rng.integers(*NUM_SLOTS, endpoint=True))
    shares = _draw_shares(tags, num_slots, rng)
    _empty_some(shares, tags, softness, rng)
    _haunt(shares, absent, softness, rng)
    noise = rng.uniform(0, softness.noise)
    log_scale = rng.uniform(-softness.log_scale, softness.log_scale)
    slots = tuple(
        Slot(share, noise if share else rng.uniform(0, 1), float(np.exp(log_scale + rng.uniform(-0.3, 0.3))))
        for share in shares
    )
    offset = rng.uniform(0, softness.offset) if rng.random() < 0.4 else 0.0
    return Span(_in_order_of_appearance(tags, shares), None, slots, offset)


def _draw_shares(tags: tuple[str, ...], num_slots: int, rng: np.random.Generator) -> list[dict[str, float]]:
    if not tags:
        return [{} for _ in range(num_slots)]
    mode = rng.random()
    if mode < 0.45 or len(tags) == 1:
        return _one_tag_a_slot(tags, num_slots, rng)
    if mode < 0.75:
        return [_mix(tags, 2, rng) for _ in range(num_slots)]
    # Every slot a blend of everything: what an adapter emits before it has found a slot for each sound.
    return [_mix(tags, len(tags), rng) for _ in range(num_slots)]


def _one_tag_a_slot(tags: tuple[str, ...], num_slots: int, rng: np.random.Generator) -> list[dict[str, float]]:
    weak = tags[-1] if len(tags) > 1 and rng.random() < 0.3 else None
    strong = tags[:-1] if weak else tags
    names = [str(name) for name in rng.choice(strong, num_slots)]
    for place, tag in zip(rng.choice(num_slots, len(tags), replace=False), tags, strict=True):
        names[place] = tag
    if rng.random() < 0.3:
        names.sort(key=tags.index)
    return [{name: 1.0} for name in names]


def _mix(tags: tuple[str, ...], num_mixed: int, rng: np.random.Generator) -> dict[str, float]:
    chosen = rng.choice(len(tags), num_mixed, replace=False)
    weights = rng.dirichlet(np.full(num_mixed, 8.0))
    return {tags[index]: float(weight) for index, weight in zip(chosen, weights, strict=True)}


def _empty_some(
    shares: list[dict[str, float]], tags: tuple[str, ...], softness: Softness, rng: np.random.Generator
) -> None:
    share_emptied = rng.uniform(0, softness.empty) if rng.random() < 0.5 else 0.0
    for place in range(len(shares)):
        if rng.random() < share_emptied:
            kept, shares[place] = shares[place], {} if rng.random() < 0.6 else {str(rng.choice(FILLERS)): 1.0}
            if any(_largest_share(shares, tag) < PRESENT_SHARE for tag in tags):
                shares[place] = kept
    for tag in tags:
        # A tag that no slot holds clearly would make the question unanswerable: give it a slot of its own.
        if _largest_share(shares, tag) < PRESENT_SHARE:
            places = [place for place, share in enumerate(shares) if max(share.values(), default=0.0) < 1.0] or [0]
            shares[int(rng.choice(places))] |= {tag: 0.5}


def _haunt(
    shares: list[dict[str, float]], absent: tuple[str, ...], softness: Softness, rng: np.random.Generator
) -> None:
    if rng.random() < 0.5:
        for ghost in absent[: int(rng.integers(0, softness.ghosts, endpoint=True))]:
            for share in shares:
                if share and rng.random() < 0.5:
                    share[ghost] = rng.uniform(0, GHOST_SHARE)


def _largest_share(shares: list[dict[str, float]], tag: str) -> float:
    return max(share.get(tag, 0.0) for share in shares)


def _in_order_of_appearance(tags: tuple[str, ...], shares: list[dict[str, float]]) -> tuple[str, ...]:
    def first_slot(tag: str) -> tuple[int, float]:
        place = next(place for place, share in enumerate(shares) if share.get(tag, 0.0) >= PRESENT_SHARE)
        return place, -shares[place][tag]

    return tuple(sorted(tags, key=first_slot))

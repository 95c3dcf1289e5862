"""Clips in, requests out: what will be asked about which clips, the same on every shard and in every order.

A request is light: it names clips and a recipe. What it asks is drafted when its turn comes, and anew at each attempt.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from balsa_core.config import SynthesisConfig
from balsa_core.identity import fingerprint, seed_of
from balsa_core.labels import SoundIndex
from balsa_core.records import Clip
from balsa_core.synthesis.pairs import Ring
from balsa_core.synthesis.recipe import Draft, Problem, Recipe, clip_sounds


@dataclass(frozen=True)
class Request:
    """One example to be written: by which recipe, about which clips, and which of its kind for these it is."""

    recipe: Recipe
    clips: tuple[Clip, ...]
    index: int
    sounds: SoundIndex = field(repr=False, compare=False)

    @property
    def id(self) -> str:
        """The id of the example: of recipe, clips and index, and of nothing else."""
        return row_id(self.recipe.name, [clip.id for clip in self.clips], self.index)


class Turn(NamedTuple):
    """One attempt at a request: the seed of its sampling, and what is asked or why nothing can be."""

    draw: int
    draft: Draft | Problem


def draft_requests(
    clips: Sequence[Clip],
    chosen: range | Collection[str],
    recipe: Recipe,
    config: SynthesisConfig,
    sounds: SoundIndex,
) -> list[Request]:
    """The requests of a recipe for the chosen clips.

    clips: the whole table, from which partners are drawn. chosen: the places of a shard's clips in it, or their ids. A
    request about several clips belongs to the shard of its first one.
    """
    first_clips = _chosen(clips, chosen)
    if recipe.num_clips == 1:
        return [Request(recipe, (clip,), index, sounds) for clip in first_clips for index in range(config.per_clip)]
    ring = Ring(clips, config.seed)
    return [
        Request(recipe, (clip, *ring.partners(clip, recipe.num_clips - 1, index)), index, sounds)
        for clip in first_clips
        for index in range(config.pairs_per_clip)
    ]


def draft_turn(request: Request, attempt: int, config: SynthesisConfig) -> Turn:
    """What a request asks at an attempt, from 0. Each attempt takes another wording and draws other options.

    So a redraw asks something else even where decoding is greedy and the same question would get the same answer.
    """
    draw = seed_of(config.seed, request.id, attempt)
    missing = request.recipe.num_clips - len(request.clips)
    if missing:
        return Turn(
            draw, Problem("no_pair", f"no {'other' if missing == 1 else missing} clip of its split differs in sounds")
        )
    if not any(clip_sounds(clip, request.sounds) or clip.caption or clip.transcript for clip in request.clips):
        return Turn(draw, Problem("no_metadata", "the clip has no tag, caption or transcript"))
    wording = _wording(request, attempt, config.seed)
    rng = np.random.default_rng(draw)
    return Turn(draw, request.recipe.draft(request.clips, wording, request.sounds, config.negatives, rng))


def row_id(recipe: str, clip_ids: Iterable[str], index: int) -> str:
    """A stable id; the recipe's version is left out, so that the same row can be compared between versions."""
    return f"{recipe}-{fingerprint([recipe, list(clip_ids), index])}"


def _wording(request: Request, attempt: int, seed: int) -> str:
    """The wordings take turns from a start drawn for the clips; examples go forward, further attempts backward."""
    wordings = request.recipe.wordings
    start = seed_of(seed, request.recipe.name, *(clip.id for clip in request.clips[:1]))
    return wordings[(start + request.index - attempt) % len(wordings)]


def _chosen(clips: Sequence[Clip], chosen: range | Collection[str]) -> list[Clip]:
    if isinstance(chosen, range):
        return [clips[place] for place in chosen]
    wanted = set(chosen)
    found = [clip for clip in clips if clip.id in wanted]
    if len(found) < len(wanted):
        raise ValueError(
            f"{sorted(wanted - {clip.id for clip in found})[:3]} are no clips of the table: choose its ids"
        )
    return found

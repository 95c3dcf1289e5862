"""What a kind of target is: how an instruction is drafted for clips, and what its reply must not say.

A recipe is one file in `recipes/` whose object PLUGIN is of a subclass of Recipe. docs/own-targets.md writes one.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from balsa_core.config import NegativesConfig
from balsa_core.labels import SoundIndex
from balsa_core.prompt import user_message
from balsa_core.records import Clip
from balsa_core.registry import load_plugin, plugin_names
from balsa_core.seeds import seed_text

RECIPES = "balsa_core.synthesis.recipes"

# One list in five offers no present sound, so that "one of them must be there" is not learned. Ours.
NONE_PRESENT_SHARE = 0.2


# What each means: docs/own-targets.md.
Reason = Literal[
    "cut_off",
    "empty",
    "echo",
    "refusal",
    "mentions_metadata",
    "affirms_absent",
    "denies_present",
    "incomplete",
    "no_options",
    "no_pair",
    "no_metadata",
]


class Problem(NamedTuple):
    """Why a target is turned away: one word of a short list, and a sentence for people."""

    reason: Reason
    detail: str


class Draft(NamedTuple):
    """What the backbone is asked: the user message, the text in each audio span, and what the answer is about."""

    prompt: str
    seeds: tuple[str, ...]
    present: tuple[str, ...]  # sounds of the clips
    absent: tuple[str, ...]  # sounds that the instruction names and no clip has
    options: tuple[str, ...] = ()  # sounds that the instruction names, in its order
    system: str | None = None


class Options(NamedTuple):
    """Sounds that an instruction offers, in its order, and which of them are absent."""

    offered: tuple[str, ...]
    absent: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Recipe(ABC):
    """A kind of target: its facts, and two functions. {options} in a wording is the list of sounds that it offers."""

    name: str
    version: str
    num_clips: int
    wordings: tuple[str, ...]

    def identity(self) -> dict[str, object]:
        """What changes the targets: a changed wording is another recipe."""
        return {"recipe": self.label, "num_clips": self.num_clips, "wordings": self.wordings}

    @property
    def label(self) -> str:
        """Name and version, as examples carry it."""
        return f"{self.name}@{self.version}"

    @abstractmethod
    def draft(
        self,
        clips: Sequence[Clip],
        wording: str,
        sounds: SoundIndex,
        negatives: NegativesConfig,
        rng: np.random.Generator,
    ) -> Draft | Problem:
        """The instruction in one of the wordings, or why there is none for these clips."""

    @abstractmethod
    def check(self, clips: Sequence[Clip], draft: Draft, reply: str, sounds: SoundIndex) -> Problem | None:
        """What is wrong with a reply that is whole, no refusal and no echo; None: nothing."""


def recipe_names() -> list[str]:
    """The kinds of target there are."""
    return plugin_names(RECIPES)


def load_recipe(name: str) -> Recipe:
    """The recipe `name`; ValueError lists the known ones."""
    return load_plugin(RECIPES, name)


def plain_draft(clips: Sequence[Clip], wording: str, sounds: SoundIndex) -> Draft:
    """An instruction that names no sounds."""
    seeds = tuple(seed_text(clip) for clip in clips)
    return Draft(user_message(wording, len(clips)), seeds, present_sounds(clips, sounds), ())


def options_draft(
    clip: Clip, wording: str, sounds: SoundIndex, negatives: NegativesConfig, rng: np.random.Generator
) -> Draft | Problem:
    """An instruction that offers sounds, some of them absent."""
    present = present_sounds([clip], sounds)
    options = draw_options(present, seed_text(clip), sounds, negatives, rng)
    if not options.offered:
        return Problem("no_options", "the clip has no tag and the corpus no sound that is surely absent")
    text = user_message(wording.format(options=", ".join(options.offered)))
    return Draft(text, (seed_text(clip),), present, options.absent, options.offered)


def draw_options(
    present: Sequence[str], seed: str, sounds: SoundIndex, negatives: NegativesConfig, rng: np.random.Generator
) -> Options:
    """Present and absent sounds, shuffled; at least one is absent unless the corpus has none to offer."""
    count = int(rng.integers(negatives.min_options, negatives.max_options, endpoint=True))
    most = min(len(present), count - 1)
    fewest = 0 if most == 0 or rng.random() < NONE_PRESENT_SHARE else 1
    num_present = 0 if fewest == 0 else int(rng.integers(fewest, most, endpoint=True))
    absent = sounds.draw_absent(present, count - num_present, negatives.strategy, rng, seed)
    num_present = num_present if absent else min(len(present), count)
    picked = [present[int(index)] for index in rng.permutation(len(present))[:num_present]]
    offered = [*picked, *absent]
    order = rng.permutation(len(offered))
    shuffled = tuple(offered[int(index)] for index in order)
    return Options(shuffled, tuple(sound for sound in shuffled if sound in absent))


def present_sounds(clips: Sequence[Clip], sounds: SoundIndex) -> tuple[str, ...]:
    """The sounds of clips: their tags, or what the caption of a clip without tags says is heard."""
    return tuple(dict.fromkeys(sound for clip in clips for sound in clip_sounds(clip, sounds)))


def clip_sounds(clip: Clip, sounds: SoundIndex) -> tuple[str, ...]:
    """The sounds of one clip."""
    return clip.tags or (sounds.named(clip.caption) if clip.caption else ())

"""What is heard: the backbone tells what the clip holds, in its own words.

(dog, rain) + "Replay the audio." -> "I hear dog and rain."
"""

from collections.abc import Sequence

import numpy as np

from balsa_core.config import NegativesConfig
from balsa_core.labels import SoundIndex
from balsa_core.records import Clip
from balsa_core.synthesis.contradictions import contradiction
from balsa_core.synthesis.recipe import Draft, Problem, Recipe, plain_draft


class Positive(Recipe):
    """One clip, no options."""

    def draft(
        self,
        clips: Sequence[Clip],
        wording: str,
        sounds: SoundIndex,
        negatives: NegativesConfig,
        rng: np.random.Generator,
    ) -> Draft | Problem:
        """The wording as it is."""
        return plain_draft(clips, wording, sounds)

    def check(self, clips: Sequence[Clip], draft: Draft, reply: str, sounds: SoundIndex) -> Problem | None:
        """It names no absent sound and denies no present one."""
        return contradiction(clips, draft, reply, sounds)


PLUGIN = Positive(
    name="positive",
    version="1",
    num_clips=1,
    wordings=(
        "Replay the audio.",
        "Describe the audio.",
        "What do you hear?",
        "Which sounds are present in the audio?",
        "List the sounds in this recording.",
    ),
)

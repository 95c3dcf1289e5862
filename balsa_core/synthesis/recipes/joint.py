"""What two clips are together: the backbone writes one caption for both.

(dog, rain) and (siren) + "Describe both recordings together." -> "Together they contain dog, rain and siren."
"""

from collections.abc import Sequence

import numpy as np

from balsa_core.config import NegativesConfig
from balsa_core.labels import SoundIndex
from balsa_core.records import Clip
from balsa_core.synthesis.contradictions import contradiction, lost_clip
from balsa_core.synthesis.recipe import Draft, Problem, Recipe, plain_draft


class Joint(Recipe):
    """Two clips, in order."""

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
        """It names no sound that is in no clip, and some sound of each clip."""
        return contradiction(clips, draft, reply, sounds) or lost_clip(clips, reply, sounds)


PLUGIN = Joint(
    name="joint",
    version="1",
    num_clips=2,
    wordings=(
        "Describe both recordings together.",
        "Which sounds do the two clips contain together?",
        "Give one caption for both recordings.",
        "Sum up what is heard in the two clips.",
    ),
)

"""How two clips differ: the backbone tells one from the other.

(dog, rain) and (siren) + "How do the two recordings differ?" -> "The first has dog and rain, the second has siren."
"""

from collections.abc import Sequence

import numpy as np

from balsa_core.config import NegativesConfig
from balsa_core.labels import SoundIndex
from balsa_core.records import Clip
from balsa_core.synthesis.contradictions import contradiction, lost_side
from balsa_core.synthesis.recipe import Draft, Problem, Recipe, plain_draft


class Difference(Recipe):
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
        """It names no sound that is in no clip, gives no clip a sound of the other, and tells what is only there."""
        return contradiction(clips, draft, reply, sounds, sided=True) or lost_side(clips, reply, sounds)


PLUGIN = Difference(
    name="difference",
    version="1",
    num_clips=2,
    wordings=(
        "How do the two recordings differ?",
        "What is different between the first and the second audio?",
        "Compare the two clips.",
        "Tell the first recording from the second.",
    ),
)

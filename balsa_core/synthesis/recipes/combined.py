"""What is heard and what is not: the backbone sorts some sounds.

(dog, rain) + "Check the audio for cat, dog, siren." -> "I hear dog, but there is no cat and no siren."
"""

from collections.abc import Sequence

import numpy as np

from balsa_core.config import NegativesConfig
from balsa_core.labels import SoundIndex
from balsa_core.records import Clip
from balsa_core.synthesis.contradictions import contradiction, unanswered
from balsa_core.synthesis.recipe import Draft, Problem, Recipe, options_draft


class Combined(Recipe):
    """One clip and some options."""

    def draft(
        self,
        clips: Sequence[Clip],
        wording: str,
        sounds: SoundIndex,
        negatives: NegativesConfig,
        rng: np.random.Generator,
    ) -> Draft | Problem:
        """The wording with present and absent sounds."""
        return options_draft(clips[0], wording, sounds, negatives, rng)

    def check(self, clips: Sequence[Clip], draft: Draft, reply: str, sounds: SoundIndex) -> Problem | None:
        """It speaks of every option and tells each one right."""
        return contradiction(clips, draft, reply, sounds) or unanswered(draft, reply, sounds, draft.options)


PLUGIN = Combined(
    name="combined",
    version="1",
    num_clips=1,
    wordings=(
        "Which of these sounds are present and which are absent: {options}?",
        "Sort these sounds into heard and not heard: {options}.",
        "For {options}, say which ones are in the audio and which are not.",
        "Check the audio for {options}.",
    ),
)

"""What is not heard: the backbone names the absent ones among some sounds.

(dog, rain) + "Which of these sounds are not in the audio: cat, dog, siren?" -> "There is no cat and no siren."
"""

from collections.abc import Sequence

import numpy as np

from balsa_core.config import NegativesConfig
from balsa_core.labels import SoundIndex
from balsa_core.records import Clip
from balsa_core.synthesis.contradictions import contradiction, is_bare_list, unanswered
from balsa_core.synthesis.recipe import Draft, Problem, Recipe, options_draft


class Negative(Recipe):
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
        """It denies every absent option and no present sound."""
        if is_bare_list(reply):
            reply = f"Absent:\n{reply}"
        return contradiction(clips, draft, reply, sounds) or unanswered(draft, reply, sounds, draft.absent)


PLUGIN = Negative(
    name="negative",
    version="1",
    num_clips=1,
    wordings=(
        "Which of these sounds are not in the audio: {options}?",
        "Name the sounds of this list that are absent: {options}.",
        "Which of the following can you not hear: {options}?",
        "Say what is missing from the audio among {options}.",
    ),
)

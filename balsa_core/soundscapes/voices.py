"""What each made sound sounds like: name -> a function that turns a random generator into mono float32 at 16 kHz."""

from collections.abc import Callable

import numpy as np

from balsa_core.soundscapes import noisy, tonal
from balsa_core.soundscapes.ontology import SOUNDS
from balsa_core.soundscapes.signals import Signal

Voice = Callable[[np.random.Generator], Signal]


def voice_of(name: str) -> Voice:
    """The maker of a sound; its function carries the sound's name."""
    if name not in SOUNDS:
        raise ValueError(f"there is no made sound {name!r}: choose one of {', '.join(SOUNDS)}")
    function_name = name.replace(" ", "_")
    return vars(tonal).get(function_name) or vars(noisy)[function_name]

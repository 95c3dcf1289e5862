"""Clips with audio and examples about them, small."""

import numpy as np

from balsa_core.audio import pcm_sha256, to_pcm
from balsa_core.records import RATE_HZ, Clip, Example


def made_clip(number: int, *, corpus: str = "made", group: str = "", seconds: float = 0.1) -> tuple[Clip, bytes]:
    """A clip of noise, another for each number."""
    noise = np.random.default_rng(number).uniform(-0.5, 0.5, round(seconds * RATE_HZ)).astype(np.float32)
    pcm = to_pcm(noise)
    clip = Clip(
        id=f"{corpus}-{number}",
        corpus=corpus,
        split="train",
        tags=("dog", "rain"),
        caption=None,
        transcript=None,
        attributes=(("Gender", "female"),),
        group=group,
        licence="CC0-1.0",
        num_samples=len(noise),
        audio_sha256=pcm_sha256(pcm),
    )
    return clip, pcm


def made_example(number: int, *clips: Clip, recipe: str = "positive") -> Example:
    """An example about clips."""
    return Example(
        id=f"{recipe}-{number}",
        recipe=f"{recipe}@1",
        clip_ids=tuple(clip.id for clip in clips),
        prompt="<|audio|>\nReplay the audio.",
        seeds=("(dog, rain)",),
        target="I hear dog and rain.",
        system=None,
        present=("dog", "rain"),
        absent=(),
        backbone="pocket@1",
        finish_reason="stop",
        num_tokens=7,
        attempt=0,
    )

"""The text that stands for a clip's audio."""

import pytest

from balsa_core.records import Clip, Pairs
from balsa_core.seeds import seed_text


@pytest.mark.parametrize(
    ("tags", "caption", "transcript", "attributes", "text"),
    [
        (("dog", "rain"), None, None, (), "(dog, rain)"),
        (("dog",), None, None, (), "(dog)"),
        ((), "A dog barks.", None, (), "A dog barks."),
        (("dog", "rain"), "A dog barks.", None, (), "A dog barks. (dog, rain)"),
        ((), None, "hello there", (("Gender", "female"),), '"hello there" (Gender: female)'),
        ((), None, None, (("Gender", "female"), ("Age", "30")), "(Gender: female, Age: 30)"),
        ((), None, None, (), "()"),
    ],
)
def test_a_seed_says_what_the_clip_has(
    tags: tuple[str, ...], caption: str | None, transcript: str | None, attributes: Pairs, text: str
) -> None:
    clip = Clip(
        id="a",
        corpus="made",
        split="test",
        tags=tags,
        caption=caption,
        transcript=transcript,
        attributes=attributes,
        group="",
        licence=None,
        num_samples=16_000,
        audio_sha256="0",
    )
    assert seed_text(clip) == text

"""Which sounds a text affirms and which it denies (polarity.affirmed)."""

import pytest

from balsa_core.polarity import affirmed

LABELS = ("dog", "cat", "siren", "rain", "crying baby", "baby", "noise")


@pytest.mark.parametrize(
    ("text", "heard", "denied"),
    [
        ("", "", ""),
        ("I hear dog and rain.", "dog rain", ""),
        ("There is no cat and no siren.", "", "cat siren"),
        ("There is no cat, dog or siren.", "", "cat dog siren"),
        ("I hear dog, but there is no cat and no siren.", "dog", "cat siren"),
        ("There is no cat, I hear a dog.", "dog", "cat"),
        ("cat and siren are absent", "", "cat siren"),
        ("The cat is not present and dog is missing", "", "cat dog"),
        ("dog is present, cat is absent", "dog", "cat"),
        ("The siren is absent, while the dog is present", "dog", "siren"),
        ("absent: siren, cat; heard: dogs", "dog", "siren cat"),
        ("dog: absent", "", "dog"),
        ("I can't hear the dog", "", "dog"),
        ("There isn’t a dog.", "", "dog"),
        ("I hear rain and there is not a dog", "rain", "dog"),
        ("There is a dog without rain.", "dog", "rain"),
        ("Neither cat nor dog is heard.", "", "cat dog"),
        ("Not only a dog but also a cat.", "dog cat", ""),
        ("The dog can be heard, and the cat cannot be heard.", "dog", "cat"),
        ("I hear no dog. There is a dog.", "dog", "dog"),
        ("I hear noise.", "noise", ""),
        ("All of them are in the audio.", "", ""),
        ("The first has dog and rain, the second has siren and rain.", "dog rain siren", ""),
    ],
)
def test_a_denied_sound_is_not_heard(text: str, heard: str, denied: str) -> None:
    assert affirmed(text, LABELS) == (tuple(heard.split()), tuple(denied.split()))


def test_a_longer_name_hides_the_shorter_one_inside_it() -> None:
    assert affirmed("I hear crying baby, but there is no dog.", LABELS) == (("crying baby",), ("dog",))

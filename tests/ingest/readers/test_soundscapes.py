"""Made scenes: cheap to list, known to the last sound."""

import pytest

from balsa_core.audio import BadAudio
from balsa_core.ingest.readers.soundscapes import PLUGIN
from balsa_core.records import Part
from balsa_core.soundscapes.scenes import make_scene


def test_the_tags_are_what_is_in_the_scene() -> None:
    for entry in PLUGIN.entries(None, "test", {"num_clips": 3}):
        scene = make_scene(int(entry.parts[0].path.rsplit(":", 1)[1]))
        assert sorted(entry.tags) == sorted(scene.tags)


def test_the_splits_share_no_seed() -> None:
    paths = {
        split: {entry.parts[0].path for entry in PLUGIN.entries(None, split, {"num_clips": 1000})}
        for split in PLUGIN.splits
    }
    assert not paths["train"] & paths["test"]


def test_more_clips_add_and_change_none() -> None:
    few, many = (list(PLUGIN.entries(None, "train", {"num_clips": number})) for number in (5, 9))
    assert many[:5] == few


@pytest.mark.parametrize("num", [0, -1, 10**10])
def test_a_number_of_clips_that_cannot_be_is_refused(num: int) -> None:
    with pytest.raises(ValueError, match="wants 1 to"):
        list(PLUGIN.entries(None, "train", {"num_clips": num}))


def test_an_address_of_something_else_is_missing() -> None:
    with pytest.raises(BadAudio):
        PLUGIN.load(None, Part(path="a.wav"))

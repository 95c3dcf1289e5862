import pickle
from pathlib import Path

import numpy as np
import pytest

from balsa_core.artifact import Artifact, Place, new_artifact
from balsa_core.audio import from_pcm
from balsa_core.dataset.build import write_dataset
from balsa_core.dataset.card import Card
from balsa_core.dataset.read import ClipAudio, read_examples
from tests.dataset.things import made_clip, made_example

HEARD = [made_clip(number) for number in range(150)]
CLIPS = [clip for clip, _ in HEARD]
POSITIVE = [made_example(number, CLIPS[number]) for number in range(5)]
JOINT = [made_example(number, CLIPS[number], CLIPS[number + 1], recipe="joint") for number in range(3)]


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Artifact:
    place = Place(str(tmp_path_factory.mktemp("store")), "dataset", "demo", "0123")
    with new_artifact(place) as draft:
        write_dataset(draft.folder, [*POSITIVE, *JOINT], CLIPS, HEARD, Card("demo"))
    return draft.result()


def test_examples_come_back_as_they_went_in(dataset: Artifact) -> None:
    assert read_examples(dataset) == [*JOINT, *POSITIVE]


@pytest.mark.parametrize(
    ("recipes", "wanted"), [(("joint",), JOINT), (("positive", "joint"), [*POSITIVE, *JOINT]), ((), [])]
)
def test_recipes_are_chosen_by_name(dataset: Artifact, recipes: tuple[str, ...], wanted: list) -> None:
    assert read_examples(dataset, recipes) == wanted


def test_an_unknown_recipe_lists_the_known_ones(dataset: Artifact) -> None:
    with pytest.raises(ValueError, match="no examples of negative: choose joint, positive"):
        read_examples(dataset, ["negative"])


def test_an_address_and_a_plain_folder_are_read_alike(dataset: Artifact, tmp_path: Path) -> None:
    write_dataset(tmp_path, [*POSITIVE, *JOINT], CLIPS, HEARD, Card("demo"))
    assert read_examples(dataset.uri) == read_examples(tmp_path) == read_examples(dataset)


def test_a_folder_without_a_dataset_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no dataset"):
        read_examples(tmp_path)


def test_any_clip_is_found_in_any_order(dataset: Artifact) -> None:
    audio = ClipAudio(dataset, groups_in_memory=1)
    for number in np.random.default_rng(0).permutation(150):
        clip, pcm = HEARD[number]
        assert audio.pcm(clip.id) == pcm
        np.testing.assert_array_equal(audio.waveform(clip.id), from_pcm(pcm))
        assert audio.clip(clip.id) == clip
    assert len(audio) == 150
    assert len(audio._groups) == 1


def test_an_unknown_clip_is_named(dataset: Artifact) -> None:
    with pytest.raises(ValueError, match="no clip 'nowhere' among its 150"):
        ClipAudio(dataset).waveform("nowhere")


def test_a_copy_in_another_process_opens_its_own_files(dataset: Artifact) -> None:
    audio = ClipAudio(dataset)
    audio.pcm("made-3")
    copy = pickle.loads(pickle.dumps(audio))
    assert copy._open == {}
    assert copy.pcm("made-149") == HEARD[149][1]

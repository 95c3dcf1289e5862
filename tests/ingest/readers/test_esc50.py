"""ESC-50 as its repository lays it out, and ESC-10 as a flat copy."""

from pathlib import Path

import pytest

from balsa_core.ingest.readers.esc50 import PLUGIN
from tests.ingest.corpora import esc50


def test_train_is_four_folds_and_test_the_fifth(tmp_path: Path) -> None:
    root = esc50(tmp_path).root
    folds = {split: {entry.id[0] for entry in PLUGIN.entries(root, split, {})} for split in PLUGIN.splits}
    assert folds["train"] == {"1", "2", "3", "4"}
    assert folds["test"] == folds["fold5"] == {"5"}
    assert folds["fold2"] == {"2"}
    assert folds["all"] == {"1", "2", "3", "4", "5"}


def test_a_row_becomes_an_entry(tmp_path: Path) -> None:
    knock = list(PLUGIN.entries(esc50(tmp_path).root, "fold1", {}))[1]
    assert (knock.id, knock.tags, knock.group) == ("1-2-A-30", ("door wood knock",), "12")
    assert knock.licence == "CC BY-NC 3.0"
    assert knock.parts[0].path == "audio/1-2-A-30.wav"


def test_the_ten_classes_alone(tmp_path: Path) -> None:
    entries = list(PLUGIN.entries(esc50(tmp_path).root, "all", {"esc10": 1}))
    assert {entry.tags for entry in entries} == {("dog",)}
    assert {entry.licence for entry in entries} == {"CC BY 3.0"}


def test_a_missing_recording_is_an_entry_that_says_so(tmp_path: Path) -> None:
    root = esc50(tmp_path).root
    (tmp_path / "audio" / "1-1-A-0.wav").unlink()
    entries = list(PLUGIN.entries(root, "fold1", {}))
    assert [entry.stamp == "missing" for entry in entries] == [True, False]


@pytest.mark.parametrize(("shipped", "num"), [(True, 2), (False, 1)])
def test_a_recording_that_is_not_part_of_the_copy_is_left_out(tmp_path: Path, shipped: bool, num: int) -> None:
    root = esc50(tmp_path).root
    table = tmp_path / "meta" / "esc50.csv"
    head, first, *rest = table.read_text().splitlines()
    table.write_text("\n".join([f"{head},redistributable", f"{first},no", *(f"{line},yes" for line in rest)]))
    if not shipped:
        (tmp_path / "audio" / "1-1-A-0.wav").unlink()
    assert len(list(PLUGIN.entries(root, "fold1", {}))) == num


def test_another_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "esc50.csv").write_text("a,b\n1,2\n")
    with pytest.raises(ValueError, match="has no column category"):
        list(PLUGIN.entries(str(tmp_path), "train", {}))


def test_a_folder_without_a_table_says_what_it_holds(tmp_path: Path) -> None:
    (tmp_path / "ESC-50-master").mkdir()
    with pytest.raises(ValueError, match=r"wants meta/esc50.csv or .* found ESC-50-master"):
        list(PLUGIN.entries(str(tmp_path), "train", {}))


def test_esc10_has_398_recordings_of_ten_classes(shared: Path) -> None:
    root = str(shared / "data/esc10")
    train, test = (list(PLUGIN.entries(root, split, {})) for split in ("train", "test"))
    assert len(train) + len(test) == 398
    assert len({tag for entry in train for tag in entry.tags}) == 10
    assert not {entry.group for entry in train} & {entry.group for entry in test}
    assert {entry.licence for entry in train + test} == {"CC0", "CC-BY"}
    assert not [entry.id for entry in train + test if entry.stamp == "missing"]

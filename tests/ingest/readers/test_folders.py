"""One folder a class."""

from pathlib import Path

import pytest

from balsa_core.ingest.readers.folders import NOT_AUDIO, PLUGIN
from balsa_core.records import Entry
from tests.sounds import tone, write


def touch(root: Path, *paths: str) -> None:
    """Make empty files."""
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).touch()


def entries(root: Path, split: str = "all", **options: str) -> list[Entry]:
    return list(PLUGIN.entries(str(root), split, options))


def test_the_folder_is_the_tag(tmp_path: Path) -> None:
    touch(tmp_path, "Crackling_Fire/a.wav")
    (entry,) = entries(tmp_path)
    assert (entry.id, entry.tags) == ("Crackling_Fire/a.wav", ("crackling fire",))


def test_hidden_files_and_files_that_say_they_are_no_audio_are_ignored(tmp_path: Path) -> None:
    touch(tmp_path, "dog/a.wav", "dog/.b.wav", ".git/x.wav", "dog/.DS_Store", "dog/notes.TXT", "readme.md")
    assert [entry.id for entry in entries(tmp_path)] == ["dog/a.wav"]
    assert ".txt" in NOT_AUDIO


@pytest.mark.parametrize("name", ["a.m4a", "a.bin", "a", "a.WAV", "a.mp3"])
def test_any_other_file_is_an_entry(tmp_path: Path, name: str) -> None:
    touch(tmp_path, f"dog/{name}")
    assert [entry.id for entry in entries(tmp_path)] == [f"dog/{name}"]


def test_a_file_outside_of_all_classes_is_an_entry_without_tags(tmp_path: Path) -> None:
    touch(tmp_path, "a.wav", "dog/b.wav")
    assert {entry.id: entry.tags for entry in entries(tmp_path)} == {"a.wav": (), "dog/b.wav": ("dog",)}


def test_folders_named_like_splits_are_splits(tmp_path: Path) -> None:
    touch(tmp_path, "train/dog/a.wav", "train/rain/b.wav", "test/dog/a.wav", "val/dog/c.wav")
    assert [entry.id for entry in entries(tmp_path, "train")] == ["train/dog/a.wav", "train/rain/b.wav"]
    assert [(entry.id, entry.tags, entry.split) for entry in entries(tmp_path, "val")] == [
        ("val/dog/c.wav", ("dog",), "val")
    ]
    assert len(entries(tmp_path, "all")) == 4


def test_equal_names_in_two_split_folders_are_two_groups(tmp_path: Path) -> None:
    touch(tmp_path, "train/dog/1.wav", "test/dog/1.wav")
    assert len({entry.group for entry in entries(tmp_path)}) == 2


@pytest.mark.parametrize("other", ["dog", "test"])
def test_a_class_may_be_called_train(tmp_path: Path, other: str) -> None:
    touch(tmp_path, "train/a.wav", f"{other}/b.wav")
    assert {entry.tags for entry in entries(tmp_path)} == {("train",), (other,)}


def test_a_split_without_a_folder_is_refused(tmp_path: Path) -> None:
    touch(tmp_path, "train/dog/a.wav")
    with pytest.raises(ValueError, match="has no split 'test': choose train, all"):
        entries(tmp_path, "test")


def test_a_folder_below_a_class_stays_together(tmp_path: Path) -> None:
    touch(tmp_path, *(f"dog/rex/{number}.wav" for number in range(20)))
    assert {entry.group for entry in entries(tmp_path)} == {"dog/rex"}
    assert len({entry.split for entry in entries(tmp_path)}) == 1


def test_a_pattern_says_what_stays_together(tmp_path: Path) -> None:
    touch(tmp_path, "dog/rex_1.wav", "dog/rex_2.wav", "rain/rex_3.wav")
    assert {entry.group for entry in entries(tmp_path, group=r"([^/_]+)_[0-9]+[.]wav$")} == {"rex"}


@pytest.mark.parametrize("pattern", ["rex", "(ben)"])
def test_a_pattern_without_a_match_is_refused(tmp_path: Path, pattern: str) -> None:
    touch(tmp_path, "dog/rex_1.wav")
    with pytest.raises(ValueError, match=r"has no bracket that matches in dog/rex_1[.]wav"):
        entries(tmp_path, group=pattern)


def test_about_one_group_in_five_is_test_and_a_new_file_moves_no_other(tmp_path: Path) -> None:
    touch(tmp_path, *(f"dog/{number}.wav" for number in range(500)))
    before = {entry.id: entry.split for entry in entries(tmp_path)}
    assert 0.15 < sum(split == "test" for split in before.values()) / 500 < 0.25
    touch(tmp_path, "cat/new.wav")
    after = {entry.id: entry.split for entry in entries(tmp_path)}
    assert all(after[entry_id] == split for entry_id, split in before.items())


def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "dog"
    folder.mkdir()
    (folder / "caf\udce9.wav").touch()
    with pytest.raises(ValueError, match="rename it"):
        entries(tmp_path)


def test_umlauts_and_spaces_are_text(tmp_path: Path) -> None:
    write(tmp_path / "Hund bellt" / "Größe 1.wav", tone())
    (entry,) = entries(tmp_path)
    assert len(PLUGIN.load(str(tmp_path), entry.parts[0])) == 8000

"""Folders that appear at once, on a local disk and on S3."""

import threading
from pathlib import Path

import pytest
from upath import UPath

from balsa_core import storage
from balsa_core.storage import MANIFEST, AlreadyPublished, discard, is_local, locate, publish, stage_folder, stamp


def staged_with(store: UPath, text: str) -> Path:
    """A staged folder with one file."""
    folder = stage_folder(store)
    (folder / "data").mkdir()
    (folder / "data" / "part.txt").write_text(text)
    return folder


def published_text(target: UPath) -> str:
    """The text of the one file below a published folder."""
    (path,) = [path for path in target.rglob("*.txt") if path.is_file()]
    return path.read_text()


def test_a_relative_path_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert locate("here") == UPath(tmp_path / "here")


def test_a_file_address_is_a_local_path(tmp_path: Path) -> None:
    found = locate(f"file://{tmp_path}/x")
    assert is_local(found)
    assert found == locate(tmp_path / "x")


def test_an_s3_address_stays_what_it_is(bucket: str) -> None:
    assert str(locate(f"{bucket}/a/b")) == f"{bucket}/a/b"
    assert not is_local(locate(f"{bucket}/a"))


def test_a_missing_file_has_no_stamp(store: str) -> None:
    with pytest.raises(FileNotFoundError):
        stamp(locate(store) / "nothing")


def test_a_stamp_says_the_size(store: str) -> None:
    file = locate(store) / "x.txt"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("four")
    assert stamp(file).size_bytes == 4


def test_a_published_folder_has_its_files_and_its_manifest(store: str) -> None:
    target = locate(store) / "step" / "key"
    publish(staged_with(locate(store), "hello"), target, b"{}")
    assert (target / MANIFEST).read_bytes() == b"{}"
    assert published_text(target) == "hello"


def test_the_second_writer_is_told_and_changes_nothing(store: str) -> None:
    target = locate(store) / "step" / "key"
    publish(staged_with(locate(store), "first"), target, b"1")
    with pytest.raises(AlreadyPublished):
        publish(staged_with(locate(store), "second"), target, b"2")
    assert (target / MANIFEST).read_bytes() == b"1"
    assert published_text(target) == "first"


def test_of_many_writers_at_once_one_wins_and_nothing_is_mixed(store: str) -> None:
    target = locate(store) / "step" / "key"
    staged = [staged_with(locate(store), f"writer {n}") for n in range(6)]
    start, won = threading.Barrier(len(staged)), []

    def write(number: int) -> None:
        start.wait()
        try:
            publish(staged[number], target, f"writer {number}".encode())
        except AlreadyPublished:
            return
        won.append(f"writer {number}")

    threads = [threading.Thread(target=write, args=(number,)) for number in range(len(staged))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(won) == 1
    assert (target / MANIFEST).read_text() == won[0] == published_text(target)


def test_what_a_killed_writer_left_is_replaced(store: str) -> None:
    target = locate(store) / "step" / "key"
    target.mkdir(parents=True, exist_ok=True)
    (target / "half.txt").write_text("half")
    publish(staged_with(locate(store), "whole"), target, b"{}")
    assert (target / MANIFEST).exists()
    if is_local(target):  # on S3 each writer has a folder of its own, the old file is never looked at
        assert published_text(target) == "whole"


def test_a_folder_finished_at_the_last_moment_is_put_back(tmp_path: Path) -> None:
    target = locate(tmp_path / "step" / "key")
    publish(staged_with(locate(tmp_path), "other"), target, b"other")
    storage._clear(Path(target))  # what a writer does who saw no manifest a moment ago
    assert (target / MANIFEST).read_bytes() == b"other"
    assert published_text(target) == "other"


def test_a_discarded_folder_is_gone_and_its_place_is_free(store: str) -> None:
    target = locate(store) / "step" / "key"
    first = staged_with(locate(store), "first")
    publish(first, target, b"1")
    discard(target, "" if is_local(target) else first.name)
    assert not (target / MANIFEST).exists()
    publish(staged_with(locate(store), "second"), target, b"2")
    assert published_text(target) == "second"


def test_discarding_on_s3_leaves_the_files_of_a_writer_at_work(bucket: str) -> None:
    target = locate(bucket) / "key"
    first = staged_with(locate(bucket), "first")
    publish(first, target, b"1")
    (target / "balsa-other" / "part.txt").write_text("half")
    discard(target, first.name)
    assert published_text(target) == "half"


def test_a_file_that_another_process_wrote_is_seen(bucket: str) -> None:
    from s3fs import S3FileSystem

    folder = locate(bucket) / "folder"
    (folder / "one").write_text("1")
    assert [path.name for path in folder.iterdir()] == ["one"]
    other = S3FileSystem(skip_instance_cache=True)
    other.pipe_file(f"{folder.path}/two", b"2")
    assert (folder / "two").exists()
    assert sorted(path.name for path in folder.iterdir()) == ["one", "two"]

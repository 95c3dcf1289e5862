"""Files below a root: which, how old, and what is in one."""

from pathlib import Path

import numpy as np
import pytest
from upath import UPath

from balsa_core.audio import BadAudio
from balsa_core.ingest.files import MISSING, Stamps, find_file, list_files, load_file, resolve
from balsa_core.records import Part
from balsa_core.storage import locate
from tests.sounds import encode, hiss, write


def reason_of(root: Path | str, path: str) -> str:
    with pytest.raises(BadAudio) as caught:
        load_file(str(root), Part(path=path))
    return caught.value.reason


def test_files_are_listed_by_relative_path_in_order(store: str) -> None:
    root = locate(store)
    for name in ("b/2.wav", "a/1.wav", "a/.hidden.wav", ".git/x", "c.txt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"1234")
    assert {path: found.size_bytes for path, found in list_files(root).items()} == {
        "a/1.wav": 4,
        "b/2.wav": 4,
        "c.txt": 4,
    }
    assert list(list_files(root)) == ["a/1.wav", "b/2.wav", "c.txt"]


def test_a_stamp_changes_with_the_size_and_with_the_time(tmp_path: Path) -> None:
    import os

    file = tmp_path / "a.wav"
    file.write_bytes(b"1234")
    os.utime(file, (1000, 1000))
    first = Stamps(locate(tmp_path)).of("a.wav")
    os.utime(file, (1001, 1001))
    second = Stamps(locate(tmp_path)).of("a.wav")
    file.write_bytes(b"12345")
    os.utime(file, (1001, 1001))
    assert len({first, second, Stamps(locate(tmp_path)).of("a.wav")}) == 3
    assert first == "4@1000.000000"


@pytest.mark.parametrize("path", ["nothing.wav", "a.wav/b.wav", "", ".", "x" * 300, "nowhere/a.wav"])
def test_what_is_no_file_is_missing(store: str, path: str) -> None:
    root = locate(store)
    root.mkdir(parents=True, exist_ok=True)
    (root / "a.wav").write_bytes(b"1234")
    assert Stamps(root).of(path) == MISSING
    assert reason_of(store, path) == "missing"


def test_a_remote_folder_is_listed_once(bucket: str, monkeypatch: pytest.MonkeyPatch) -> None:
    root = locate(bucket)
    for number in range(5):
        (root / "audio" / f"{number}.wav").write_bytes(b"1234")
    stamps = Stamps(root)
    asked: list[str] = []
    real_ls = root.fs.ls
    monkeypatch.setattr(root.fs, "ls", lambda path, **kwargs: asked.append(path) or real_ls(path, **kwargs))
    assert all(stamps.of(f"audio/{number}.wav").startswith("4@") for number in range(5))
    assert stamps.of("audio/9.wav") == MISSING
    assert len(asked) == 1


def test_a_file_that_may_not_be_read_stops_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path / "a.wav", hiss())

    def refuse(*args: object, **kwargs: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(PermissionError):
        load_file(str(tmp_path), Part(path="a.wav"))


def test_a_path_with_a_nul_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="is no path"):
        resolve(locate(tmp_path), "a\0.wav")


def test_a_path_may_be_an_address_elsewhere(tmp_path: Path, bucket: str) -> None:
    (locate(bucket) / "a.wav").write_bytes(encode(hiss()))
    assert Stamps(locate(tmp_path)).of(f"{bucket}/a.wav") != MISSING
    assert load_file(str(tmp_path), Part(path=f"{bucket}/a.wav")).shape == (8000,)


@pytest.mark.parametrize("suffix", [".wav", ".flac", ".ogg", ".mp3"])
def test_a_file_reads_alike_here_and_on_s3(tmp_path: Path, bucket: str, suffix: str) -> None:
    file = write(tmp_path / f"a{suffix}", hiss(1, 1.0))
    (locate(bucket) / file.name).write_bytes(file.read_bytes())
    part = Part(path=file.name, start_s=0.25, end_s=0.75)
    assert np.array_equal(load_file(str(tmp_path), part), load_file(bucket, part))


@pytest.mark.parametrize("data", [b"", b"RIFF"])
def test_a_file_without_sound_has_its_reason(store: str, data: bytes) -> None:
    root = locate(store)
    root.mkdir(parents=True, exist_ok=True)
    (root / "a.wav").write_bytes(data)
    assert reason_of(store, "a.wav") == ("unreadable" if data else "empty")


def test_the_first_of_several_names_is_found(tmp_path: Path) -> None:
    (tmp_path / "b.csv").touch()
    assert find_file(UPath(tmp_path), ("a.csv", "b.csv"), "test") == UPath(tmp_path / "b.csv")
    with pytest.raises(ValueError, match=r"test wants x.csv or y.csv in .*, found b.csv"):
        find_file(UPath(tmp_path), ("x.csv", "y.csv"), "test")

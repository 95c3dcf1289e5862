"""One path type for local folders and s3://, and how a finished folder appears there at once.

Paths are `UPath`s, so callers use the methods of pathlib. Credentials and endpoints of S3 are those of the usual
AWS_* variables, which s3fs reads itself.
"""

import shutil
import tempfile
import uuid
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TypeGuard

from upath import UPath
from upath.implementations.local import FilePath, PosixUPath

MANIFEST = "manifest.json"
STAGING = ".staging"


class AlreadyPublished(Exception):
    """Another writer finished the same folder first; its work stands and ours is discarded."""


@dataclass(frozen=True)
class Stamp:
    """Size in bytes and time of the last change in seconds."""

    size_bytes: int
    changed_s: float


def locate(uri: str | Path | UPath) -> UPath:
    """The path of a local folder or an s3:// address; a local one is made absolute."""
    path = UPath(uri)
    if isinstance(path, FilePath):  # file://
        path = UPath(path.path)
    if is_local(path):
        return UPath(path.absolute())
    # Listings are not kept: another process may have published since.
    return UPath(path, use_listings_cache=False)


def is_local(path: UPath | Path) -> TypeGuard[PosixUPath]:
    """Whether the path is on a file system of this machine."""
    return isinstance(path, (PosixUPath, Path))


def stamp(path: UPath) -> Stamp:
    """Size and time of a file; FileNotFoundError when it is not there."""
    found = path.stat()
    return Stamp(size_bytes=found.st_size, changed_s=found.st_mtime)


def stage_folder(store: UPath) -> Path:
    """A new local folder to write in: beside its goal when that is local, else in the temporary folder."""
    if not is_local(store):
        return Path(tempfile.mkdtemp(prefix="balsa-"))
    folder = Path(store) / STAGING / uuid.uuid4().hex
    folder.mkdir(parents=True)
    return folder


def publish(staged: Path, target: UPath, manifest: bytes) -> None:
    """Move a staged folder to `target` with its manifest last; AlreadyPublished when another writer was first.

    Local: the manifest is written into the staged folder, which is then renamed. S3: the files go to a folder of
    their own, named after the staged one, and the manifest is created only if there is none yet.
    """
    if is_local(target):
        (staged / MANIFEST).write_bytes(manifest)
        _rename(staged, Path(target))
    else:
        _upload(staged, target, manifest)


def data_folder(staged: Path, target: UPath) -> str:
    """Where, below `target`, the files of a staged folder will lie: "" or a folder of this writer."""
    return "" if is_local(target) else staged.name


def fetch(folder: UPath) -> Path:
    """A folder as a local one: itself, or a fresh copy from S3 in the temporary folder."""
    if is_local(folder):
        return Path(folder)
    copy = tempfile.mkdtemp(prefix="balsa-")
    folder.fs.get(f"{folder.path.rstrip('/')}/", f"{copy}/", recursive=True)
    return Path(copy)


def discard(target: UPath, folder: str) -> None:
    """Take a published folder away; `folder` is its `data_folder`, so that nothing of another writer is touched."""
    if is_local(target):
        shutil.rmtree(_move_aside(Path(target)), ignore_errors=True)
        return
    (target / MANIFEST).unlink(missing_ok=True)
    data = target / folder
    if folder and data.exists():
        data.fs.rm(data.path, recursive=True)


def _rename(staged: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists() and not (target / MANIFEST).exists():
        _clear(target)
    try:
        staged.rename(target)
    except OSError as exc:
        if (target / MANIFEST).exists():
            raise AlreadyPublished(str(target)) from exc
        raise


def _clear(target: Path) -> None:
    """Remove a folder that was never finished; one that was finished this moment is put back."""
    aside = _move_aside(target)
    if (aside / MANIFEST).exists():
        with suppress(OSError):  # yet another writer has finished: its work stands
            aside.rename(target)
    shutil.rmtree(aside, ignore_errors=True)


def _move_aside(target: Path) -> Path:
    """Rename a folder, so that nobody sees half of it removed; returns where it is, if it was there."""
    aside = target.with_name(f".{uuid.uuid4().hex}")
    with suppress(FileNotFoundError):  # another writer was faster
        target.rename(aside)
    return aside


def _upload(staged: Path, target: UPath, manifest: bytes) -> None:
    folder = target / staged.name
    for path in sorted(staged.rglob("*")):
        if path.is_file():
            target.fs.put_file(str(path), (folder / path.relative_to(staged).as_posix()).path)
    try:
        target.fs.pipe_file((target / MANIFEST).path, manifest, mode="create")
    except FileExistsError as exc:
        target.fs.rm(folder.path, recursive=True)
        raise AlreadyPublished(str(target)) from exc

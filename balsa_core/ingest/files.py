"""Which files lie below a corpus root, how old they are, and the sound in one of them.

A root is a local folder or an s3:// address. The path of a file is relative to it, absolute, or an address.
"""

import errno
import mmap
import stat
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from upath import UPath

from balsa_core.audio import BadAudio, Waveform, decode
from balsa_core.records import Part
from balsa_core.storage import Stamp, is_local, locate

MISSING = "missing"  # the stamp of a file that is not there
NO_SUCH_FILE = {errno.ENOENT, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG}


def find_root(root: str | None, reader: str) -> UPath:
    """The folder of a corpus; ValueError when none is named or it does not exist."""
    if root is None:
        raise ValueError(f"{reader} reads files: say where with root, a folder or an s3:// address")
    folder = locate(root)
    if not folder.is_dir():
        raise ValueError(f"{reader} found no folder at {folder}")
    return folder


def find_file(folder: UPath, names: Sequence[str], reader: str) -> UPath:
    """The first of `names` that exists; ValueError says what the folder holds instead."""
    for name in names:
        if (folder / name).is_file():
            return folder / name
    found = ", ".join(sorted(path.name for path in folder.iterdir())[:10]) or "nothing"
    raise ValueError(f"{reader} wants {' or '.join(names)} in {folder}, found {found}")


def list_files(folder: UPath) -> dict[str, Stamp]:
    """All files below a folder by relative path, in order; hidden files and folders are left out."""
    if is_local(folder):
        paths = {path.relative_to(folder).as_posix(): _local_stamp(path) for path in Path(folder).rglob("*")}
        found = {path: known for path, known in paths.items() if known is not None}
    else:
        facts: Any = folder.fs.find(folder.path, detail=True)
        prefix = len(folder.path.rstrip("/")) + 1
        found = {path[prefix:]: _remote_stamp(info) for path, info in facts.items()}
    shown = sorted(path for path in found if not any(name.startswith(".") for name in path.split("/")))
    for path in shown:
        if not path.isprintable():  # among them names that are no UTF-8, which no table can hold
            raise ValueError(f"{path!r} below {folder} has characters that are no text: rename it")
    return {path: found[path] for path in shown}


class Stamps:
    """The stamps of a corpus's files as text. A remote folder is listed once, and not asked for each file."""

    def __init__(self, root: UPath) -> None:
        self.root = root
        self.listings: dict[str, dict[str, Stamp]] = {}

    def of(self, path: str) -> str:
        """Size and time of a file, or MISSING."""
        file = resolve(self.root, path)
        found = _local_stamp(Path(file)) if is_local(file) else self._remote(file)
        return MISSING if found is None else stamp_text(found)

    def _remote(self, path: UPath) -> Stamp | None:
        folder = str(path.parent)
        if folder not in self.listings:
            self.listings[folder] = _list_remote_folder(path.parent)
        return self.listings[folder].get(path.name)


def stamp_text(found: Stamp) -> str:
    """A stamp as text."""
    return f"{found.size_bytes}@{found.changed_s:.6f}"


def resolve(root: UPath, path: str) -> UPath:
    """Where a part's path leads; ValueError for one that can't be a path."""
    if "\0" in path:
        raise ValueError(f"{path!r} is no path")
    return locate(path) if "://" in path else root / path


def load_file(root: str | None, part: Part) -> Waveform:
    """The sound of a part that is a file; BadAudio says why there is none."""
    assert root is not None
    if not part.path:
        raise BadAudio("missing", "the corpus names no file")
    file = resolve(locate(root), part.path)
    try:
        if not is_local(file):
            return decode(file.read_bytes(), part.start_s, part.end_s)
        return _load_local(Path(file), part)
    except OSError as exc:
        # Other errors (no permission, no network) are not the file's fault: they stop the run.
        if exc.errno in NO_SUCH_FILE or isinstance(exc, FileNotFoundError):
            raise BadAudio("missing", f"no file at {part.path}") from exc
        raise


def _load_local(path: Path, part: Part) -> Waveform:
    """Mapped, not read: a span of a long recording costs what the span costs."""
    with path.open("rb") as file:
        if path.stat().st_size == 0:
            raise BadAudio("empty", "the file has no bytes")
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            return decode(data, part.start_s, part.end_s)


def _local_stamp(path: Path) -> Stamp | None:
    try:
        facts = path.stat()
    except OSError as exc:
        if exc.errno in NO_SUCH_FILE:
            return None
        raise
    return Stamp(size_bytes=facts.st_size, changed_s=facts.st_mtime) if stat.S_ISREG(facts.st_mode) else None


def _list_remote_folder(folder: UPath) -> dict[str, Stamp]:
    try:
        infos = folder.fs.ls(folder.path, detail=True)
    except FileNotFoundError:
        return {}
    return {info["name"].rsplit("/", 1)[1]: _remote_stamp(info) for info in infos if info["type"] == "file"}


def _remote_stamp(info: Mapping[str, Any]) -> Stamp:
    return Stamp(size_bytes=info["size"], changed_s=info["LastModified"].timestamp())

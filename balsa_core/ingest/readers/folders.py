"""One folder a class: `dog/rex.wav` is a recording of a dog.

Where folders on top are named like splits (`train/dog/rex.wav`), they are the splits; else one group in five is test.
Folders below a class stay together (`dog/rex/1.wav`, group "dog/rex"). Option group, a regular expression on the path
of a file whose first bracket is the group, says otherwise: `group=([^/_]+)_[0-9]+[.]wav$`.

Every file is an entry, except hidden ones and those of NOT_AUDIO; one that is no sound is rejected as unreadable, one
outside of all class folders for having no metadata.
"""

import re
from collections.abc import Collection, Iterator
from pathlib import PurePosixPath

from balsa_core.audio import Waveform
from balsa_core.ingest.files import find_root, list_files, load_file, stamp_text
from balsa_core.ingest.readers import Options
from balsa_core.ingest.splits import HASH_SPLITS, refuse_options, refuse_split, split_of
from balsa_core.labels import canonical_label
from balsa_core.records import Entry, Part

# fmt: off
NOT_AUDIO = frozenset((
    ".bib", ".cfg", ".csv", ".db", ".doc", ".docx", ".gif", ".html", ".ini", ".jams", ".jpeg", ".jpg", ".json",
    ".jsonl", ".lab", ".log", ".md", ".npy", ".npz", ".parquet", ".pdf", ".pkl", ".png", ".py", ".rst", ".sh",
    ".sha256", ".srt", ".svg", ".textgrid", ".toml", ".tsv", ".txt", ".vtt", ".xls", ".xlsx", ".xml", ".yaml", ".yml",
))
# fmt: on
SPLIT_FOLDERS = frozenset(("train", "test", "val", "valid", "validation", "dev", "eval"))


class Folders:
    """Recordings sorted into folders by what is heard in them."""

    name = "folders"
    version = "1"
    licence = "that of your recordings"
    citation = "none"
    splits = (*HASH_SPLITS, "all")

    def identity(self) -> str:
        """`name@version`."""
        return f"{self.name}@{self.version}"

    def entries(self, root: str | None, split: str, options: Options) -> Iterator[Entry]:
        """The files of a split, sorted by path."""
        refuse_options(self.name, options, ("group",))
        folder = find_root(root, self.name)
        files = {path: found for path, found in list_files(folder).items() if _may_be_audio(path)}
        if not files:
            raise ValueError(f"{self.name} found no sound file below {folder}: wants one folder a class")
        own_splits = _split_folders(files)
        refuse_split(self.name, split, (*(own_splits or HASH_SPLITS), "all"))
        pattern = re.compile(str(options["group"])) if "group" in options else None
        for path, found in files.items():
            group = _group(path, pattern, 2 if own_splits else 1)
            own_split = path.split("/")[0] if own_splits else split_of(group)
            if split in ("all", own_split):
                yield _entry(path, own_split, group, bool(own_splits), stamp_text(found))

    def load(self, root: str | None, part: Part) -> Waveform:
        """One file."""
        return load_file(root, part)


def _split_folders(files: Collection[str]) -> tuple[str, ...]:
    """The folders on top, when all are named like splits and train is one that holds folders."""
    tops = {path.split("/")[0] for path in files if "/" in path}
    with_folders = {path.split("/")[0] for path in files if path.count("/") > 1}
    return tuple(sorted(tops)) if "train" in with_folders and tops <= SPLIT_FOLDERS else ()


def _entry(path: str, split: str, group: str, in_split_folder: bool, stamp: str) -> Entry:
    folders = path.split("/")[1 if in_split_folder else 0 : -1]
    return Entry(
        id=path,
        corpus=Folders.name,
        split=split,
        parts=(Part(path=path),),
        tags=(canonical_label(folders[0]),) if folders else (),
        group=group,
        stamp=stamp,
    )


def _group(path: str, pattern: re.Pattern[str] | None, class_depth: int) -> str:
    if pattern is None:
        return path.rpartition("/")[0] if path.count("/") > class_depth else path
    found = pattern.search(path)
    if found is None or not found.groups() or found.group(1) is None:
        raise ValueError(f"option group: {pattern.pattern!r} has no bracket that matches in {path}")
    return found.group(1)


def _may_be_audio(path: str) -> bool:
    return PurePosixPath(path).suffix.lower() not in NOT_AUDIO


PLUGIN = Folders()

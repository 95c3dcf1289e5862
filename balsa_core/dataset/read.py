"""A dataset in, its examples and the audio of any clip out."""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from upath import UPath

from balsa_core.artifact import Artifact
from balsa_core.audio import Waveform, from_pcm
from balsa_core.clips import PCM
from balsa_core.dataset.build import CLIPS, EXAMPLES
from balsa_core.manifest import read_manifest
from balsa_core.records import Clip, Example, from_table, schema_of
from balsa_core.storage import MANIFEST, locate

GROUPS_IN_MEMORY = 8  # row groups of 64 clips: 160 MB for 10 s each


class Address(NamedTuple):
    """Where a clip lies: which file, which row group, which row of it."""

    part: int
    group: int
    row: int


def read_examples(dataset: Artifact | str | Path, recipes: Iterable[str] | None = None) -> list[Example]:
    """The examples of some recipes (by name, without version), in the order of the names; None: of all, by name.

    ValueError when a recipe has no examples.
    """
    files = sorted((dataset_folder(dataset) / EXAMPLES).glob("*.parquet"))
    known = sorted({_recipe_of(file) for file in files})
    wanted = known if recipes is None else list(recipes)
    missing = [recipe for recipe in wanted if recipe not in known]
    if missing:
        raise ValueError(f"the dataset has no examples of {', '.join(missing)}: choose {', '.join(known)}")
    return [row for recipe in wanted for file in files if _recipe_of(file) == recipe for row in _read(file)]


def dataset_folder(dataset: Artifact | str | Path) -> UPath:
    """Where the files of a dataset lie: of an artifact, or of a plain folder in the same layout."""
    path = locate(dataset.uri if isinstance(dataset, Artifact) else dataset)
    if (path / MANIFEST).exists():
        return path / read_manifest(path)["folder"]
    if not (path / EXAMPLES).exists():
        raise ValueError(f"{path} is no dataset: it has neither {MANIFEST} nor a folder {EXAMPLES!r}")
    return path


@dataclass
class ClipAudio:
    """Random access to clips by id. A copy in another process opens its own files.

    dataset: an artifact, its address, or a folder.
    """

    dataset: Artifact | str | Path
    groups_in_memory: int = GROUPS_IN_MEMORY
    _parts: list[UPath] = field(init=False, repr=False)
    _clips: dict[str, Clip] = field(init=False, repr=False)
    _addresses: dict[str, Address] = field(init=False, repr=False)
    _open: dict[int, Any] = field(init=False, repr=False, default_factory=dict)
    _groups: OrderedDict[tuple[int, int], pa.ChunkedArray] = field(init=False, repr=False, default_factory=OrderedDict)

    def __post_init__(self) -> None:
        self._parts = sorted((dataset_folder(self.dataset) / CLIPS).glob("*.parquet"))
        self._clips, self._addresses = {}, {}
        for part in range(len(self._parts)):
            file = self._file(part)
            clips = from_table(file.read(columns=schema_of(Clip).names), Clip)
            self._clips |= {clip.id: clip for clip in clips}
            self._addresses |= dict(zip((clip.id for clip in clips), _addresses(part, file), strict=True))

    def __len__(self) -> int:
        return len(self._clips)

    def clip(self, clip_id: str) -> Clip:
        """The record of a clip; ValueError when the dataset has none of this id."""
        if clip_id not in self._clips:
            raise ValueError(f"the dataset has no clip {clip_id!r} among its {len(self)} clips")
        return self._clips[clip_id]

    def waveform(self, clip_id: str) -> Waveform:
        """The audio of a clip: mono float32 in [-1, 1] at RATE_HZ."""
        return from_pcm(self.pcm(clip_id))

    def pcm(self, clip_id: str) -> bytes:
        """The 16-bit PCM of a clip."""
        self.clip(clip_id)
        part, group, row = self._addresses[clip_id]
        return self._group(part, group)[row].as_py()

    def _group(self, part: int, group: int) -> pa.ChunkedArray:
        """The audio of a row group; those used last stay in memory."""
        key = (part, group)
        if key not in self._groups:
            self._groups[key] = self._file(part).read_row_group(group, columns=[PCM])[PCM]
        self._groups.move_to_end(key)
        while len(self._groups) > self.groups_in_memory:
            self._groups.popitem(last=False)
        return self._groups[key]

    def _file(self, part: int) -> pq.ParquetFile:
        if part not in self._open:
            self._open[part] = pq.ParquetFile(self._parts[part].open("rb"))
        return self._open[part]

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_open": {}, "_groups": OrderedDict()}


def _addresses(part: int, file: pq.ParquetFile) -> list[Address]:
    sizes = [file.metadata.row_group(group).num_rows for group in range(file.metadata.num_row_groups)]
    return [Address(part, group, row) for group, size in enumerate(sizes) for row in range(size)]


def _recipe_of(file: UPath) -> str:
    return file.name.rsplit("-", 1)[0]


def _read(file: UPath) -> Sequence[Example]:
    with file.open("rb") as opened:
        return from_table(pq.read_table(opened), Example)

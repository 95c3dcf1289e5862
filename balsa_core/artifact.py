"""What one step hands to the next: a folder with a manifest, known by the digest of its content.

`new_artifact` stages the files aside and publishes them at once, manifest last: no manifest means not there. An
Artifact that is unpickled (a cache hit, another process) is opened again, so a missing or changed file is found then.
The digest covers the content of the files only. Times, speeds and places are in the manifest and not in the digest.
"""

import json
import logging
import shutil
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from upath import UPath

from balsa_core.identity import canonical
from balsa_core.manifest import FORMAT, ArtifactError, content_digest, describe_files, read_manifest, verify_files
from balsa_core.records import Record, Reject, from_table, to_table
from balsa_core.storage import (
    AlreadyPublished,
    data_folder,
    discard,
    fetch,
    locate,
    publish,
    stage_folder,
)

logger = logging.getLogger(__name__)

PUBLISH_ATTEMPTS = 3
ROWS_PER_GROUP = 64  # 64-clip row groups: 3.7 ms a random read against 52.7 ms for one group of 600


@dataclass(frozen=True)
class Place:
    """Where an artifact lives: <store>/<step>/<name>/<fingerprint>."""

    store: str
    step: str
    name: str
    fingerprint: str

    @property
    def path(self) -> UPath:
        """The folder."""
        return locate(self.store) / self.step / self.name / self.fingerprint


@dataclass(frozen=True)
class Artifact:
    """The finished output of a step: where it is, what it is, how many rows, and what it was made from."""

    uri: str
    digest: str
    rows: int
    parents: tuple[str, ...] = ()

    def identity(self) -> str:
        """The digest: two artifacts with the same content are the same."""
        return self.digest

    def __reduce__(self) -> tuple[Any, ...]:
        return open_artifact, (self.uri, self.digest)

    @property
    def manifest(self) -> dict[str, Any]:
        """Configuration, inputs, versions, counts and files."""
        return read_manifest(locate(self.uri))

    def path(self, file: str) -> UPath:
        """The path of one of its files."""
        return locate(self.uri) / self.manifest["folder"] / file

    def local_folder(self) -> Path:
        """Its files in a local folder: where they lie, or a copy of what lies on S3 in the temporary folder."""
        return fetch(locate(self.uri) / self.manifest["folder"])

    def inputs(self) -> list["Artifact"]:
        """The artifacts it was made from, opened in the same store."""
        store = locate(self.uri).parent.parent.parent
        return [open_artifact(str(store / entry["place"]), entry["digest"]) for entry in self.manifest["inputs"]]

    def table(self, name: str, columns: Sequence[str] | None = None) -> pa.Table:
        """One of its tables, whole."""
        with self.path(f"{name}.parquet").open("rb") as file:
            return pq.read_table(file, columns=None if columns is None else list(columns))

    def records(self, name: str, record: type[Record]) -> list[Record]:
        """One of its tables as records; columns that are no field of the record (audio) are not read."""
        return from_table(self.table(name, list(record.__dataclass_fields__)), record)


@dataclass
class Draft:
    """An artifact in the making: write files into `folder`, count what was kept and rejected."""

    folder: Path
    rows: int = 0
    rejected: Counter[str] = field(default_factory=Counter)
    notes: dict[str, Any] = field(default_factory=dict)  # measurements: in the manifest, not in the digest
    artifact: Artifact | None = None

    def write(self, name: str, rows: Iterable[Any], record: type[Any]) -> int:
        """Write records as `<name>.parquet`; returns how many."""
        table = to_table(rows, record)
        pq.write_table(table, self.folder / f"{name}.parquet", compression="zstd")
        return table.num_rows

    def keep(self, name: str, rows: Iterable[Any], record: type[Any]) -> None:
        """Write the records that passed: they are the rows of the artifact."""
        self.rows += self.write(name, rows, record)

    def reject(self, rows: Iterable[Reject]) -> None:
        """Write the rows that did not pass, with their reasons."""
        rows = list(rows)
        self.write("rejects", rows, Reject)
        self.rejected.update(row.reason for row in rows)

    def result(self) -> Artifact:
        """The published artifact; only after the `with` block ended well."""
        assert self.artifact is not None
        return self.artifact


@contextmanager
def new_artifact(
    place: Place,
    *,
    inputs: Sequence[Artifact] = (),
    config: Mapping[str, Any] | None = None,
    code: Mapping[str, str] | None = None,
) -> Iterator[Draft]:
    """A draft that is published when the block ends, or vanishes when it raises."""
    target, started = place.path, time.time()
    staged = stage_folder(locate(place.store))
    draft = Draft(folder=staged)
    try:
        yield draft
        files = describe_files(staged)
        manifest = {
            "format": FORMAT,
            "place": f"{place.step}/{place.name}/{place.fingerprint}",
            "digest": content_digest(place.step, files),
            "rows": draft.rows,
            "rejected": dict(sorted(draft.rejected.items())),
            "config": canonical(config or {}),
            "inputs": [{"place": item.manifest["place"], "digest": item.digest} for item in inputs],
            "code": dict(code or {}),
            "folder": data_folder(staged, target),
            "files": files,
            "notes": draft.notes | {"seconds": round(time.time() - started, 3)},
        }
        _publish_or_yield(staged, target, manifest)
        draft.artifact = open_artifact(str(target), manifest["digest"])
    finally:
        shutil.rmtree(staged, ignore_errors=True)


def open_artifact(uri: str, digest: str | None = None) -> Artifact:
    """The artifact at `uri`; ArtifactError when it is missing, changed, or not the one of `digest`.

    Sizes are always checked. The content is hashed for files that changed after the manifest was written.
    """
    path = locate(uri)
    manifest = read_manifest(path)
    if digest is not None and manifest["digest"] != digest:
        raise ArtifactError(f"{uri} holds digest {manifest['digest']}, wanted {digest}: it was made anew")
    verify_files(path, manifest)
    parents = tuple(entry["digest"] for entry in manifest["inputs"])
    return Artifact(uri=str(path), digest=manifest["digest"], rows=manifest["rows"], parents=parents)


def _publish_or_yield(staged: Path, target: UPath, manifest: dict[str, Any]) -> None:
    """Publish, or take over the digest of the writer who was first; damaged work of another is replaced."""
    text = json.dumps(manifest, indent=1, sort_keys=True).encode()
    for _ in range(PUBLISH_ATTEMPTS):
        try:
            publish(staged, target, text)
            return
        except AlreadyPublished:
            if (found := _sound_digest(target)) is not None:
                manifest["digest"] = found
                return
    raise ArtifactError(f"{target} could not be published: other writers keep leaving it damaged")


def _sound_digest(target: UPath) -> str | None:
    """The digest of a published artifact; a damaged one is removed."""
    try:
        return open_artifact(str(target)).digest
    except ArtifactError as exc:
        logger.warning("%s was damaged and is made anew: %s", target, exc)
    try:
        folder = read_manifest(target)["folder"]
    except ArtifactError:
        folder = ""
    discard(target, folder)
    return None

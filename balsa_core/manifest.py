"""What a finished folder holds, as its manifest says, and whether it still does."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from upath import UPath

from balsa_core.identity import fingerprint, sha256_file
from balsa_core.storage import MANIFEST, is_local, stamp

FORMAT = 1


class ArtifactError(ValueError):
    """An artifact is missing or is not what its manifest says. The cache answers by computing it again."""


def describe_files(folder: Path) -> dict[str, dict[str, Any]]:
    """Digest and size of each file below a local folder."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    return {
        path.relative_to(folder).as_posix(): {"sha256": sha256_file(path), "size_bytes": path.stat().st_size}
        for path in paths
    }


def content_digest(step: str, files: Mapping[str, Mapping[str, Any]]) -> str:
    """What an artifact is: its step, and the names and content of its files."""
    return fingerprint({"step": step, "files": {name: facts["sha256"] for name, facts in files.items()}})


def read_manifest(path: UPath) -> dict[str, Any]:
    """The manifest of a folder; ArtifactError when there is none or it can't be read."""
    try:
        manifest = json.loads((path / MANIFEST).read_bytes())
    except FileNotFoundError as exc:
        raise ArtifactError(f"no finished artifact at {path}: it has no {MANIFEST}") from exc
    except ValueError as exc:
        raise ArtifactError(f"{path / MANIFEST} is damaged: {exc}") from exc
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ArtifactError(f"{path / MANIFEST} is not of format {FORMAT}")
    return manifest


def verify_files(path: UPath, manifest: Mapping[str, Any]) -> None:
    """ArtifactError when a file is missing or is not what the manifest of its folder says.

    Sizes are always checked. The content is hashed for files that changed after the manifest was written.
    """
    if content_digest(manifest["place"].split("/")[0], manifest["files"]) != manifest["digest"]:
        raise ArtifactError(f"{path / MANIFEST} was edited: its digest is not that of the files it lists")
    written = stamp(path / MANIFEST)
    for name, facts in manifest["files"].items():
        _check_file(path / manifest["folder"] / name, facts, written.changed_s)


def _check_file(path: UPath, facts: Mapping[str, Any], written_s: float) -> None:
    try:
        found = stamp(path)
    except FileNotFoundError as exc:
        raise ArtifactError(f"{path} is missing") from exc
    if found.size_bytes != facts["size_bytes"]:
        raise ArtifactError(f"{path} has {found.size_bytes} bytes, its manifest says {facts['size_bytes']}")
    # S3 tells whole seconds: there, files of the manifest's own second are not read again.
    suspect = found.changed_s > written_s or (is_local(path) and found.changed_s == written_s)
    if suspect and _sha256(path) != facts["sha256"]:
        raise ArtifactError(f"{path} was changed after it was finished")


def _sha256(path: UPath) -> str:
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()

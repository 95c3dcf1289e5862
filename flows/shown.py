"""What a step made, as a Prefect table: rows kept, rows rejected by reason, digest, folder."""

import re

from prefect.artifacts import create_table_artifact

from balsa_core.artifact import Artifact


def show_step(key: str, *artifacts: Artifact) -> None:
    """Create the table artifact of a step; the key is made of small letters, digits and dashes."""
    rows = [_row(artifact) for artifact in artifacts]
    create_table_artifact(table=rows, key=re.sub(r"[^a-z0-9]+", "-", key.lower()), description=f"Output of {key}")


def _row(artifact: Artifact) -> dict[str, str | int | float]:
    manifest = artifact.manifest
    rejected: dict[str, int] = manifest["rejected"]
    return {
        "output": manifest["place"].rsplit("/", 1)[0],
        "kept": artifact.rows,
        "rejected": sum(rejected.values()),
        "reasons": ", ".join(f"{reason}: {count}" for reason, count in rejected.items()),
        "seconds": manifest["notes"]["seconds"],
        "digest": artifact.digest,
        "folder": artifact.uri,
    }

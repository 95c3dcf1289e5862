"""What a step made, as a Prefect table: rows kept, rows rejected by reason, digest, folder."""

import re
from collections.abc import Sequence

from prefect.artifacts import create_table_artifact

from balsa_core.artifact import Artifact


def show_step(key: str, *artifacts: Artifact) -> None:
    """Create the table artifact of a step; the key is made of small letters, digits and dashes."""
    create_table_artifact(
        table=rows_of(artifacts), key=re.sub(r"[^a-z0-9]+", "-", key.lower()), description=f"Output of {key}"
    )


def rows_of(artifacts: Sequence[Artifact]) -> list[dict[str, str | int | float]]:
    """One row an artifact."""
    return [_row(artifact) for artifact in artifacts]


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

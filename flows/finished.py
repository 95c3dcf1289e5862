"""A finished road, as it is kept in the workspace's reports and found again by `balsa compare` and `balsa chat`."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from balsa_core.config import RunConfig
from tasks.site import Site, workspace_folder

if TYPE_CHECKING:
    from flows.pipeline import Road

REPORT_FILES = ("report.json", "report.md", "comparison.png")
ROAD_FILE = "road.json"


class Finished(NamedTuple):
    """What a road left behind: `road` says which artifacts, with folders and digests."""

    folder: Path
    road: dict[str, Any]
    report: dict[str, Any]
    markdown: str


def keep_finished(run: RunConfig, road: "Road", site: Site) -> Finished:
    """Copy the report into the reports folder and write down which artifacts it came from."""
    folder = Path(site.reports) / run.name
    folder.mkdir(parents=True, exist_ok=True)
    for name in REPORT_FILES:
        (folder / name).write_bytes(road.evaluated.report.path(name).read_bytes())
    facts = {
        "run": run.model_dump(mode="json"),
        "code": site.code,
        "tracking_uri": site.tracking_uri,
        "dataset": {"folder": road.dataset.uri, "digest": road.dataset.digest},
        "adapters": [
            {"arm": entry.arm, "seed": entry.seed, "folder": entry.adapter.uri, "digest": entry.adapter.digest}
            for entry in road.trained
        ],
        "predictions": [
            {"arm": entry.arm, "seed": entry.seed, "benchmark": entry.benchmark, "questions": entry.questions.uri}
            | {"scores": entry.scores.uri, "digest": entry.scores.digest}
            for entry in road.evaluated.scored
        ],
        "report": {"folder": road.evaluated.report.uri, "digest": road.evaluated.report.digest},
    }
    (folder / ROAD_FILE).write_text(json.dumps(facts, indent=1))
    return _read(folder)


def find_finished(name: str) -> Finished:
    """The finished run of a name; ValueError lists those there are."""
    reports = workspace_folder() / "reports"
    if not (reports / name / ROAD_FILE).exists():
        known = sorted(path.parent.name for path in reports.glob(f"*/{ROAD_FILE}"))
        raise ValueError(f"no finished run {name!r} in {reports}: choose {', '.join(known) or 'one with `balsa run`'}")
    return _read(reports / name)


def _read(folder: Path) -> Finished:
    road, report = (json.loads((folder / name).read_text()) for name in (ROAD_FILE, "report.json"))
    return Finished(folder, road, report, (folder / "report.md").read_text())

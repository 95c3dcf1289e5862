"""The steps by the name of their command: each runs a flow and returns what the terminal shows."""

import json
import re
from collections.abc import Callable, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.table import Table

from balsa_core.artifact import Artifact, open_artifact
from balsa_core.config import RunConfig
from flows.dataset import materialize
from flows.evaluation import evaluate
from flows.finished import Finished
from flows.ingest import ingest
from flows.pipeline import road
from flows.shown import rows_of
from flows.synthesis import synthesize
from flows.training import train

LEFT_OUT = ("only this arm right", "only the other right", "p (Holm)")  # they are in the report
INTERVAL = re.compile(r" \[([^,]+), ([^\]]+)\]")


def _run(run: RunConfig) -> RenderableType:
    return show_finished(road(run))


def _evaluate(run: RunConfig) -> RenderableType:
    return show_tables(evaluate(run))


STEPS: dict[str, Callable[[RunConfig], RenderableType]] = {
    "run": _run,
    "ingest": lambda run: show_outputs(ingest(run)),
    "synthesize": lambda run: show_outputs(synthesize(run)),
    "materialize": lambda run: show_outputs(materialize(run)),
    "train": lambda run: show_outputs(train(run)),
    "evaluate": _evaluate,
}


def show_outputs(artifacts: Sequence[Artifact]) -> RenderableType:
    """One row an output: kept, rejected and why, digest, folder."""
    table = Table()
    for row in rows_of(artifacts):
        if not table.columns:
            for column in row:
                table.add_column(column, overflow="fold")
        table.add_row(*(str(value) for value in row.values()))
    return table


def show_tables(report: Artifact) -> RenderableType:
    """The tables of a report: scores with intervals, tests against the baseline, spread over seeds."""
    return Group(*map(_table, json.loads(report.path("tables.json").read_text())))


def show_finished(finished: Finished) -> RenderableType:
    """The tables of a road, and where to look."""
    places = {
        "Report": finished.folder / "report.md",
        "Numbers": finished.folder / "report.json",
        "Figure": finished.folder / "comparison.png",
        "Dataset": finished.road["dataset"]["folder"],
        "Adapter": finished.road["adapters"][-1]["folder"],
        "Prefect UI": "`make ui`, then http://127.0.0.1:4200",
        "MLflow UI": "`make ui`, then http://127.0.0.1:5000",
    }
    lines = "\n".join(f"{name:11} {place}" for name, place in places.items())
    return Group(show_tables(open_artifact(finished.road["report"]["folder"])), lines)


def _table(told: dict[str, list]) -> Table:
    """Without the columns of LEFT_OUT, and an interval below its number: a table fits 80 columns."""
    shown = [place for place, title in enumerate(told["header"]) if title not in LEFT_OUT]
    table = Table(box=SIMPLE_HEAD, padding=(0, 1, 0, 0), show_edge=False)
    for place in shown:
        table.add_column(told["header"][place], no_wrap=place == 0)
    for row in told["rows"]:
        table.add_row(*(INTERVAL.sub(_below, row[place]).replace("_", " ") for place in shown))
    return table


def _below(interval: re.Match[str]) -> str:
    """ " [0.881, 0.925]" as ".881 – .925" on a line of its own."""
    low, high = (end.replace("0.", ".").replace("1.000", "1") for end in interval.groups())
    return f"\n[dim]{low}–{high}[/]"

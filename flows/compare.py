"""Finished runs in, their scores side by side out, with McNemar tests where they were asked the same questions."""

from collections.abc import Sequence
from itertools import combinations
from typing import Any

from rich.console import Group, RenderableType
from rich.table import Table

from balsa_core.artifact import Artifact, open_artifact
from balsa_core.evaluation.markdown import COLUMNS, show_p
from balsa_core.evaluation.scoring import outcomes
from balsa_core.evaluation.statistics import mcnemar
from balsa_core.records import Question, Verdict
from flows.finished import Finished, find_finished


def compare_runs(names: Sequence[str]) -> RenderableType:
    """The headline scores of each run's arms, and a test of each pair of runs on each arm that both have."""
    runs = {name: find_finished(name) for name in names}
    tests = [row for one, other in combinations(names, 2) for row in _test_rows(one, runs[one], other, runs[other])]
    return Group(_scores(runs), _tests(tests)) if len(runs) > 1 else _scores(runs)


def _scores(runs: dict[str, Finished]) -> Table:
    table = Table("run", "arm", *(title for title, _, _ in COLUMNS))
    for name, finished in runs.items():
        for arm, told in finished.report["arms"].items():
            table.add_row(name, arm, *(_cell(told["scores"], benchmark, score) for _, benchmark, score in COLUMNS))
    return table


def _cell(scores: dict[str, Any], benchmark: str, score: str) -> str:
    cell = scores.get(benchmark, {}).get(score)
    if cell is None or cell["mean"] is None:
        return "–"
    return f"{cell['mean']:.3f} [{cell['low']:.3f}, {cell['high']:.3f}]"


def _tests(rows: list[list[str]]) -> RenderableType:
    if not rows:
        return "No test: the runs share no arm that was asked the same questions."
    table = Table("benchmark", "arm", "seed", "runs", "only first right", "only second right", "McNemar p")
    for row in rows:
        table.add_row(*row)
    return table


def _test_rows(one: str, first: Finished, other: str, second: Finished) -> list[list[str]]:
    rows = []
    for entry in first.road["predictions"]:
        twin = next((found for found in second.road["predictions"] if _same(entry, found)), None)
        if twin is None:
            continue
        test = mcnemar(_outcomes(entry), _outcomes(twin))
        counts = [str(test.only_first), str(test.only_second), show_p(test.p_value)]
        rows.append([entry["benchmark"], entry["arm"], str(entry["seed"] or 0), f"{one} / {other}", *counts])
    return rows


def _same(entry: dict[str, Any], other: dict[str, Any]) -> bool:
    """The same arm and seed, asked the same questions."""
    return all(entry[key] == other[key] for key in ("arm", "seed", "benchmark")) and (
        open_artifact(entry["questions"]).digest == open_artifact(other["questions"]).digest
    )


def _outcomes(entry: dict[str, Any]) -> list[bool]:
    questions: Artifact = open_artifact(entry["questions"])
    verdicts = open_artifact(entry["scores"]).records("verdicts", Verdict)
    return [found.correct for found in outcomes(questions.records("questions", Question), verdicts)]

"""A report in, the tables that people read out: the demo's table, and the whole report as markdown."""

from typing import NamedTuple

from balsa_core.evaluation.report import Cell, Comparison, Report

EXISTENCE, GENERATIVE, MULTI = "object_existence", "generative_hallucination", "multi_audio"
# Title, benchmark, score: the columns of the demo's table.
COLUMNS = (
    ("accuracy", EXISTENCE, "accuracy"),
    ("weighted F1", EXISTENCE, "weighted_f1"),
    ("on present", EXISTENCE, "accuracy_present"),
    ("on absent", EXISTENCE, "accuracy_absent"),
    ("yes-rate", EXISTENCE, "yes_rate"),
    ("two clips, both orders", MULTI, "order_consistent_accuracy"),
)
MISSING = "–"


class Table(NamedTuple):
    """A header and rows of text, for markdown, a terminal or a Prefect artifact."""

    header: list[str]
    rows: list[list[str]]


def main_table(report: Report) -> Table:
    """One row an arm: each headline score with its 95 % interval."""
    columns = [column for column in COLUMNS if column[1] in report.benchmarks]
    rows = [
        [arm, *(show_cell(report.cells[arm].get((bench, name))) for _, bench, name in columns)] for arm in report.arms
    ]
    return Table(["arm", *(title for title, _, _ in columns)], rows)


def comparison_table(report: Report) -> Table:
    """One row a comparison with the baseline arm."""
    header = ["arm", "benchmark", f"difference to {report.baseline}", "only this arm right", "only the other right"]
    return Table([*header, "McNemar p", "p (Holm)"], [_comparison_row(found) for found in report.comparisons])


def spread_table(report: Report) -> Table:
    """One row an arm with several training seeds: the smallest and the largest of the headline scores."""
    columns = [column for column in COLUMNS if column[1] in report.benchmarks]
    arms = [arm for arm in report.arms if len(report.seeds[arm]) > 1]
    rows = [
        [
            arm,
            str(len(report.seeds[arm])),
            *(_show_spread(report.cells[arm].get((bench, name))) for _, bench, name in columns),
        ]
        for arm in arms
    ]
    return Table(["arm", "seeds", *(title for title, _, _ in columns)], rows)


def score_table(report: Report, benchmark: str) -> Table:
    """Every score of a benchmark, one row each, one column an arm."""
    names = dict.fromkeys(name for arm in report.arms for bench, name in report.cells[arm] if bench == benchmark)
    rows = [
        [name, *(show_cell(report.cells[arm].get((benchmark, name)), _decimals(name)) for arm in report.arms)]
        for name in names
    ]
    return Table(["score", *report.arms], rows)


def to_markdown(report: Report) -> str:
    """The whole report."""
    parts = ["# Comparison", _lay_out(main_table(report)), _legend(report)]
    if report.comparisons:
        parts += [f"## Against {report.baseline}", _lay_out(comparison_table(report)), _comparison_legend(report)]
    if spread_table(report).rows:
        parts += ["## Smallest and largest over the training seeds", _lay_out(spread_table(report))]
    parts += ["## Text canary", _canary_line(report)] if report.canary else []
    for name, facts in report.benchmarks.items():
        chance = "" if facts.chance is None else f"; chance level of {facts.headline}: {facts.chance:g}"
        line = f"{facts.num_questions} questions, {facts.identity}{chance}"
        parts += [f"## {name.replace('_', ' ').capitalize()}", line, _lay_out(score_table(report, name))]
    parts += [f"- {name}: {text}" for name, text in report.notes.items()]
    return "\n\n".join(parts) + "\n"


def show_cell(cell: Cell | None, decimals: int = 3) -> str:
    """ "0.904 [0.881, 0.925]": the mean and its interval."""
    if cell is None or cell.mean is None:
        return MISSING
    if cell.low is None or cell.high is None:
        return _number(cell.mean, decimals)
    return f"{_number(cell.mean, decimals)} [{_number(cell.low, decimals)}, {_number(cell.high, decimals)}]"


def show_p(p_value: float) -> str:
    """A p-value: three decimals, or its order of magnitude when it is smaller."""
    return f"{p_value:.3f}" if p_value >= 0.001 else f"{p_value:.1e}"


def _number(value: float, decimals: int = 3) -> str:
    text = f"{value:.{decimals}f}"
    return text.replace("-", "−") if float(text) else text.removeprefix("-")


def _decimals(score: str) -> int:
    return 2 if score.endswith("_pct") else 3


def _show_spread(cell: Cell | None) -> str:
    if cell is None or not cell.defined:
        return MISSING
    return f"{_number(min(cell.defined))} to {_number(max(cell.defined))}"


def _comparison_row(found: Comparison) -> list[str]:
    difference = Cell(*found.difference, by_seed=())
    shown = show_cell(difference)
    signed = f"+{shown}" if difference.mean is not None and difference.mean > 0 else shown
    wins = [" / ".join(str(getattr(test, side)) for test in found.tests) for side in ("only_first", "only_second")]
    return [found.arm, found.benchmark, signed, *wins, show_p(found.p_value), show_p(found.p_holm)]


def _lay_out(table: Table) -> str:
    lines = [table.header, ["---"] * len(table.header), *table.rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |" for line in lines)


def _legend(report: Report) -> str:
    several = any(len(seeds) > 1 for seeds in report.seeds.values())
    seeds = " Several training seeds: means of the seeds' scores and of their intervals." if several else ""
    return (
        "In brackets the 95 % interval: Wilson for shares, bootstrap over clips for F1 and averages. Strict scorer: "
        f"a response that can't be read is wrong.{seeds} Official scores are below."
    )


def _comparison_legend(report: Report) -> str:
    several = any(len(found.tests) > 1 for found in report.comparisons)
    seeds = " One count a training seed; the p-value is the largest of the seeds'." if several else ""
    return (
        "Difference of the share of right answers (two clips: of pairs that are right in both orders; descriptions: "
        "of those that name something, and nothing that is not there) with a paired "
        f"bootstrap interval over clips; exact McNemar test on the same questions, and Holm's correction.{seeds}"
    )


def _canary_line(report: Report) -> str:
    canary = report.canary
    assert canary is not None
    if canary.passed:
        return f"Equal, every token: {canary.num_equal} of {canary.num_prompts} text-only replies."
    first = repr(canary.different[0]) if canary.different else "none was asked for"
    return f"**Not equal**: {canary.num_equal} of {canary.num_prompts} replies are; first different: {first}"

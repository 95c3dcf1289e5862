"""A report in, its figure out: what each arm gets right, on sounds that are there and on sounds that are not."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from balsa_core.evaluation.markdown import EXISTENCE, GENERATIVE, MULTI
from balsa_core.evaluation.report import Cell, Report

INK, FAINT, GRID = "#1f2933", "#7b8794", "#e4e7eb"
BLUE, ORANGE, GREEN, RED = "#2274a5", "#e07a1f", "#3a7d44", "#b23a48"
SPACING = 0.22  # between the series of an arm; arms are 1 apart
WIDE_INCH, NARROW_INCH, NAMES_INCH, ARM_INCH = 5.0, 3.3, 1.3, 0.72


class Series(NamedTuple):
    """A score of a benchmark: what it is called and how it is drawn."""

    score: str
    label: str
    colour: str
    marker: str = "o"


class Panel(NamedTuple):
    """A benchmark's part of the figure."""

    benchmark: str
    title: str
    series: tuple[Series, ...]


PANELS = (
    Panel(
        EXISTENCE,
        "Is the sound there?",
        (
            Series("accuracy_present", "sounds that are there", BLUE),
            Series("accuracy_absent", "sounds that are not", ORANGE),
            Series("accuracy", "all questions", INK, "D"),
        ),
    ),
    Panel(
        MULTI, "Which of two clips has it?", (Series("order_consistent_accuracy", "pairs right in both orders", GREEN),)
    ),
    Panel(GENERATIVE, "What do you hear?", (Series("echo_i", "named, but not there (less is better)", RED),)),
)


def draw_comparison(report: Report) -> Figure:
    """The figure, to be saved by its `savefig`: one row an arm, a point with its 95 % interval a score."""
    panels = _panels(report)
    widths = [WIDE_INCH if len(panel.series) > 1 else NARROW_INCH for panel in panels]
    size = (NAMES_INCH + sum(widths), 1.9 + ARM_INCH * len(report.arms))
    figure = Figure(figsize=size, layout="constrained", dpi=160, facecolor="white")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, len(panels), sharey=True, squeeze=False, width_ratios=widths)[0]
    for axis, panel in zip(axes, panels, strict=True):
        _draw_panel(axis, report, panel)
    several = max(map(len, report.seeds.values())) > 1
    dots = "; points are means over the training seeds, the dots below them the seeds" if several else ""
    figure.supxlabel(f"percent, bars are 95 % intervals{dots}", fontsize=7.5, color=FAINT, x=0.995, ha="right")
    return figure


def _panels(report: Report) -> list[Panel]:
    """The known panels that were measured, and one for the headline of each other benchmark."""
    known = [panel for panel in PANELS if panel.benchmark in report.benchmarks]
    names = {panel.benchmark for panel in known}
    return known + [
        Panel(name, name.replace("_", " "), (Series(facts.headline, facts.headline.replace("_", " "), BLUE),))
        for name, facts in report.benchmarks.items()
        if name not in names
    ]


def _draw_panel(axis: Any, report: Report, panel: Panel) -> None:
    chance = report.benchmarks[panel.benchmark].chance
    if chance is not None:
        axis.axvline(chance, color=FAINT, linewidth=1, linestyle=(0, (4, 3)), zorder=1)
        place = {"xycoords": ("data", "axes fraction"), "xytext": (3, 4), "textcoords": "offset points"}
        axis.annotate("chance", (chance, 0), fontsize=7.5, color=FAINT, **place)
    for index, series in enumerate(panel.series):
        offset = (index - (len(panel.series) - 1) / 2) * SPACING
        for row, arm in enumerate(report.arms):
            cell = report.cells[arm].get((panel.benchmark, series.score))
            if cell is not None and cell.mean is not None:
                _draw_point(axis, cell, cell.mean, row + offset, series)
        axis.plot([], [], marker=series.marker, color=series.colour, linewidth=1.6, markersize=5, label=series.label)
    _style(axis, report.arms)
    axis.set_title(panel.title, loc="left", fontsize=11, fontweight="bold", color=INK, pad=26)
    look = {"fontsize": 7.5, "handlelength": 1.4, "columnspacing": 1.1, "borderpad": 0.1, "labelcolor": INK}
    axis.legend(loc="lower left", bbox_to_anchor=(-0.01, 1.0), ncols=len(panel.series), frameon=False, **look)


def _draw_point(axis: Any, cell: Cell, mean: float, height: float, series: Series) -> None:
    colour = series.colour
    if cell.low is not None and cell.high is not None:
        axis.hlines(height, cell.low, cell.high, color=colour, linewidth=1.8, alpha=0.55, zorder=2)
    if len(cell.defined) > 1:
        dots = [height + SPACING / 3] * len(cell.defined)
        axis.scatter(cell.defined, dots, s=8, color=colour, alpha=0.6, linewidths=0, zorder=3)
    axis.plot(
        mean, height, marker=series.marker, color=colour, markersize=5.5 if series.marker == "o" else 4.5, zorder=4
    )
    end = max(cell.defined) if cell.high is None else max(cell.high, *cell.defined)
    place = {"xytext": (5, 0), "textcoords": "offset points", "va": "center"}
    axis.annotate(f"{100 * mean:.1f}", (end, height), fontsize=7.5, color=colour, **place)


def _style(axis: Any, arms: Sequence[str]) -> None:
    axis.set_xlim(-0.03, 1.12)
    axis.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "25", "50", "75", "100"])
    axis.set_yticks(range(len(arms)), arms)
    axis.set_ylim(len(arms) - 0.45, -0.55)
    axis.tick_params(length=0, labelsize=9, labelcolor=INK)
    axis.tick_params(axis="x", labelsize=8, labelcolor=FAINT)
    axis.grid(axis="x", color=GRID, linewidth=0.8)
    axis.set_axisbelow(True)
    for row in range(1, len(arms)):
        axis.axhline(row - 0.5, color=GRID, linewidth=0.8, zorder=0)
    for side in ("top", "right", "left", "bottom"):
        axis.spines[side].set_visible(False)

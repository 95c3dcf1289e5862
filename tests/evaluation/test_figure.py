"""The figure of a report is drawn, whatever was measured."""

import io
import sys
from collections.abc import Sequence

import pytest

from balsa_core.evaluation.figure import draw_comparison
from balsa_core.evaluation.report import Report, compare
from tests.evaluation.arms import results


@pytest.mark.parametrize("seeds", [(0,), (0, 1, 2)])
@pytest.mark.parametrize("benchmarks", [["object_existence"], ["object_existence", "multi_audio"], ["multi_audio"]])
def test_each_benchmark_has_a_panel_with_every_arm(seeds: Sequence[int], benchmarks: Sequence[str]) -> None:
    report: Report = compare(results(seeds, benchmarks), baseline="positive")
    figure = draw_comparison(report)
    assert len(figure.axes) == len(benchmarks)
    assert [label.get_text() for label in figure.axes[0].get_yticklabels()] == report.arms
    file = io.BytesIO()
    figure.savefig(file, format="png")
    assert file.getvalue().startswith(b"\x89PNG")


def test_the_same_report_is_the_same_file() -> None:  # its digest is part of the road's
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        draw_comparison(compare(results(), baseline="positive")).savefig(file, format="png")
    assert files[0].getvalue() == files[1].getvalue()


def test_the_figure_shows_the_numbers_of_the_report() -> None:
    report = compare(results(), baseline="positive")
    texts = {text.get_text() for text in draw_comparison(report).axes[0].texts}
    for arm in report.arms:
        mean = report.cells[arm]["object_existence", "accuracy"].mean
        assert mean is not None
        assert f"{100 * mean:.1f}" in texts


def test_drawing_leaves_pyplot_alone() -> None:  # its figures stay in memory, and it needs the main thread
    draw_comparison(compare(results(), baseline="positive"))
    assert "matplotlib.pyplot" not in sys.modules or not sys.modules["matplotlib.pyplot"].get_fignums()

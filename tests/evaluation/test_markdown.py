"""What people read of a report."""

import pytest

from balsa_core.evaluation.canary import TextCanary
from balsa_core.evaluation.markdown import (
    COLUMNS,
    comparison_table,
    main_table,
    score_table,
    show_cell,
    show_p,
    spread_table,
    to_markdown,
)
from balsa_core.evaluation.report import Cell, compare
from tests.evaluation.arms import result, results


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (Cell(0.9041, 0.8812, 0.9251, 400, (0.9041,)), "0.904 [0.881, 0.925]"),
        (Cell(-0.0171, -0.0852, 0.0521, 200, ()), "−0.017 [−0.085, 0.052]"),
        (Cell(-0.0001, None, None, 200, ()), "0.000"),
        (Cell(None, None, None, 0, ()), "–"),
        (None, "–"),
    ],
)
def test_a_cell_is_a_mean_and_its_interval(cell: Cell | None, text: str) -> None:
    assert show_cell(cell) == text


@pytest.mark.parametrize(("p_value", "text"), [(1.0, "1.000"), (0.0314, "0.031"), (0.00002, "2.0e-05")])
def test_a_small_p_value_keeps_its_size(p_value: float, text: str) -> None:
    assert show_p(p_value) == text


def test_the_main_table_has_the_columns_of_the_demo() -> None:
    table = main_table(compare(results(), baseline="positive"))
    assert table.header == ["arm", *(title for title, _, _ in COLUMNS)]
    assert [row[0] for row in table.rows] == ["text ceiling", "untrained", "positive", "contrastive"]
    assert table.rows[0][1] == "1.000 [0.977, 1.000]"
    assert all(len(row) == len(table.header) for row in table.rows)


def test_a_benchmark_that_was_not_run_has_no_column() -> None:
    table = main_table(compare(results(benchmarks=["multi_audio"]), baseline="positive"))
    assert table.header == ["arm", "two clips, both orders"]


def test_an_arm_that_missed_a_benchmark_has_a_dash() -> None:
    rows = main_table(compare([*results(), result("late", 0.9)], baseline="positive")).rows
    assert rows[-1][0] == "late"
    assert rows[-1][-1] == "–"


def test_the_spread_is_shown_when_there_are_several_seeds() -> None:
    assert spread_table(compare(results(), baseline="positive")).rows == []
    report = compare(results((0, 1)), baseline="positive")
    low, high = sorted(report.cells["untrained"]["object_existence", "accuracy"].defined)
    assert spread_table(report).rows[0][:3] == ["untrained", "2", f"{low:.3f} to {high:.3f}"]


def test_a_difference_carries_its_sign_and_all_seeds() -> None:
    row = comparison_table(compare(results((0, 1)), baseline="positive")).rows[2]
    assert row[:2] == ["contrastive", "object_existence"]
    assert row[2].startswith("+0.")
    assert " / " in row[3]


def test_official_percentages_have_two_decimals() -> None:
    rows = {row[0]: row[1] for row in score_table(compare(results(), baseline="positive"), "object_existence").rows}
    assert rows["official_accuracy_pct"] == "100.00 [100.00, 100.00]"
    assert rows["accuracy"].startswith("1.000")


def test_the_markdown_tells_everything_in_well_formed_tables() -> None:
    canary = TextCanary(5, 5, ())
    text = to_markdown(compare(results((0, 1)), baseline="positive", canary=canary, notes={"dataset": "/data"}))
    assert "Equal, every token: 5 of 5" in text
    assert "official_f1_pct" in text
    assert "- dataset: /data" in text
    assert "chance level of accuracy: 0.5" in text
    for block in text.split("\n\n"):
        lines = block.strip().split("\n")
        if lines[0].startswith("|"):
            assert len({line.count("|") for line in lines}) == 1


def test_a_failed_canary_is_loud() -> None:
    canary = TextCanary(5, 4, ("Hello.",))
    assert "**Not equal**: 4 of 5" in to_markdown(compare(results(), baseline="positive", canary=canary))


def test_a_pipe_in_a_name_does_not_break_the_table() -> None:
    assert "| a\\|b |" in to_markdown(compare([result("a|b", 0.9)], baseline="a|b"))

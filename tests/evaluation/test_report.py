"""Arms side by side: scores over seeds, differences, tests, and what can't be compared."""

import json

import numpy as np
import pytest

from balsa_core.evaluation.canary import TextCanary
from balsa_core.evaluation.report import FORMAT, Report, Result, compare
from balsa_core.evaluation.scoring import outcomes
from balsa_core.evaluation.statistics import mcnemar
from tests.evaluation.arms import result, results
from tests.evaluation.scenes import CONFIG

BENCHMARKS = ("object_existence", "multi_audio")


@pytest.fixture(scope="module")
def report() -> Report:
    return compare(results((0, 1, 2)), baseline="positive", canary=TextCanary(3, 3, ()), notes={"adapter": "/a"})


def test_arms_keep_the_order_of_the_results(report: Report) -> None:
    assert report.arms == ["text ceiling", "untrained", "positive", "contrastive"]
    assert report.seeds == {"text ceiling": (), "untrained": (0, 1, 2), "positive": (0, 1, 2), "contrastive": (0, 1, 2)}


def test_a_cell_is_the_mean_over_the_seeds_with_all_of_them(report: Report) -> None:
    cell = report.cells["contrastive"]["object_existence", "accuracy"]
    alone = [result("contrastive", 0.95, seed).scores["accuracy"] for seed in (0, 1, 2)]
    assert cell.by_seed == tuple(score.value for score in alone)
    assert cell.mean == pytest.approx(np.mean(cell.defined))
    assert cell.low == pytest.approx(np.mean([score.low for score in alone]))


def test_results_come_in_any_order_of_seeds(report: Report) -> None:
    mixed = compare(results((2, 0, 1)), baseline="positive", canary=TextCanary(3, 3, ()), notes={"adapter": "/a"})
    assert mixed == report


def test_every_other_arm_is_compared_with_the_baseline_on_each_benchmark(report: Report) -> None:
    assert [(found.benchmark, found.arm) for found in report.comparisons] == [
        (benchmark, arm) for benchmark in BENCHMARKS for arm in ("text ceiling", "untrained", "contrastive")
    ]
    assert all(len(found.tests) == 3 for found in report.comparisons)


def test_a_comparison_is_mcnemar_on_the_same_questions_with_the_largest_p_value(report: Report) -> None:
    found = next(c for c in report.comparisons if (c.arm, c.benchmark) == ("contrastive", "object_existence"))
    for seed, test in enumerate(found.tests):
        ours, theirs = result("contrastive", 0.95, seed), result("positive", 0.75, seed)
        right = [[o.correct for o in outcomes(one.questions, one.verdicts)] for one in (ours, theirs)]
        assert test == mcnemar(*right)
    assert found.p_value == max(test.p_value for test in found.tests)
    assert found.p_value <= found.p_holm <= 6 * found.p_value
    ours, theirs = (report.cells[arm]["object_existence", "accuracy"].mean for arm in ("contrastive", "positive"))
    assert found.difference.value == pytest.approx((ours or 0) - (theirs or 0))
    assert found.difference.low is not None
    assert found.difference.low > 0


def test_pairs_are_the_units_of_two_clip_questions(report: Report) -> None:
    found = next(c for c in report.comparisons if (c.arm, c.benchmark) == ("contrastive", "multi_audio"))
    assert found.difference.n == CONFIG.num_pairs
    ours, theirs = (
        report.cells[arm]["multi_audio", "order_consistent_accuracy"].mean for arm in ("contrastive", "positive")
    )
    assert found.difference.value == pytest.approx((ours or 0) - (theirs or 0))


def test_the_report_is_plain_json_with_stable_keys(report: Report) -> None:
    told = json.loads(json.dumps(report.to_dict(), allow_nan=False))
    assert list(told) == ["format", "baseline", "benchmarks", "arms", "comparisons", "canary", "notes"]
    assert told["format"] == FORMAT
    accuracy = told["arms"]["contrastive"]["scores"]["object_existence"]["accuracy"]
    assert list(accuracy) == ["mean", "low", "high", "n", "by_seed", "min", "max"]
    assert accuracy["min"] <= accuracy["mean"] <= accuracy["max"]
    assert told["arms"]["contrastive"]["seeds"] == [0, 1, 2]
    assert list(told["comparisons"][0]) == [
        "benchmark",
        "arm",
        "baseline",
        "difference",
        "tests",
        "p_value",
        "p_holm",
    ]
    assert list(told["comparisons"][0]["tests"][0]) == ["only_first", "only_second", "p_value"]
    assert told["canary"] == {"passed": True, "num_prompts": 3, "num_equal": 3, "different": []}
    assert told["benchmarks"]["multi_audio"]["chance"] == 0.25
    assert told["notes"] == {"adapter": "/a"}


def test_a_single_seed_is_its_own_mean() -> None:
    report = compare(results(), baseline="positive")
    cell = report.cells["positive"]["object_existence", "accuracy"]
    assert cell.by_seed == (cell.mean,)
    assert report.canary is None


def test_a_score_that_is_undefined_in_one_seed_is_the_mean_of_the_others() -> None:
    always_yes = [score for score in results((0, 1)) if score.arm == "untrained" and score.seed == 0]
    first = always_yes[0]
    broken = Result(**{**vars(first), "scores": {**first.scores, "f1_no": first.scores["f1_no"]._replace(value=None)}})
    report = compare([broken, result("untrained", 0.5, 1)], baseline="untrained")
    cell = report.cells["untrained"]["object_existence", "f1_no"]
    assert cell.by_seed[0] is None
    assert cell.mean == cell.by_seed[1]


def test_the_baseline_must_have_results() -> None:
    with pytest.raises(ValueError, match="'negative': choose text ceiling, untrained, positive, contrastive"):
        compare(results(), baseline="negative")
    with pytest.raises(ValueError, match="choose one with results"):
        compare([], baseline="positive")


def test_arms_without_a_common_seed_are_not_compared() -> None:
    with pytest.raises(ValueError, match="'contrastive' and 'positive' have no training seed in common"):
        compare([result("positive", 0.7, 0), result("contrastive", 0.9, 1)], baseline="positive")


def test_arms_that_were_asked_other_questions_are_not_compared() -> None:
    one, other = result("positive", 0.7), result("contrastive", 0.9)
    fewer = Result(**{**vars(other), "questions": other.questions[:-1]})
    with pytest.raises(ValueError, match="'positive' was asked other questions of object_existence"):
        compare([one, fewer], baseline="positive")

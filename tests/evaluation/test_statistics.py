"""Intervals and tests, against known values and against statsmodels and scipy."""

import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import bootstrap
from statsmodels.stats.contingency_tables import mcnemar as reference_mcnemar
from statsmodels.stats.multitest import multipletests

from balsa_core.evaluation.statistics import (
    NUM_RESAMPLES,
    Score,
    estimate,
    holm,
    mcnemar,
    paired_difference,
    resample_sums,
    wilson,
)


def test_wilson_gives_the_published_interval() -> None:
    score = wilson(781, 933)
    assert (round(score.low or 0, 4), round(score.high or 0, 4)) == (0.8120, 0.8594)
    assert score.value == 781 / 933


def test_wilson_of_nothing_is_undefined() -> None:
    assert wilson(0, 0) == Score(None, None, None, 0)


@given(st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n))))
def test_wilson_holds_its_share_and_stays_in_range(hits_and_n: tuple[int, int]) -> None:
    score = wilson(*hits_and_n)
    assert score.value is not None
    assert score.low is not None
    assert score.high is not None
    assert 0 <= score.low <= score.value <= score.high <= 1


def test_wilson_ends_are_exact_when_all_or_none_are_right() -> None:
    assert wilson(0, 50).low == 0.0
    assert wilson(50, 50).high == 1.0


@pytest.mark.parametrize("seed", range(5))
def test_mcnemar_is_that_of_statsmodels(seed: int) -> None:
    rng = np.random.default_rng(seed)
    first, second = rng.random(200) < 0.8, rng.random(200) < 0.7
    table = [
        [(first & second).sum(), (first & ~second).sum()],
        [(~first & second).sum(), (~first & ~second).sum()],
    ]
    found = mcnemar(first.tolist(), second.tolist())
    assert found.p_value == pytest.approx(reference_mcnemar(table, exact=True).pvalue, rel=1e-12)
    assert [found.only_first, found.only_second] == [table[0][1], table[1][0]]


def test_mcnemar_of_equal_models_says_nothing() -> None:
    assert mcnemar([True, False], [True, False]) == (0, 0, 1.0)


def test_mcnemar_refuses_other_items() -> None:
    with pytest.raises(ValueError, match="same items"):
        mcnemar([True], [True, False])


def test_holm_is_that_of_statsmodels_and_takes_nothing() -> None:
    p_values = [0.01, 0.04, 0.03, 0.5]
    assert (
        holm(p_values) == multipletests(p_values, method="holm")[1].tolist() == pytest.approx([0.04, 0.09, 0.09, 0.5])
    )
    assert holm([]) == []


def test_a_bootstrap_over_single_questions_is_that_of_scipy() -> None:
    rng = np.random.default_rng(0)
    values = rng.normal(size=300)
    ours = paired_difference(values.tolist(), [0.0] * 300, [str(index) for index in range(300)])
    theirs = bootstrap((values,), np.mean, method="percentile", n_resamples=4000, rng=rng).confidence_interval
    assert ours.value == pytest.approx(values.mean())
    assert ours.low == pytest.approx(theirs.low, abs=0.012)
    assert ours.high == pytest.approx(theirs.high, abs=0.012)


def test_clusters_of_equal_questions_widen_the_interval() -> None:
    rng = np.random.default_rng(0)
    values = np.repeat(rng.integers(0, 2, size=100), 4).astype(float).tolist()
    zeros = [0.0] * 400
    alone = paired_difference(values, zeros, [str(index) for index in range(400)])
    together = paired_difference(values, zeros, [str(index // 4) for index in range(400)])
    assert alone.low is not None
    assert alone.high is not None
    assert together.low is not None
    assert together.high is not None
    assert (together.high - together.low) / (alone.high - alone.low) == pytest.approx(2.0, rel=0.1)


def test_a_bootstrap_gives_the_same_interval_again() -> None:
    rows = np.random.default_rng(0).random((50, 3))
    clusters = [str(index % 7) for index in range(50)]
    assert (resample_sums(rows, clusters) == resample_sums(rows, clusters)).all()
    assert (resample_sums(rows, clusters) != resample_sums(rows, clusters, seed=1)).any()


def test_resampled_sums_have_one_row_a_resample_and_the_right_mean() -> None:
    sums = resample_sums(np.ones((40, 2)), [str(index // 2) for index in range(40)])
    assert sums.shape == (NUM_RESAMPLES, 2)
    assert (sums == 40).all()


@pytest.mark.parametrize("clusters", [[], ["one", "one", "one"]])
def test_without_two_clusters_there_is_no_interval(clusters: list[str]) -> None:
    rows = np.ones((len(clusters), 2))
    score = estimate(lambda sums: sums[..., 0] / sums[..., 1], rows, resample_sums(rows, clusters))
    assert score == Score(1.0 if clusters else None, None, None, len(clusters))


def test_ten_thousand_clips_are_resampled_in_seconds() -> None:
    started = time.process_time()
    resample_sums(np.ones((20_000, 6)), [str(index // 2) for index in range(20_000)])
    assert time.process_time() - started < 30  # processor seconds; about 2

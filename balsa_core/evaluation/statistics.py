"""Counts and outcomes in, scores with 95 % intervals and tests of differences out.

Shapes: N questions, K counts a question contributes to, C clusters, R resamples. A score that is no proportion is a
function of the K sums; its interval is the percentile interval over resampled clusters (clips, not questions: Miller,
arXiv 2411.00640). Wilson intervals take the items as independent.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest
from statsmodels.stats.multitest import multipletests
from statsmodels.stats.proportion import proportion_confint

CONFIDENCE = 0.95
NUM_RESAMPLES = 2000  # the ends of a 95 % interval then move by about 0.1 standard errors from seed to seed
RESAMPLES_AT_ONCE = 250  # 20 MB of weights for 10,000 clusters

Floats = NDArray[np.float64]
Statistic = Callable[[Floats], Any]  # (..., K) -> (...), NaN where it is undefined


class Score(NamedTuple):
    """A number with its 95 % interval and how many items it is of; None where it is undefined."""

    value: float | None
    low: float | None
    high: float | None
    n: int


class McNemar(NamedTuple):
    """Two models on the same items: how many only one of them had right, and the exact two-sided p-value."""

    only_first: int
    only_second: int
    p_value: float


def wilson(hits: int, n: int) -> Score:
    """The share hits / n with its Wilson interval."""
    if n == 0:
        return Score(None, None, None, 0)
    low, high = np.array(proportion_confint(hits, n, alpha=1 - CONFIDENCE, method="wilson")).tolist()
    return Score(hits / n, low if hits else 0.0, high if hits < n else 1.0, n)  # at the ends free of rounding noise


def resample_sums(rows_NK: Floats, clusters: Sequence[str], seed: int = 0) -> Floats:
    """The K sums of R cluster bootstrap samples, shape (R, K); R is 0 when there are fewer than two clusters."""
    names, cluster_N = np.unique(np.asarray(clusters, dtype=str), return_inverse=True)
    num_clusters = len(names)
    if num_clusters < 2:
        return np.zeros((0, rows_NK.shape[1]))
    sums_CK = np.zeros((num_clusters, rows_NK.shape[1]))
    np.add.at(sums_CK, cluster_N, rows_NK)
    rng, share_C = np.random.default_rng(seed), np.full(num_clusters, 1 / num_clusters)
    rounds = range(NUM_RESAMPLES // RESAMPLES_AT_ONCE)
    return np.concatenate([rng.multinomial(num_clusters, share_C, size=RESAMPLES_AT_ONCE) @ sums_CK for _ in rounds])


def estimate(statistic: Statistic, rows_NK: Floats, sums_RK: Floats) -> Score:
    """A statistic of the summed rows, with its interval over the resampled sums."""
    with np.errstate(divide="ignore", invalid="ignore"):
        point = float(statistic(rows_NK.sum(axis=0)))
        drawn = np.asarray(statistic(sums_RK), dtype=np.float64)
    drawn = drawn[np.isfinite(drawn)]
    if not np.isfinite(point):
        return Score(None, None, None, len(rows_NK))
    if not len(drawn):
        return Score(point, None, None, len(rows_NK))
    tail = (1 - CONFIDENCE) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail])
    return Score(point, float(low), float(high), len(rows_NK))


def mcnemar(first: Sequence[bool], second: Sequence[bool]) -> McNemar:
    """The exact McNemar test of two models' outcomes on the same items, in the same order."""
    a, b = np.asarray(first, dtype=bool), np.asarray(second, dtype=bool)
    if a.shape != b.shape:
        raise ValueError(f"outcomes of the same items are compared, found {len(a)} and {len(b)}")
    only_first, only_second = int((a & ~b).sum()), int((b & ~a).sum())
    discordant = only_first + only_second
    p_value = binomtest(only_first, discordant, 0.5).pvalue if discordant else 1.0
    return McNemar(only_first, only_second, float(p_value))


def paired_difference(first: Sequence[float], second: Sequence[float], clusters: Sequence[str], seed: int = 0) -> Score:
    """The mean of first - second over the same items, with its cluster bootstrap interval."""
    difference_N = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    rows_NK = np.stack([difference_N, np.ones_like(difference_N)], axis=1)
    return estimate(lambda sums: sums[..., 0] / sums[..., 1], rows_NK, resample_sums(rows_NK, clusters, seed))


def holm(p_values: Sequence[float]) -> list[float]:
    """The p-values corrected for their number by Holm's method, in the same order."""
    return np.array(multipletests(p_values, method="holm")[1]).tolist() if p_values else []

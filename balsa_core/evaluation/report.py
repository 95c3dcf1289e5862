"""Scored results of several arms in, one comparison out: scores with intervals, seeds, differences and tests.

An arm is one way to train (or not to): it has one result per benchmark and training seed. Its score is the mean over
the seeds; its interval is the mean of the seeds' intervals and speaks of the clips; min and max speak of the seeds.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

import numpy as np

from balsa_core.evaluation.canary import TextCanary
from balsa_core.evaluation.scoring import load_benchmark, outcomes
from balsa_core.evaluation.statistics import McNemar, Score, holm, mcnemar, paired_difference
from balsa_core.records import Question, Verdict

VERSION = "1"
FORMAT = 1  # of report.json

Key = tuple[str, str]  # benchmark, score


@dataclass(frozen=True, kw_only=True)
class Result:
    """What one model scored on one benchmark. `seed` is None where nothing was trained or drawn: the text ceiling."""

    arm: str
    benchmark: str
    questions: Sequence[Question]
    verdicts: Sequence[Verdict]
    scores: Mapping[str, Score]
    seed: int | None = None


class Cell(NamedTuple):
    """A score of an arm: the mean over its seeds, the 95 % interval, and the score of each seed."""

    mean: float | None
    low: float | None
    high: float | None
    n: int
    by_seed: tuple[float | None, ...]

    @property
    def defined(self) -> list[float]:
        """The scores of the seeds in which it is defined."""
        return [value for value in self.by_seed if value is not None]


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """An arm against the baseline arm on the same questions (or pairs of questions), strict scorer."""

    benchmark: str
    arm: str
    baseline: str
    difference: Score  # of the share right, mean over seeds; interval by paired cluster bootstrap
    tests: tuple[McNemar, ...]  # exact McNemar, one a seed
    p_value: float  # the largest of the seeds'
    p_holm: float  # corrected for the number of comparisons of the report


@dataclass(frozen=True, kw_only=True)
class Facts:
    """What the report says of a benchmark itself."""

    identity: str
    headline: str
    chance: float | None
    num_questions: int


@dataclass(frozen=True, kw_only=True)
class Report:
    """The comparison. `cells` are by arm, then by benchmark and score."""

    baseline: str
    benchmarks: dict[str, Facts]
    seeds: dict[str, tuple[int, ...]]
    cells: dict[str, dict[Key, Cell]]
    comparisons: tuple[Comparison, ...]
    canary: TextCanary | None = None
    notes: dict[str, str] = field(default_factory=dict)

    @property
    def arms(self) -> list[str]:
        """The arms, in the order of the results."""
        return list(self.cells)

    def to_dict(self) -> dict[str, Any]:
        """Plain data for report.json; its keys are stable."""
        return {
            "format": FORMAT,
            "baseline": self.baseline,
            "benchmarks": {name: asdict(facts) for name, facts in self.benchmarks.items()},
            "arms": {arm: self._arm(arm) for arm in self.arms},
            "comparisons": [_comparison_dict(comparison) for comparison in self.comparisons],
            "canary": None if self.canary is None else {"passed": self.canary.passed, **self.canary._asdict()},
            "notes": self.notes,
        }

    def _arm(self, arm: str) -> dict[str, Any]:
        scores: dict[str, dict[str, Any]] = {}
        for (benchmark, name), cell in self.cells[arm].items():
            spread = {"min": min(cell.defined, default=None), "max": max(cell.defined, default=None)}
            scores.setdefault(benchmark, {})[name] = {**cell._asdict(), "by_seed": list(cell.by_seed), **spread}
        return {"seeds": list(self.seeds[arm]), "scores": scores}


def compare(
    results: Sequence[Result],
    *,
    baseline: str,
    canary: TextCanary | None = None,
    notes: Mapping[str, str] | None = None,
) -> Report:
    """The report of all results, each arm against `baseline`; ValueError when they are not comparable."""
    by_arm: dict[str, list[Result]] = {}
    for result in sorted(results, key=lambda result: result.seed or 0):
        by_arm.setdefault(result.arm, []).append(result)
    by_arm = {arm: by_arm[arm] for arm in dict.fromkeys(result.arm for result in results)}
    if baseline not in by_arm:
        raise ValueError(
            f"no results of the baseline arm {baseline!r}: choose {', '.join(by_arm) or 'one with results'}"
        )
    return Report(
        baseline=baseline,
        benchmarks=_facts(results),
        seeds={arm: _seeds(own) for arm, own in by_arm.items()},
        cells={arm: _cells(own) for arm, own in by_arm.items()},
        comparisons=_corrected(_comparisons(by_arm, baseline)),
        canary=canary,
        notes=dict(notes or {}),
    )


def _facts(results: Sequence[Result]) -> dict[str, Facts]:
    facts = {}
    for result in results:
        benchmark = load_benchmark(result.benchmark)
        facts[result.benchmark] = Facts(
            identity=benchmark.identity(),
            headline=benchmark.headline,
            chance=benchmark.chance,
            num_questions=len(result.questions),
        )
    return facts


def _seeds(results: Sequence[Result]) -> tuple[int, ...]:
    return tuple(sorted({result.seed for result in results if result.seed is not None}))


def _cells(results: Sequence[Result]) -> dict[Key, Cell]:
    scores: dict[Key, list[Score]] = {}
    for result in results:
        for name, score in result.scores.items():
            scores.setdefault((result.benchmark, name), []).append(score)
    return {key: _cell(found) for key, found in scores.items()}


def _cell(scores: Sequence[Score]) -> Cell:
    by_seed = tuple(score.value for score in scores)
    lows, highs = [score.low for score in scores], [score.high for score in scores]
    return Cell(_mean(by_seed), _mean(lows), _mean(highs), scores[0].n, by_seed)


def _mean(values: Sequence[float | None]) -> float | None:
    defined = [value for value in values if value is not None]
    return float(np.mean(defined)) if defined else None


def _comparisons(by_arm: Mapping[str, Sequence[Result]], baseline: str) -> list[Comparison]:
    found = []
    for benchmark in dict.fromkeys(result.benchmark for result in by_arm[baseline]):
        against = [result for result in by_arm[baseline] if result.benchmark == benchmark]
        for arm, results in by_arm.items():
            own = [result for result in results if result.benchmark == benchmark]
            if arm != baseline and own:
                found.append(_compare_arms(benchmark, arm, baseline, _same_seeds(own, against)))
    return found


def _same_seeds(own: Sequence[Result], against: Sequence[Result]) -> list[tuple[Result, Result]]:
    """Results of the same seed; one without a seed stands beside every other."""
    pairs = [
        (one, other) for one in own for other in against if None in (one.seed, other.seed) or one.seed == other.seed
    ]
    if not pairs:
        raise ValueError(f"arms {own[0].arm!r} and {against[0].arm!r} have no training seed in common")
    return pairs


def _compare_arms(benchmark: str, arm: str, baseline: str, pairs: Sequence[tuple[Result, Result]]) -> Comparison:
    reference = outcomes(pairs[0][0].questions, pairs[0][0].verdicts)
    units, clusters = [unit.unit for unit in reference], [unit.cluster for unit in reference]
    first_SN = [_aligned_outcomes(one, units) for one, _ in pairs]
    second_SN = [_aligned_outcomes(other, units) for _, other in pairs]
    tests = tuple(mcnemar(one, other) for one, other in zip(first_SN, second_SN, strict=True))
    largest = max(test.p_value for test in tests)
    return Comparison(
        benchmark=benchmark,
        arm=arm,
        baseline=baseline,
        difference=paired_difference(np.mean(first_SN, axis=0).tolist(), np.mean(second_SN, axis=0).tolist(), clusters),
        tests=tests,
        p_value=largest,
        p_holm=largest,
    )


def _aligned_outcomes(result: Result, units: Sequence[str]) -> list[bool]:
    found = {outcome.unit: outcome.correct for outcome in outcomes(result.questions, result.verdicts)}
    if found.keys() != set(units):
        raise ValueError(
            f"arm {result.arm!r} was asked other questions of {result.benchmark}: compare on the same ones"
        )
    return [found[unit] for unit in units]


def _corrected(comparisons: Sequence[Comparison]) -> tuple[Comparison, ...]:
    corrected = holm([comparison.p_value for comparison in comparisons])
    return tuple(
        Comparison(**{**vars(comparison), "p_holm": p_value})
        for comparison, p_value in zip(comparisons, corrected, strict=True)
    )


def _comparison_dict(comparison: Comparison) -> dict[str, Any]:
    tests = [test._asdict() for test in comparison.tests]
    return {**vars(comparison), "difference": comparison.difference._asdict(), "tests": tests}

"""Questions and predictions in, verdicts and scores out: pure, so scoring again never asks again.

A benchmark is a plug-in in `benchmarks/`. Its `verdicts` may hold several scorers: `official@...` as published, warts
included, and STRICT, the sane one, in which a response that can't be read is wrong and counted.
"""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from balsa_core.config import EvaluationConfig
from balsa_core.evaluation.statistics import Score
from balsa_core.labels import SoundIndex
from balsa_core.records import Clip, Prediction, Question, Reject, Verdict
from balsa_core.registry import load_plugin, plugin_names

VERSION = "1"
STRICT = "strict@v1"
BENCHMARKS = "balsa_core.evaluation.benchmarks"


class Benchmark(Protocol):
    """What a plug-in's object says: its facts, its questions and its scorers."""

    name: str
    version: str
    licence: str
    headline: str  # the score that stands for the benchmark
    chance: float | None  # of the headline, for a coin; None where there is no such level

    def identity(self) -> str:
        """Name, version and wordings: what changes its questions or its scores."""
        ...

    def questions(self, clips: Sequence[Clip], sounds: SoundIndex, config: EvaluationConfig) -> list[Question]:
        """What is asked of the clips; the same for the same clips in any order."""
        ...

    def skipped(self, clips: Sequence[Clip], sounds: SoundIndex) -> list[Reject]:
        """The clips that nothing can be asked of, and why."""
        ...

    def verdicts(self, questions: Sequence[Question], predictions: Sequence[Prediction]) -> list[Verdict]:
        """What each scorer says of each prediction."""
        ...

    def summary(
        self, questions: Sequence[Question], predictions: Sequence[Prediction], verdicts: Sequence[Verdict]
    ) -> dict[str, Score]:
        """The scores by name."""
        ...


class Scored(NamedTuple):
    """The verdicts of all scorers and the scores of a benchmark."""

    verdicts: list[Verdict]
    scores: dict[str, Score]


class Outcome(NamedTuple):
    """Whether one unit was right: a question, or all the questions that carry the same fact "pair"."""

    unit: str
    correct: bool
    cluster: str


def benchmark_names() -> list[str]:
    """The benchmarks there are."""
    return plugin_names(BENCHMARKS)


def load_benchmark(name: str) -> Benchmark:
    """The benchmark `name`; ValueError lists the known ones."""
    return load_plugin(BENCHMARKS, name)


def score(benchmark: Benchmark, questions: Sequence[Question], predictions: Sequence[Prediction]) -> Scored:
    """Verdicts and scores; ValueError when predictions and questions are not one to one."""
    predictions = aligned(questions, predictions)
    verdicts = benchmark.verdicts(questions, predictions)
    return Scored(verdicts, benchmark.summary(questions, predictions, verdicts))


def aligned(questions: Sequence[Question], predictions: Sequence[Prediction]) -> list[Prediction]:
    """The predictions in the order of their questions; ValueError names an id that is missing, unknown or doubled."""
    asked = [question.id for question in questions]
    said = {prediction.question_id: prediction for prediction in predictions}
    _refuse("question", "asked twice", [name for name, count in Counter(asked).items() if count > 1])
    _refuse("prediction", "has no question", sorted(said.keys() - set(asked)))
    _refuse("question", "has no prediction", [name for name in asked if name not in said])
    counted = Counter(prediction.question_id for prediction in predictions)
    _refuse("question", "has several predictions", [name for name, count in counted.items() if count > 1])
    return [said[name] for name in asked]


def outcomes(questions: Sequence[Question], verdicts: Sequence[Verdict], scorer: str = STRICT) -> list[Outcome]:
    """Right or wrong per unit, in the order of the questions: what two models are compared on."""
    correct = {verdict.question_id: verdict.correct for verdict in verdicts if verdict.scorer == scorer}
    units: dict[str, Outcome] = {}
    for question in questions:
        unit = fact(question, "pair", question.id)
        before = units.get(unit)
        right = correct[question.id] and (before is None or before.correct)
        units[unit] = Outcome(unit, right, question.cluster)
    return list(units.values())


def fact(question: Question, name: str, default: str = "") -> str:
    """A fact of a question."""
    return dict(question.facts).get(name, default)


def _refuse(what: str, why: str, names: Sequence[str]) -> None:
    if names:
        more = f" (and {len(names) - 1} more)" if len(names) > 1 else ""
        raise ValueError(f"{what} {names[0]!r} {why}{more}: score the predictions of these very questions")

"""Results of made-up models that are right on a given share of the questions."""

from collections.abc import Sequence

import numpy as np

from balsa_core.evaluation.report import Result
from balsa_core.evaluation.scoring import load_benchmark, score
from balsa_core.records import Question
from tests.evaluation.scenes import CONFIG, make_clips, respond, sounds_of

CLIPS = make_clips(40)
BENCHMARKS = ("object_existence", "multi_audio")
WRONG = {"Yes": "No", "No": "Yes", "first": "second", "second": "first"}


def result(arm: str, share: float, seed: int | None = 0, benchmark: str = "object_existence") -> Result:
    """What a model scores that is right on about this share of the questions."""
    plugin = load_benchmark(benchmark)
    questions = plugin.questions(CLIPS, sounds_of(CLIPS), CONFIG)
    rng = np.random.default_rng([round(share * 1000), seed or 0])
    right = {question.id: rng.random() < share for question in questions}

    def answer(question: Question) -> str:
        return question.answer if right[question.id] else WRONG[question.answer]

    scored = score(plugin, questions, respond(questions, answer))
    return Result(
        arm=arm, benchmark=benchmark, questions=questions, verdicts=scored.verdicts, scores=scored.scores, seed=seed
    )


def results(seeds: Sequence[int] = (0,), benchmarks: Sequence[str] = BENCHMARKS) -> list[Result]:
    ceiling = [result("text ceiling", 1.0, None, name) for name in benchmarks]
    shares = {"untrained": 0.5, "positive": 0.75, "contrastive": 0.95}
    return ceiling + [
        result(arm, share, seed, name) for arm, share in shares.items() for seed in seeds for name in benchmarks
    ]

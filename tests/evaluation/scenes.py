"""Clips and answers for the tests of the evaluation: small, seeded, without audio."""

from collections.abc import Callable, Sequence

import numpy as np

from balsa_core.config import EvaluationConfig
from balsa_core.decoding import Reply
from balsa_core.evaluation.scoring import Benchmark, score
from balsa_core.evaluation.statistics import Score
from balsa_core.labels import Ontology, SoundIndex, index_sounds
from balsa_core.records import Clip, Prediction, Question, Verdict

SOUNDS = ("dog", "rain", "siren", "crying baby", "church bells", "engine", "clock tick", "wind", "frog", "hen")
CONFIG = EvaluationConfig()

Answer = Callable[[Question], str]


def make_clip(clip_id: str, tags: Sequence[str], caption: str | None = None, group: str = "") -> Clip:
    return Clip(
        id=clip_id,
        corpus="made",
        split="test",
        tags=tuple(tags),
        caption=caption,
        transcript=None,
        attributes=(),
        group=group,
        licence=None,
        num_samples=16_000,
        audio_sha256=clip_id,
    )


def make_clips(num: int = 30, seed: int = 0) -> list[Clip]:
    rng = np.random.default_rng(seed)
    picks = [rng.choice(len(SOUNDS), size=int(rng.integers(1, 4)), replace=False) for _ in range(num)]
    return [make_clip(f"clip{index}", [SOUNDS[pick] for pick in picked]) for index, picked in enumerate(picks)]


def sounds_of(clips: Sequence[Clip], ontology: Ontology | None = None) -> SoundIndex:
    return index_sounds([clip.tags for clip in clips], ontology or Ontology())


def make_question(question_id: str, answer: str, *, kind: str = "", cluster: str = "", pair: str = "") -> Question:
    return Question(
        id=question_id,
        benchmark="object_existence",
        clip_ids=("clip0",),
        prompt="<|audio|>\nIs it there?",
        seeds=("(dog)",),
        answer=answer,
        kind=kind,
        cluster=cluster or question_id,
        facts=(("pair", pair),) if pair else (),
    )


def respond(questions: Sequence[Question], answer: Answer) -> list[Prediction]:
    return [Prediction(question_id=q.id, response=answer(q), finish_reason="stop") for q in questions]


def oracle(question: Question) -> str:
    return question.answer


def scores_of(benchmark: Benchmark, questions: Sequence[Question], answer: Answer) -> dict[str, Score]:
    return score(benchmark, questions, respond(questions, answer)).scores


def verdicts_of(benchmark: Benchmark, questions: Sequence[Question], answer: Answer) -> list[Verdict]:
    return score(benchmark, questions, respond(questions, answer)).verdicts


class Speaker:
    """An answerer that says what a function says, and remembers its batches."""

    def __init__(self, answer: Answer = oracle) -> None:
        self.say, self.batches = answer, list[list[Question]]()

    def length(self, question: Question) -> int:
        return len(question.prompt)

    def answer(self, questions: Sequence[Question]) -> list[Reply]:
        self.batches.append(list(questions))
        return [Reply(self.say(question), "stop", 1) for question in questions]

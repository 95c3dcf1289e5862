"""Questions in, one prediction each out, whoever answers."""

from collections.abc import Iterator, Sequence
from typing import Protocol

from balsa_core.decoding import Reply
from balsa_core.records import Prediction, Question

VERSION = "1"


class Answerer(Protocol):
    """Whoever answers: a model that hears, the backbone that reads the seed texts, or an oracle in a test."""

    def length(self, question: Question) -> int:
        """How long its prompt is, in any unit: questions of like length share a batch."""
        ...

    def answer(self, questions: Sequence[Question]) -> list[Reply]:
        """One reply a question, in order."""
        ...


def predict(questions: Sequence[Question], answerer: Answerer, batch_size: int) -> list[Prediction]:
    """The predictions in the order of the questions; a batch holds questions of like length and of the same clips."""
    order = sorted(
        range(len(questions)), key=lambda index: (answerer.length(questions[index]), questions[index].clip_ids)
    )
    replies: dict[int, Reply] = {}
    for batch in _batches(order, batch_size):
        replies.update(zip(batch, answerer.answer([questions[index] for index in batch]), strict=True))
    return [_prediction(question, replies[index]) for index, question in enumerate(questions)]


def _batches(order: Sequence[int], batch_size: int) -> Iterator[Sequence[int]]:
    for start in range(0, len(order), batch_size):
        yield order[start : start + batch_size]


def _prediction(question: Question, reply: Reply) -> Prediction:
    return Prediction(question_id=question.id, response=reply.text, finish_reason=reply.finish_reason)

"""Every question gets its own answer, whatever the batches are."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from balsa_core.decoding import Reply
from balsa_core.evaluation.ask import predict
from balsa_core.evaluation.scoring import load_benchmark
from balsa_core.records import Question
from tests.evaluation.scenes import CONFIG, Speaker, make_clips, make_question, sounds_of

CLIPS = make_clips()
QUESTIONS = load_benchmark("object_existence").questions(CLIPS, sounds_of(CLIPS), CONFIG)


@pytest.mark.parametrize("batch_size", [1, 7, 1000])
def test_predictions_are_in_the_order_of_the_questions(batch_size: int) -> None:
    said = predict(QUESTIONS, Speaker(lambda question: f"to {question.id}"), batch_size)
    assert [(prediction.question_id, prediction.response) for prediction in said] == [
        (question.id, f"to {question.id}") for question in QUESTIONS
    ]


def test_a_batch_holds_questions_of_like_length() -> None:
    speaker = Speaker()
    predict(QUESTIONS, speaker, 8)
    lengths = [speaker.length(question) for batch in speaker.batches for question in batch]
    assert [len(batch) for batch in speaker.batches] == [8] * (len(QUESTIONS) // 8)
    assert lengths == sorted(lengths)


def test_questions_of_equal_length_about_one_clip_stay_together() -> None:
    questions = [make_question(f"{turn}{clip}", "Yes") for turn in "xyz" for clip in "ab"]
    questions = [replace(question, clip_ids=(question.id[1],)) for question in questions]
    speaker = Speaker()
    predict(questions, speaker, 3)
    assert [{question.clip_ids[0] for question in batch} for batch in speaker.batches] == [{"a"}, {"b"}]


def test_no_question_needs_no_answer() -> None:
    assert predict([], Speaker(), 8) == []


def test_an_answerer_that_leaves_one_out_is_found() -> None:
    class Mute(Speaker):
        def answer(self, questions: Sequence[Question]) -> list[Reply]:
            return super().answer(questions)[1:]

    with pytest.raises(ValueError, match="shorter"):
        predict(QUESTIONS, Mute(), 8)

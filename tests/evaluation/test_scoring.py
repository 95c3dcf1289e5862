"""Predictions meet their questions, one to one."""

import pytest

from balsa_core.evaluation.scoring import STRICT, aligned, benchmark_names, load_benchmark, outcomes, score
from balsa_core.records import Prediction, Verdict
from tests.evaluation.scenes import CONFIG, make_clips, make_question, oracle, respond, sounds_of

QUESTIONS = [make_question("one", "Yes"), make_question("two", "No")]


def test_predictions_come_in_the_order_of_the_questions() -> None:
    said = respond(QUESTIONS, oracle)
    assert aligned(QUESTIONS, said[::-1]) == said


@pytest.mark.parametrize(
    ("asked", "said", "message"),
    [
        (["one", "two"], ["one"], "question 'two' has no prediction"),
        (["one"], ["one", "zwei"], "prediction 'zwei' has no question"),
        (["one"], ["one", "one"], "question 'one' has several predictions"),
        (["one", "one"], ["one"], "question 'one' asked twice"),
        (["one"], [], "question 'one' has no prediction"),
        ([], ["one", "two"], "prediction 'one' has no question .and 1 more"),
    ],
)
def test_what_does_not_fit_is_named(asked: list[str], said: list[str], message: str) -> None:
    questions = [make_question(name, "Yes") for name in asked]
    predictions = [Prediction(question_id=name, response="Yes", finish_reason="stop") for name in said]
    with pytest.raises(ValueError, match=message):
        score(load_benchmark("object_existence"), questions, predictions)


@pytest.mark.parametrize("name", benchmark_names())
def test_scoring_again_gives_the_same(name: str) -> None:
    clips = make_clips()
    benchmark = load_benchmark(name)
    questions = benchmark.questions(clips, sounds_of(clips), CONFIG)
    said = respond(questions, oracle)
    assert score(benchmark, questions, said) == score(benchmark, questions, said[::-1])


def test_a_pair_is_right_only_when_both_of_its_questions_are() -> None:
    questions = [make_question(name, "Yes", pair=name[0], cluster=name[0]) for name in ("a1", "a2", "b1", "b2")]
    verdicts = [
        Verdict(question_id=question.id, scorer=scorer, parsed="yes", correct=question.id != "a2" or scorer != STRICT)
        for question in questions
        for scorer in (STRICT, "official@x")
    ]
    assert outcomes(questions, verdicts) == [("a", False, "a"), ("b", True, "b")]
    assert all(outcome.correct for outcome in outcomes(questions, verdicts, "official@x"))


def test_an_unknown_benchmark_names_the_known_ones() -> None:
    with pytest.raises(ValueError, match="choose generative_hallucination, multi_audio, object_existence"):
        load_benchmark("hearing")

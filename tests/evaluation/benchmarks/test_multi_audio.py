"""Pairs of clips asked about in both orders."""

import pytest

from balsa_core.evaluation.benchmarks.multi_audio import PLUGIN, parse_place
from balsa_core.evaluation.scoring import fact
from balsa_core.labels import Ontology
from balsa_core.prompt import AUDIO
from balsa_core.records import Question
from tests.evaluation.scenes import CONFIG, make_clip, make_clips, oracle, scores_of, sounds_of

CLIPS = make_clips(30)
SOUNDS = sounds_of(CLIPS)
QUESTIONS = PLUGIN.questions(CLIPS, SOUNDS, CONFIG)
TAGS = {clip.id: clip.tags for clip in CLIPS}


def ask(num_pairs: int) -> list[Question]:
    return PLUGIN.questions(CLIPS, SOUNDS, CONFIG.model_copy(update={"num_pairs": num_pairs}))


def test_only_the_clip_of_the_answer_has_the_sound() -> None:
    for question in QUESTIONS:
        has = [fact(question, "sound") in TAGS[clip_id] for clip_id in question.clip_ids]
        assert has == [question.answer == "first", question.answer == "second"]


def test_a_pair_is_asked_in_both_orders_with_the_same_words() -> None:
    for first, second in zip(QUESTIONS[::2], QUESTIONS[1::2], strict=True):
        assert (first.answer, second.answer) == ("first", "second")
        assert (first.clip_ids, first.seeds) == (second.clip_ids[::-1], second.seeds[::-1])
        assert (first.prompt, first.facts, first.cluster) == (second.prompt, second.facts, second.cluster)
        assert first.prompt.startswith(f"{AUDIO}\n{AUDIO}\n")


@pytest.mark.parametrize("num_pairs", [1, 7, 100])
def test_there_are_as_many_pairs_as_wanted(num_pairs: int) -> None:
    assert len(ask(num_pairs)) == 2 * num_pairs


def test_no_two_clips_meet_twice_and_each_holds_the_sound_about_equally_often() -> None:
    pairs = ask(100)[::2]
    assert len({frozenset(question.clip_ids) for question in pairs}) == len(pairs)
    held = [sum(question.clip_ids[0] == clip.id for question in pairs) for clip in CLIPS]
    assert max(held) - min(held) <= 1


def test_it_stops_when_the_clips_allow_no_more_pairs() -> None:
    clips = [make_clip("a", ["dog"]), make_clip("b", ["rain"]), make_clip("c", ["dog"])]
    questions = PLUGIN.questions(clips, sounds_of(clips), CONFIG)
    assert {frozenset(question.clip_ids) for question in questions} == {frozenset("ab"), frozenset("bc")}


def test_clips_of_one_recording_and_related_sounds_are_not_told_apart() -> None:
    ontology = Ontology(parents={"dog": ("animal",)})
    clips = [make_clip("a", ["dog"], group="g"), make_clip("b", ["rain"], group="g"), make_clip("c", ["animal"])]
    questions = PLUGIN.questions(clips, sounds_of(clips, ontology), CONFIG)
    assert {frozenset(question.clip_ids) for question in questions} == {frozenset("bc")}


@pytest.mark.parametrize(
    ("response", "place"),
    [
        ("The first.", "first"),
        ("The second.", "second"),
        ("SECOND", "second"),
        ("the 1st recording", "first"),
        ("It is in the second clip", "second"),
        ("first, not second", None),
        ("Both the first and the second.", None),
        ("Neither.", None),
        ("firstly", None),
        ("", None),
    ],
)
def test_a_response_must_name_one_place(response: str, place: str | None) -> None:
    assert parse_place(response) == place


def test_the_oracle_has_every_pair() -> None:
    scores = scores_of(PLUGIN, QUESTIONS, oracle)
    assert (scores["order_consistent_accuracy"].value, scores["order_consistent_accuracy"].n) == (1.0, 100)
    assert (scores["accuracy"].value, scores["position_bias"].value) == (1.0, 0.0)


@pytest.mark.parametrize(("said", "bias"), [("The first.", 0.5), ("The second.", -0.5)])
def test_a_favourite_place_gets_half_of_the_questions_and_no_pair(said: str, bias: float) -> None:
    scores = scores_of(PLUGIN, QUESTIONS, lambda _question: said)
    assert scores["accuracy"].value == 0.5
    assert scores["order_consistent_accuracy"].value == 0.0
    assert scores["position_bias"].value == bias


def test_silence_has_no_position_bias() -> None:
    scores = scores_of(PLUGIN, QUESTIONS, lambda _question: "")
    assert scores["position_bias"].value is None
    assert scores["invalid_rate"].value == 1.0

"""The questions about sounds that are there and that are not, and their scores."""

from collections import Counter

import pytest

from balsa_core.evaluation.benchmarks.object_existence import OFFICIAL, PLUGIN, WORDINGS
from balsa_core.evaluation.scoring import STRICT, fact
from balsa_core.evaluation.statistics import wilson
from balsa_core.labels import Ontology
from balsa_core.records import Question
from tests.evaluation.scenes import CONFIG, make_clip, make_clips, oracle, scores_of, sounds_of, verdicts_of

CLIPS = make_clips(60)
SOUNDS = sounds_of(CLIPS)
QUESTIONS = PLUGIN.questions(CLIPS, SOUNDS, CONFIG)
TAGS = {clip.id: clip.tags for clip in CLIPS}


def ask(**changes: object) -> list[Question]:
    return PLUGIN.questions(CLIPS, SOUNDS, CONFIG.model_copy(update=changes))


@pytest.mark.parametrize(("wanted", "given"), [(1, 2), (2, 2), (3, 2), (4, 4), (6, 6), (10, 10)])
def test_a_clip_gets_as_many_present_as_absent_questions(wanted: int, given: int) -> None:
    counts = Counter((question.clip_ids[0], question.kind) for question in ask(questions_per_clip=wanted))
    assert set(counts.values()) == {given // 2}
    assert len(counts) == 2 * len(CLIPS)


@pytest.mark.parametrize("strategy", ["random", "popular", "adversarial", "mixed"])
def test_present_sounds_are_tags_and_absent_ones_are_not(strategy: str) -> None:
    for question in ask(negatives=strategy):
        present = fact(question, "sound") in TAGS[question.clip_ids[0]]
        assert (question.kind, question.answer) == (("present", "Yes") if present else ("absent", "No"))
        assert fact(question, "sound") in question.prompt


def test_each_wording_is_as_often_about_present_as_about_absent_sounds() -> None:
    counts = Counter((fact(question, "wording"), question.kind) for question in QUESTIONS)
    assert {wording for wording, _ in counts} == set(WORDINGS)
    assert all(counts[wording, "present"] == counts[wording, "absent"] for wording in WORDINGS)


@pytest.mark.parametrize("wanted", [10, 40, 400])
@pytest.mark.parametrize("num_tags", [1, 2, 5])  # five sounds and five wordings go round together
def test_no_question_is_asked_twice_however_many_are_wanted(wanted: int, num_tags: int) -> None:
    clip = make_clip("a", SOUNDS.labels[:num_tags])
    questions = PLUGIN.questions([clip], SOUNDS, CONFIG.model_copy(update={"questions_per_clip": wanted}))
    assert len(questions) == min(wanted, 10 * num_tags)
    assert len({question.prompt for question in questions}) == len(questions)


def test_a_synonym_or_a_parent_of_a_present_sound_is_never_called_absent() -> None:
    ontology = Ontology(parents={"dog": ("animal",)}, synonyms={"rain": ("drizzle",)})
    clips = [make_clip("a", ["dog", "rain"]), make_clip("b", ["animal"]), make_clip("c", ["drizzle", "wind"])]
    questions = PLUGIN.questions(clips[:1], sounds_of(clips, ontology), CONFIG)
    assert {fact(question, "sound") for question in questions if question.kind == "absent"} == {"wind"}


def test_a_sound_that_the_caption_names_is_never_called_absent() -> None:
    clips = [make_clip("a", ["dog"], caption="A dog in the rain."), make_clip("b", ["rain", "wind"])]
    questions = PLUGIN.questions(clips[:1], sounds_of(clips), CONFIG)
    assert {fact(question, "sound") for question in questions if question.kind == "absent"} == {"wind"}


def test_a_clip_is_skipped_with_a_reason() -> None:
    clips = [make_clip("bare", []), make_clip("all", ["dog", "rain"]), make_clip("some", ["dog"])]
    sounds = sounds_of(clips)
    assert [(reject.id, reject.reason) for reject in PLUGIN.skipped(clips, sounds)] == [
        ("bare", "no_tags"),
        ("all", "no_absent_sound"),
    ]
    assert {question.clip_ids[0] for question in PLUGIN.questions(clips, sounds, CONFIG)} == {"some"}


def test_the_questions_of_a_clip_do_not_depend_on_the_other_clips() -> None:
    assert PLUGIN.questions(CLIPS[7:9], SOUNDS, CONFIG) == [q for q in QUESTIONS if q.clip_ids[0] in ("clip7", "clip8")]


def test_another_seed_asks_other_questions() -> None:
    assert [question.prompt for question in ask(seed=1)] != [question.prompt for question in QUESTIONS]


def test_clips_of_one_recording_are_one_cluster() -> None:
    clips = [make_clip(name, ["dog"], group="tape") for name in ("a", "b")]
    questions = PLUGIN.questions(clips, SOUNDS, CONFIG)
    assert {question.cluster for question in questions} == {"tape"}


def test_the_seed_text_stands_for_the_audio() -> None:
    (question, *_) = PLUGIN.questions([make_clip("a", ["dog", "rain"])], SOUNDS, CONFIG)
    assert question.seeds == ("(dog, rain)",)


@pytest.mark.parametrize(("said", "present", "absent", "yes_rate"), [("Yes.", 1.0, 0.0, 1.0), ("no", 0.0, 1.0, 0.0)])
def test_a_constant_answer_is_right_half_of_the_time(said: str, present: float, absent: float, yes_rate: float) -> None:
    scores = scores_of(PLUGIN, QUESTIONS, lambda _question: said)
    assert scores["accuracy"] == wilson(len(QUESTIONS) // 2, len(QUESTIONS))
    assert [scores[name].value for name in ("accuracy_present", "accuracy_absent", "yes_rate")] == [
        present,
        absent,
        yes_rate,
    ]
    assert scores["weighted_f1"].value == pytest.approx(1 / 3)


def test_the_oracle_is_right_by_both_scorers() -> None:
    scores = scores_of(PLUGIN, QUESTIONS, oracle)
    assert [scores[name].value for name in ("accuracy", "weighted_f1", "f1_no", "precision_no", "f1_no_std")] == [
        1.0,
        1.0,
        1.0,
        1.0,
        0.0,
    ]
    assert [scores[f"official_{name}_pct"].value for name in ("accuracy", "precision", "recall", "f1", "yes_rate")] == [
        100.0,
        100.0,
        100.0,
        100.0,
        50.0,
    ]


def test_a_small_no_is_no_answer_to_the_official_scorer_only() -> None:
    verdicts = verdicts_of(PLUGIN, QUESTIONS, lambda question: question.answer.lower())
    official = [verdict for verdict in verdicts if verdict.scorer == OFFICIAL]
    strict = [verdict for verdict in verdicts if verdict.scorer == STRICT]
    assert all(verdict.correct for verdict in strict)
    assert {verdict.parsed for verdict in official} == {"yes", None}


def test_where_the_official_code_would_stop_the_score_is_absent() -> None:
    scores = scores_of(PLUGIN, QUESTIONS, lambda _question: "Yes")
    assert scores["official_precision_pct"].value is None
    assert scores["official_f1_pct"].value is None
    assert scores["official_f1_pct"].low is None
    assert scores["official_accuracy_pct"].value == 50.0


def test_an_unreadable_response_is_wrong_and_counted() -> None:
    scores = scores_of(PLUGIN, QUESTIONS, lambda _question: "Perhaps.")
    assert scores["accuracy"].value == 0.0
    assert scores["invalid_rate"].value == 1.0
    assert scores["yes_rate"].value == 0.0


def test_the_spread_over_wordings_is_that_of_their_f1() -> None:
    deaf_to = WORDINGS[0]

    def answer(question: Question) -> str:
        return "Yes" if fact(question, "wording") == deaf_to else question.answer

    # F1 is 0 for one wording and 1 for four: mean 0.8, population standard deviation 0.4
    assert scores_of(PLUGIN, QUESTIONS, answer)["f1_no_std"].value == pytest.approx(0.4)

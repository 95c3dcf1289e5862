"""What a description names that is not there, and what it covers of what is."""

import pytest

from balsa_core.evaluation.benchmarks.generative_hallucination import OFFICIAL, PLUGIN, PROMPTS, read_mentions
from balsa_core.evaluation.scoring import STRICT
from balsa_core.labels import Ontology
from balsa_core.records import Question
from tests.evaluation.scenes import CONFIG, make_clip, oracle, scores_of, sounds_of, verdicts_of

ONTOLOGY = Ontology(parents={"dog": ("animal",), "poodle": ("dog",), "drum": ("music",)}, synonyms={"dog": ("hound",)})
CLIPS = [make_clip("a", ["dog", "rain"]), make_clip("b", ["siren"]), make_clip("c", ["animal", "crying baby"])]
SOUNDS = sounds_of(CLIPS, ONTOLOGY)
QUESTIONS = PLUGIN.questions(CLIPS[:2], SOUNDS, CONFIG)


@pytest.mark.parametrize(
    ("response", "named", "hallucinated", "echo", "cover"),
    [
        ("I hear dog and rain.", "dog rain", "", 0.0, 1.0),
        ("I hear dog and siren.", "dog siren", "siren", 0.5, 0.5),
        ("I hear dog, but there is no siren.", "dog", "", 0.0, 0.5),
        ("There is no dog.", "", "", None, 0.0),
        ("An animal and rain.", "rain", "", 0.0, 0.5),  # a dog is an animal: neither right nor wrong
        ("A siren.", "siren", "siren", 1.0, 0.0),
        ("Dogs, dogs and dogs.", "dog", "", 0.0, 0.5),
        ("A hound.", "dog", "", 0.0, 0.5),  # another name
        ("A poodle and rain.", "rain", "", 0.0, 0.5),
        ("A drum.", "drum", "drum", 1.0, 0.0),  # of the ontology, not of the corpus
        ("Something.", "", "", None, 0.0),
        ("", "", "", None, 0.0),
    ],
)
def test_a_response_names_what_it_affirms(
    response: str, named: str, hallucinated: str, echo: float | None, cover: float
) -> None:
    found = read_mentions(QUESTIONS[0], response)
    assert (found.named, found.hallucinated) == (tuple(named.split()), tuple(hallucinated.split()))
    assert (found.echo, found.cover) == (echo, cover)


def test_each_clip_is_asked_the_five_official_prompts() -> None:
    assert [question.prompt.split("\n")[-1] for question in QUESTIONS] == list(PROMPTS) * 2
    assert {question.cluster for question in QUESTIONS} == {"a", "b"}


def mixed(question: Question) -> str:
    """Of clip a: silence, then half right; of clip b: right."""
    if question.clip_ids == ("b",):
        return "A siren."
    return "" if question.prompt.endswith(PROMPTS[0]) else "I hear dog and siren."


def test_clean_averages_leave_silence_out_and_count_it() -> None:
    scores = scores_of(PLUGIN, QUESTIONS, mixed)
    assert scores["echo_i"].value == pytest.approx(4 * 0.5 / 9)
    assert scores["echo_s"].value == pytest.approx(4 / 9)
    assert scores["cover"].value == pytest.approx((4 * 0.5 + 5) / 10)
    assert scores["empty_rate"].value == 0.1
    assert scores["hallucination_free_rate"].value == 0.5
    assert scores["echo_i"].n == 9


def test_official_averages_take_minus_one_for_silence() -> None:
    scores = scores_of(PLUGIN, QUESTIONS, mixed)
    assert scores["official_echo_i_pct"].value == round((4 * 0.5 - 1) / 10 * 100, 2)
    assert scores["official_echo_s_pct"].value == round((4 - 1) / 10 * 100, 2)
    assert scores["official_cover_pct"].value == 70.0


def test_silence_looks_good_to_the_official_average_only() -> None:
    scores = scores_of(PLUGIN, QUESTIONS, lambda _question: "")
    assert scores["official_echo_i_pct"].value == -100.0
    assert scores["echo_i"].value is None
    assert scores["empty_rate"].value == 1.0
    assert scores["cover"].value == 0.0


def test_a_verdict_holds_the_mentions_and_the_share_that_is_not_there() -> None:
    verdicts = verdicts_of(PLUGIN, QUESTIONS[:2], mixed)
    by_scorer = {(verdict.question_id, verdict.scorer): verdict for verdict in verdicts}
    assert by_scorer["generative_hallucination/a/0", OFFICIAL].value == -1.0
    assert by_scorer["generative_hallucination/a/0", STRICT].value is None
    spoken = by_scorer["generative_hallucination/a/1", STRICT]
    assert (spoken.parsed, spoken.correct, spoken.value) == ("dog, siren", False, 0.5)


def test_the_oracle_covers_all_and_invents_nothing() -> None:
    scores = scores_of(PLUGIN, QUESTIONS, oracle)
    assert [scores[name].value for name in ("echo_i", "echo_s", "cover", "empty_rate")] == [0.0, 0.0, 1.0, 0.0]

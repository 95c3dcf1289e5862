import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from balsa_core.labels import (
    Ontology,
    SoundIndex,
    Strategy,
    canonical_label,
    describe_tags,
    index_sounds,
    join_labels,
    load_ontology,
)
from balsa_core.pocket.sound_names import ESC50_NAMES
from balsa_core.soundscapes.ontology import SOUNDS, ancestors

SHIPPED = load_ontology()
ALL_LABELS = sorted(SHIPPED.labels)
CORPUS = index_sounds([(label,) for label in (*SOUNDS, *ESC50_NAMES)], SHIPPED)


@pytest.mark.parametrize(
    ("text", "label"), [("Crackling_Fire ", "crackling fire"), ("  Dog\t bark", "dog bark"), ("dog", "dog"), ("", "")]
)
def test_a_label_has_one_spelling(text: str, label: str) -> None:
    assert canonical_label(text) == label
    assert canonical_label(label) == label


@pytest.mark.parametrize(
    ("labels", "text"), [((), ""), (("a",), "a"), (("a", "b"), "a and b"), (("a", "b", "c"), "a, b and c")]
)
def test_labels_are_listed_as_in_a_sentence(labels: tuple[str, ...], text: str) -> None:
    assert join_labels(labels) == text


def test_tags_are_described_in_brackets() -> None:
    assert describe_tags(("dog", "rain")) == "(dog, rain)"


# What is shipped


@pytest.mark.parametrize("sound", SOUNDS)
def test_the_ontology_knows_every_made_sound_as_the_soundscapes_do(sound: str) -> None:
    assert SHIPPED.parents[sound]
    assert set(ancestors(sound)) <= SHIPPED.ancestors(sound)


@pytest.mark.parametrize("label", ESC50_NAMES)
def test_the_ontology_knows_every_class_of_esc50(label: str) -> None:
    assert SHIPPED.ancestors(label)


def test_every_kind_has_something_below_it_and_labels_are_canonical() -> None:
    above = {parent for parents in SHIPPED.parents.values() for parent in parents}
    assert above >= SHIPPED.kinds
    assert all(canonical_label(label) == label for label in ALL_LABELS)


def test_no_label_is_its_own_ancestor() -> None:
    assert [label for label in ALL_LABELS if label in SHIPPED.ancestors(label)] == []


@pytest.mark.parametrize(
    ("one", "other", "related"),
    [
        ("dog", "dog", True),
        ("dog", "barking", True),
        ("barking", "dog", True),
        ("barking", "animal", True),
        ("animal", "dog bark", True),
        ("dog", "cat", False),
        ("chirping birds", "bird chirp", True),
        ("crickets", "cricket", True),
        ("rain", "thunderstorm", True),
        ("thunder", "thunderstorm", True),
        ("rain", "thunder", False),
        ("engine", "helicopter", True),
        ("engine", "siren", False),
        ("bell", "church bells", True),
        ("dog", "unheard of", False),
    ],
)
def test_what_is_related_can_not_be_called_absent(one: str, other: str, related: bool) -> None:
    assert SHIPPED.related(one, other) is related
    assert SHIPPED.related(other, one) is related


@given(st.sampled_from(ALL_LABELS), st.sampled_from(ALL_LABELS))
def test_to_be_related_goes_both_ways(one: str, other: str) -> None:
    assert SHIPPED.related(one, other) == SHIPPED.related(other, one)


def test_a_circle_of_parents_ends() -> None:
    ontology = Ontology({"a": ("b",), "b": ("a",)})
    assert ontology.relatives("a") == {"a", "b"}


def test_an_own_ontology_is_read_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"parents": {"Tabla": ["Drum"]}, "synonyms": {"drum": ["Membranophone"]}}))
    ontology = load_ontology(path)
    assert ontology.related("tabla", "membranophone")
    assert ontology.kinds == {"drum"}
    assert ontology.identity() != SHIPPED.identity() == load_ontology().identity()


def test_an_ontology_with_unknown_parts_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "mine.json"
    path.write_text('{"children": {}}')
    with pytest.raises(ValueError, match="has children: an ontology has only parents, synonyms and kinds"):
        load_ontology(path)


# Absent sounds

strategies = st.sampled_from(["random", "popular", "adversarial", "mixed"])
presents = st.lists(st.sampled_from(CORPUS.labels), max_size=4, unique=True)


@given(presents, st.integers(0, 12), strategies, st.integers(0, 2**32))
def test_an_absent_sound_is_unrelated_to_every_present_one(
    present: list[str], num: int, strategy: Strategy, seed: int
) -> None:
    drawn = CORPUS.draw_absent(present, num, strategy, np.random.default_rng(seed))
    assert len(set(drawn)) == len(drawn) <= num
    assert not any(SHIPPED.related(label, other) for label in drawn for other in present)
    assert set(drawn) <= set(CORPUS.absent(present))
    assert drawn == CORPUS.draw_absent(present, num, strategy, np.random.default_rng(seed))


@pytest.mark.parametrize("strategy", ["random", "popular", "adversarial", "mixed"])
def test_as_many_are_drawn_as_there_are(strategy: Strategy) -> None:
    sounds = index_sounds([("dog",), ("cat",), ("rain",)], SHIPPED)
    assert sorted(sounds.draw_absent(("dog",), 9, strategy, np.random.default_rng(0))) == ["cat", "rain"]
    assert index_sounds([("dog",)], SHIPPED).draw_absent(("dog",), 9, strategy, np.random.default_rng(0)) == ()


def test_what_a_caption_names_in_any_form_is_not_absent() -> None:
    absent = CORPUS.absent(("rain",), "Birds were chirping while somebody typed on a keyboard and a canine barked.")
    assert not {"chirping birds", "bird chirp", "keyboard typing", "dog", "dog bark"} & set(absent)
    assert "siren" in absent


def share(sounds: SoundIndex, strategy: Strategy, label: str) -> float:
    rngs = (np.random.default_rng(seed) for seed in range(600))
    return float(np.mean([sounds.draw_absent(("dog",), 1, strategy, rng) == (label,) for rng in rngs]))


SKEWED = index_sounds([("rain",)] * 8 + [("siren",), ("engine", "dog"), ("engine", "dog"), ("cat",)], SHIPPED)


@pytest.mark.parametrize(
    ("strategy", "label", "low", "high"),
    [
        ("random", "rain", 0.2, 0.3),  # 1 of 4
        ("popular", "rain", 0.61, 0.72),  # 8 of 12
        ("adversarial", "engine", 0.88, 0.97),  # 2.05 of 2.2
        ("mixed", "rain", 0.25, 0.37),  # a third of 0.25 + 0.667 + 0.023
    ],
)
def test_a_strategy_prefers_what_it_says(strategy: Strategy, label: str, low: float, high: float) -> None:
    assert low < share(SKEWED, strategy, label) < high


def test_an_index_counts_labels_and_pairs() -> None:
    assert SKEWED.counts["engine"] == 2
    assert SKEWED.together["dog"] == {"engine": 2}
    assert SKEWED.labels == ("cat", "dog", "engine", "rain", "siren")


def test_a_caption_is_read_for_what_it_affirms_in_the_words_of_the_corpus() -> None:
    assert SKEWED.named("A dog barks, rain falls, a piano plays and there is no cat.") == ("dog", "rain", "piano")
    assert SKEWED.named("An animal in nature.") == ()

"""The options of an instruction, and what every recipe in the folder must do."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from balsa_core.config import NegativesConfig
from balsa_core.identity import fingerprint
from balsa_core.labels import index_sounds, load_ontology
from balsa_core.prompt import AUDIO
from balsa_core.synthesis.recipe import Draft, Options, Problem, draw_options, load_recipe, recipe_names
from tests.synthesis.things import made_clip

ONTOLOGY = load_ontology()
LABELS = ("dog", "barking", "cat", "rain", "thunderstorm", "siren", "engine", "helicopter", "church bells", "bell")
SOUNDS = index_sounds([(label,) for label in LABELS], ONTOLOGY)
CLIPS = [made_clip("one", "dog", "rain"), made_clip("two", "siren"), made_clip("three", "engine")]

presents = st.lists(st.sampled_from(LABELS), max_size=3, unique=True)
configs = st.builds(
    lambda low, more, strategy: NegativesConfig(min_options=low, max_options=low + more, strategy=strategy),
    st.integers(1, 4),
    st.integers(0, 3),
    st.sampled_from(["random", "popular", "adversarial", "mixed"]),
)


@given(presents, configs, st.integers(0, 2**32))
def test_options_are_present_ones_and_ones_that_are_surely_absent(
    present: list[str], negatives: NegativesConfig, seed: int
) -> None:
    options = draw_options(present, "", SOUNDS, negatives, np.random.default_rng(seed))
    absent = set(SOUNDS.absent(present))
    assert set(options.absent) == set(options.offered) & absent
    assert set(options.offered) - absent <= set(present)
    assert len(set(options.offered)) == len(options.offered) <= negatives.max_options
    assert len(options.absent) >= 1
    if len(absent) + len(present) >= negatives.min_options:
        assert len(options.offered) >= min(negatives.min_options, len(absent) + min(1, len(present)))


def test_where_nothing_is_surely_absent_only_present_ones_are_offered() -> None:
    sounds = index_sounds([("dog",), ("rain",)], ONTOLOGY)
    options = draw_options(("dog", "rain"), "", sounds, NegativesConfig(), np.random.default_rng(0))
    assert (set(options.offered), options.absent) == ({"dog", "rain"}, ())


def test_where_no_label_is_known_nothing_is_offered() -> None:
    options = draw_options((), "", index_sounds([], ONTOLOGY), NegativesConfig(), np.random.default_rng(0))
    assert options == Options((), ())


def test_some_lists_offer_no_present_sound_and_most_do() -> None:
    rngs = (np.random.default_rng(seed) for seed in range(1000))
    drawn = [draw_options(("dog", "rain"), "", SOUNDS, NegativesConfig(), rng) for rng in rngs]
    share = np.mean([set(options.offered) == set(options.absent) for options in drawn])
    assert 0.15 < share < 0.25


def test_what_a_caption_mentions_is_not_offered_as_absent() -> None:
    rngs = (np.random.default_rng(seed) for seed in range(200))
    seed = "Thunder rolls, a helicopter passes and no cat meows. (rain)"
    drawn = [draw_options(("rain",), seed, SOUNDS, NegativesConfig(), rng) for rng in rngs]
    assert not {label for options in drawn for label in options.absent} & {
        "thunderstorm",
        "helicopter",
        "cat",
        "engine",
    }


@pytest.mark.parametrize("name", recipe_names())
def test_a_recipe_asks_once_per_clip_and_in_each_of_its_wordings(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.name == name
    assert len(set(recipe.wordings)) == len(recipe.wordings) >= 1
    clips = CLIPS[: recipe.num_clips]
    for wording in recipe.wordings:
        draft = recipe.draft(clips, wording, SOUNDS, NegativesConfig(), np.random.default_rng(0))
        assert isinstance(draft, Draft)
        assert draft.prompt.count(AUDIO) == len(draft.seeds) == recipe.num_clips
        assert "{" not in draft.prompt.replace(AUDIO, "")
        assert wording.split("{")[0] in draft.prompt
        assert set(draft.absent) <= set(draft.options)
        assert not set(draft.absent) & set(draft.present)


@pytest.mark.parametrize("name", recipe_names())
def test_a_recipe_turns_away_a_sound_that_no_clip_has(name: str) -> None:
    recipe = load_recipe(name)
    clips = CLIPS[: recipe.num_clips]
    draft = recipe.draft(clips, recipe.wordings[0], SOUNDS, NegativesConfig(), np.random.default_rng(0))
    assert isinstance(draft, Draft)
    assert isinstance(recipe.check(clips, draft, "I hear a cat.", SOUNDS), Problem)


@pytest.mark.parametrize("name", recipe_names())
def test_a_changed_wording_is_another_recipe(name: str) -> None:
    recipe = load_recipe(name)
    changed = dataclasses.replace(recipe, wordings=(*recipe.wordings[:-1], "Now tell me."))
    assert fingerprint(changed) != fingerprint(recipe)
    assert fingerprint(dataclasses.replace(recipe)) == fingerprint(recipe)


def test_recipes_have_different_identities() -> None:
    assert len({fingerprint(load_recipe(name)) for name in recipe_names()}) == len(recipe_names())


def test_a_clip_with_only_a_caption_is_known_by_what_the_caption_affirms() -> None:
    clip = made_clip("told", caption="A dog barks in the rain, and there is no cat.")
    recipe = load_recipe("combined")
    draft = recipe.draft([clip], recipe.wordings[0], SOUNDS, NegativesConfig(), np.random.default_rng(1))
    assert isinstance(draft, Draft)
    assert draft.present == ("barking", "rain")
    assert draft.seeds == ("A dog barks in the rain, and there is no cat.",)


def test_an_unknown_recipe_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match="recipes has no 'poem': choose combined, difference, joint"):
        load_recipe("poem")

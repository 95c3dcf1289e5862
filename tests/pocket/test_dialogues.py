"""What the pocket language model is taught is true and complete."""

import re

import numpy as np
import pytest

from balsa_core.pocket import wordings
from balsa_core.pocket.dialogues import ASKS, TWO_CLIP_KINDS, Mixture, draw_dialogue, draw_spans
from balsa_core.pocket.spans import MODERATE, PRESENT_SHARE, STRONG, Softness, soft_span, text_span
from balsa_core.registry import load_plugin

SPANS = (text_span(("dog", "rain")), text_span(("rain", "siren")))


@pytest.mark.parametrize("name", ["positive", "negative", "combined", "difference", "joint"])
def test_the_wordings_of_every_recipe_are_taught(name: str) -> None:
    taught = {
        "positive": tuple(wordings.POSITIVE),
        "negative": wordings.NEGATIVE,
        "combined": wordings.COMBINED,
        "difference": wordings.DIFFERENCE,
        "joint": wordings.JOINT,
    }
    assert set(load_plugin("balsa_core.synthesis.recipes", name).wordings) <= set(taught[name])


def test_negative_replies_list_the_absent_options_in_their_order() -> None:
    for seed in range(200):
        turn = ASKS["negative"](np.random.default_rng(seed), SPANS)
        absent = [name for name in turn.asked if name not in SPANS[0].tags]
        assert turn.reply == (f"There is {wordings.join_no(absent)}." if absent else wordings.ALL_PRESENT)
        assert 2 <= len(set(turn.asked)) == len(turn.asked) <= 6


def test_combined_replies_name_every_option_once() -> None:
    for seed in range(200):
        turn = ASKS["combined"](np.random.default_rng(seed), SPANS)
        named = re.split(r", but |, | and ", turn.reply.removesuffix(".").replace("I hear", "").replace("there is", ""))
        said = [name.replace("There is", "").strip() for name in named]
        assert sorted(said) == sorted(name if name in SPANS[0].tags else f"no {name}" for name in turn.asked)


def test_yes_and_no_are_equally_frequent_and_right() -> None:
    turns = [ASKS["existence"](np.random.default_rng(seed), SPANS) for seed in range(600)]
    for turn in turns:
        assert (turn.reply == wordings.YES) == (turn.asked[0] in SPANS[0].tags)
    assert 0.42 < np.mean([turn.reply == wordings.YES for turn in turns]) < 0.58


def test_two_clip_replies_follow_the_contract() -> None:
    rng = np.random.default_rng(0)
    assert ASKS["difference"](rng, SPANS).reply == "The first has dog and rain, the second has rain and siren."
    assert ASKS["joint"](rng, SPANS).reply == "Together they contain dog, rain and siren."
    for seed in range(50):
        turn = ASKS["which"](np.random.default_rng(seed), SPANS)
        assert turn.reply == {"dog": wordings.FIRST, "siren": wordings.SECOND}[turn.asked[0]]


@pytest.mark.parametrize("softness", [MODERATE, STRONG])
@pytest.mark.parametrize("num_tags", [0, 1, 2, 3, 4])
def test_soft_spans_hold_every_tag_clearly_and_nothing_else(softness: Softness, num_tags: int) -> None:
    tags = ("dog", "rain", "siren", "bell")[:num_tags]
    for seed in range(100):
        span = soft_span(tags, ("cat", "drum", "wind"), softness, np.random.default_rng(seed))
        assert sorted(span.tags) == sorted(tags)
        assert 6 <= len(span.slots) <= 20
        for name in (*tags, "cat", "drum", "wind"):
            largest = max(slot.shares.get(name, 0.0) for slot in span.slots)
            assert (largest >= PRESENT_SHARE) == (name in tags)


def test_dialogues_repeat_with_their_seed() -> None:
    once, again = (draw_dialogue(np.random.default_rng(5), 4, Mixture()) for _ in range(2))
    assert once == again


def test_all_kinds_are_asked_of_the_right_number_of_clips() -> None:
    rng = np.random.default_rng(0)
    for kind in ASKS:
        spans = draw_spans(rng, 2 if kind in TWO_CLIP_KINDS else 1, None, Mixture())
        assert ASKS[kind](rng, spans).instruction

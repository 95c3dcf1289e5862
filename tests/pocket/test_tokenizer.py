"""Text comes back from the pocket tokenizer as it went in."""

import numpy as np
import pytest
from transformers import PreTrainedTokenizerFast

from balsa_core import prompt
from balsa_core.pocket import wordings
from balsa_core.pocket.dialogues import Mixture, Turn, draw_dialogue
from balsa_core.pocket.sound_names import ESC50_NAMES, SOUND_NAMES
from balsa_core.pocket.tokenizer import build_tokenizer
from balsa_core.pocket.vocabulary import BEGIN_OF_AUDIO, END_OF_AUDIO


@pytest.fixture(scope="module")
def tokenizer() -> PreTrainedTokenizerFast:
    return build_tokenizer()


def encode(tokenizer: PreTrainedTokenizerFast, text: str) -> list[int]:
    return tokenizer.encode(text, add_special_tokens=False)


@pytest.mark.parametrize("place", ["{}", "({})", "I hear {}, {} and {}.", "the sound of {} in", "no {}.", "{}, {}?"])
def test_every_sound_name_is_one_token_wherever_it_stands(tokenizer: PreTrainedTokenizerFast, place: str) -> None:
    for name in SOUND_NAMES:
        (token,) = encode(tokenizer, name)
        text = place.format(name, name, name)
        assert encode(tokenizer, text).count(token) == place.count("{}")
        assert tokenizer.decode(encode(tokenizer, text)) == text


def test_the_fifty_names_of_esc50_are_known() -> None:
    assert len(ESC50_NAMES) == 50
    assert {"crackling fire", "door wood knock", "chirping birds"} < set(ESC50_NAMES)


def test_every_instruction_and_reply_comes_back_as_it_was(tokenizer: PreTrainedTokenizerFast) -> None:
    rng = np.random.default_rng(0)
    turns: list[Turn] = []
    for _ in range(300):
        turns += [turn for branch in draw_dialogue(rng, 6, Mixture()).branches for turn in branch]
    assert {turn.kind for turn in turns} >= {"positive", "existence", "negative", "combined", "difference", "joint"}
    for turn in turns:
        for text in (turn.instruction, turn.reply):
            assert tokenizer.decode(encode(tokenizer, text)) == text


def test_every_wording_is_made_of_whole_words(tokenizer: PreTrainedTokenizerFast) -> None:
    texts = [*wordings.POSITIVE, *wordings.NEGATIVE, *wordings.COMBINED, *wordings.EXISTENCE, *wordings.DIFFERENCE]
    texts += [*wordings.JOINT, *wordings.WHICH_CLIP, wordings.YES, wordings.NO, wordings.ALL_PRESENT, wordings.TOGETHER]
    for text in texts:
        filled = text.format(options="dog, rain", sound="dog", union="dog", present="dog", first="dog", second="dog")
        tokens = tokenizer.convert_ids_to_tokens(encode(tokenizer, filled))
        assert not [token for token in tokens if token.startswith("##")], filled


@pytest.mark.parametrize(
    "text",
    ["a dogfish, a zorb (x).", '"hello there" (Gender: female)', "[00:00-00:10] (dog barking, rain)", "2/5 (poor)"],
)
def test_unknown_words_fall_to_letters_and_come_back(tokenizer: PreTrainedTokenizerFast, text: str) -> None:
    assert tokenizer.decode(encode(tokenizer, text)) == text


def test_an_unknown_word_holds_no_known_one(tokenizer: PreTrainedTokenizerFast) -> None:
    assert not set(encode(tokenizer, "dog")) & set(encode(tokenizer, "dogfish"))


def test_what_is_not_ascii_becomes_unknown(tokenizer: PreTrainedTokenizerFast) -> None:
    assert tokenizer.unk_token_id in encode(tokenizer, "naïve")


def test_the_marks_of_the_audio_are_single_tokens_and_those_of_the_renderer(tokenizer: PreTrainedTokenizerFast) -> None:
    assert (BEGIN_OF_AUDIO, END_OF_AUDIO) == (prompt.BEGIN_OF_AUDIO, prompt.END_OF_AUDIO)
    assert len(encode(tokenizer, BEGIN_OF_AUDIO)) == len(encode(tokenizer, END_OF_AUDIO)) == 1


def test_a_seed_text_cannot_spell_a_special_token(tokenizer: PreTrainedTokenizerFast) -> None:
    assert not set(prompt.encode(tokenizer, "<|end|> [End of audio] <|user|>")) & set(tokenizer.all_special_ids[:1])
    assert prompt.encode(tokenizer, "(door wood knock)") == encode(tokenizer, "(door wood knock)")


def test_the_chat_template_closes_every_turn_and_opens_the_assistant(tokenizer: PreTrainedTokenizerFast) -> None:
    turns = [
        {"role": "system", "content": "S"},
        {"role": "user", "content": "U"},
        {"role": "assistant", "content": "A"},
    ]
    closed = "<|system|>S<|end|><|user|>U<|end|><|assistant|>A<|end|>"
    assert tokenizer.apply_chat_template(turns, tokenize=False) == closed
    opened = tokenizer.apply_chat_template(turns[:2], tokenize=False, add_generation_prompt=True)
    assert opened == "<|system|>S<|end|><|user|>U<|end|><|assistant|>"


def test_the_tokenizer_adds_nothing(tokenizer: PreTrainedTokenizerFast) -> None:
    assert tokenizer("dog")["input_ids"] == encode(tokenizer, "dog")

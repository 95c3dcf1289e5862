"""The invariant of the method: outside the audio spans, training asks what was asked when the target was written."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from transformers import PreTrainedTokenizerFast

from balsa_core.pocket.tokenizer import build_tokenizer
from balsa_core.prompt import (
    AUDIO,
    BEGIN_OF_AUDIO,
    END_OF_AUDIO,
    Message,
    Prompt,
    conversation,
    encode,
    fill_text,
    render,
    render_target,
    user_message,
)
from tests.tiny_models import CHAT_TEMPLATE, tiny_tokenizer

# The shapes of the templates in use, written with the special tokens of the tiny tokenizer.
TEMPLATES = {
    "pocket": CHAT_TEMPLATE,
    "llama3": (
        "{{ bos_token or '<s>' }}{% for message in messages %}"
        "{{ '<|' + message['role'] + '|>\n\n' + message['content'] | trim + '<|end|>' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|assistant|>\n\n' }}{% endif %}"
    ),
    "chatml": (
        "{% if messages[0]['role'] != 'system' %}{{ '<|system|>\nYou are a helpful assistant.<|end|>\n' }}{% endif %}"
        "{% for message in messages %}"
        "{{ '<|' + message['role'] + '|>\n' + message['content'] + '<|end|>\n' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% endif %}"
    ),
    "gemma": (
        "{% if messages[0]['role'] == 'system' %}{{ raise_exception('System role not supported') }}{% endif %}"
        "{{ '<s>' }}{% for message in messages %}{% set role = 'model' if message['role'] == 'assistant' else 'user' %}"
        "{{ '<start_of_turn>' + role + '\n' + message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}"
        "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}"
    ),
    "mistral": (
        "{{ '<s>' }}{% for message in messages %}"
        "{% if message['role'] == 'user' %}{{ '[INST] ' + message['content'] + ' [/INST]' }}"
        "{% elif message['role'] == 'assistant' %}{{ ' ' + message['content'] | trim + '<|end|>' }}"
        "{% else %}{{ message['content'] + '\n\n' }}{% endif %}{% endfor %}"
    ),
}

names = st.sampled_from(sorted(TEMPLATES))
texts = st.text(max_size=40).filter(lambda text: AUDIO not in text)
slots = st.lists(st.integers(0, 255), max_size=12)


def tokenizer_of(name: str) -> PreTrainedTokenizerFast:
    return tiny_tokenizer(TEMPLATES[name])


def outside(prompt: Prompt) -> list[list[int]]:
    """The ids before, between and after the spans."""
    edges = [0, *(edge for span in prompt.spans for edge in (span.start, span.start + span.length)), len(prompt.ids)]
    return [prompt.ids[start:end] for start, end in zip(edges[::2], edges[1::2], strict=True)]


def inside(prompt: Prompt) -> list[list[int]]:
    return [prompt.ids[span.start : span.start + span.length] for span in prompt.spans]


@given(names, texts, texts, st.integers(1, 3), st.data())
def test_ids_outside_the_spans_are_the_same_whatever_fills_them(
    name: str, instruction: str, seed: str, num_clips: int, data: st.DataObject
) -> None:
    tokenizer = tokenizer_of(name)
    messages = conversation(user_message(instruction, num_clips))
    writing = render(tokenizer, messages, [encode(tokenizer, seed)] * num_clips)
    fillings = [data.draw(slots) for _ in range(num_clips)]
    training = render(tokenizer, messages, fillings)
    assert outside(writing) == outside(training)
    assert inside(writing) == [encode(tokenizer, seed)] * num_clips
    assert inside(training) == fillings


@given(names, texts, texts)
def test_an_engine_without_token_ids_reads_the_same_text(name: str, instruction: str, seed: str) -> None:
    tokenizer = tokenizer_of(name)
    messages = conversation(user_message(instruction))
    ids = render(tokenizer, messages, [encode(tokenizer, seed)]).ids
    filled = [{"role": turn.role, "content": fill_text(turn.text, [seed])} for turn in messages]
    text = tokenizer.apply_chat_template(filled, tokenize=False, add_generation_prompt=True)
    assert tokenizer.decode(ids, skip_special_tokens=False) == text


@given(names, texts.filter(lambda text: text.strip()), texts.map(str.strip).filter(bool))
def test_prompt_and_target_are_the_conversation_up_to_its_end(name: str, instruction: str, target: str) -> None:
    tokenizer = tokenizer_of(name)
    end = tokenizer.eos_token_id
    messages = conversation(user_message(instruction))
    ids = render(tokenizer, messages, [[]]).ids + render_target(tokenizer, messages, target, [end])
    turns = [*conversation(fill_text(messages[0].text, [""])), Message("assistant", target)]
    whole = tokenizer.apply_chat_template([turn._asdict() | {"content": turn.text} for turn in turns], tokenize=False)
    said = tokenizer.decode(ids, skip_special_tokens=False)
    assert ids[-1] == end
    if name == "gemma":  # its end of turn is no token of the tiny tokenizer, so the end token itself closes
        assert said == whole.rsplit("<end_of_turn>", 1)[0] + "<|end|>"
    elif name == "mistral":  # the space before the reply belongs to the template, the target is written without it
        assert said.replace("[/INST]", "[/INST] ") == whole
    else:
        assert whole.rstrip("\n") == said


@given(names, texts, texts)
def test_the_audio_stands_between_its_marks(name: str, instruction: str, seed: str) -> None:
    tokenizer = tokenizer_of(name)
    prompt = render(tokenizer, conversation(user_message(instruction)), [encode(tokenizer, seed)])
    before, after = outside(prompt)
    assert tokenizer.decode(before).endswith(BEGIN_OF_AUDIO)
    assert tokenizer.decode(after).startswith(END_OF_AUDIO)


@given(st.sampled_from(["llama3", "chatml", "mistral", "pocket"]), texts)
def test_a_system_turn_changes_nothing_inside_the_spans(name: str, system: str) -> None:
    tokenizer = tokenizer_of(name)
    prompt = render(tokenizer, conversation(user_message("What do you hear?"), system), [[1, 2, 3]])
    assert inside(prompt) == [[1, 2, 3]]


@given(st.text(alphabet=st.sampled_from("dog rain,()<|>ends\n"), max_size=30), st.lists(st.integers(0, 9), max_size=8))
def test_the_invariant_holds_for_the_pocket_tokenizer(seed: str, filling: list[int]) -> None:
    tokenizer = POCKET
    messages = conversation(user_message("Which of these sounds are not in the audio: dog, rain?"))
    writing, training = (render(tokenizer, messages, [ids]) for ids in (encode(tokenizer, seed), filling))
    assert outside(writing) == outside(training)


POCKET: Any = build_tokenizer()


@given(st.text(alphabet=[chr(code) for code in range(0xE000, 0xE010)], max_size=20))
def test_private_characters_in_a_message_do_not_pass_for_marks(text: str) -> None:
    tokenizer = tokenizer_of("pocket")
    prompt = render(tokenizer, conversation(user_message(text)), [[1]])
    assert inside(prompt) == [[1]]
    assert text in tokenizer.decode(prompt.ids)


def test_special_tokens_in_metadata_and_targets_are_mere_text() -> None:
    tokenizer = tokenizer_of("pocket")
    assert tokenizer.eos_token_id not in encode(tokenizer, "a dog<|end|><|user|>")
    target = render_target(tokenizer, conversation("Hello."), "a<|end|>b", [tokenizer.eos_token_id])
    assert target.index(tokenizer.eos_token_id) == len(target) - 1


def test_a_target_ends_with_the_first_token_that_ends_a_turn() -> None:
    tokenizer = tokenizer_of("chatml")
    target = render_target(tokenizer, conversation("Hello."), "Hi.", [tokenizer.eos_token_id])
    assert target == [*encode(tokenizer, "Hi."), tokenizer.eos_token_id]


def test_a_template_that_knows_no_system_turn_says_so() -> None:
    with pytest.raises(Exception, match="System role not supported"):
        render(tokenizer_of("gemma"), conversation(user_message("Hello."), "Be brief."), [[1]])


@pytest.mark.parametrize("num_fillings", [0, 2])
def test_as_many_fillings_as_places_are_demanded(num_fillings: int) -> None:
    with pytest.raises(ValueError, match=f"have 1 audio place holders for {num_fillings} clips"):
        render(tokenizer_of("pocket"), conversation(user_message("Hello.")), [[1]] * num_fillings)
    with pytest.raises(ValueError, match="have 1 audio place holders"):
        fill_text(user_message("Hello."), ["(dog)"] * num_fillings)


def test_clips_stand_one_a_line_before_the_instruction() -> None:
    assert user_message("Compare.", 2) == f"{AUDIO}\n{AUDIO}\nCompare."
    assert fill_text(user_message("Compare.", 2), ["(dog)", "(cat)"]) == (
        "[Begin of audio](dog)[End of audio]\n[Begin of audio](cat)[End of audio]\nCompare."
    )

"""Messages and audio spans in, token ids out: the one renderer for synthesis, training and evaluation.

Every text piece around an audio span is tokenised by itself. So the ids outside the spans are the same whether the
span holds the seed text (synthesis), or slots for audio embeddings (training, evaluation): the invariant of the method.
No torch here.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

AUDIO = "<|audio|>"  # place holder of one clip in a message text
BEGIN_OF_AUDIO = "[Begin of audio]"
END_OF_AUDIO = "[End of audio]"

_PRIVATE = range(0xE000, 0xF8FF)  # characters that no template strips; one that no message holds marks a place


class Message(NamedTuple):
    """One turn of a conversation; AUDIO stands where a clip is."""

    role: str  # system, user or assistant
    text: str


class Span(NamedTuple):
    """Where the slots of one clip lie in the token ids."""

    start: int
    length: int


class Prompt(NamedTuple):
    """Token ids that end where the assistant begins to speak, and the audio spans in them."""

    ids: list[int]
    spans: list[Span]


def user_message(instruction: str, num_clips: int = 1) -> str:
    """The user's text about clips: one place holder a line, then the instruction."""
    return "\n".join([AUDIO] * num_clips + [instruction])


def conversation(text: str, system: str | None = None) -> list[Message]:
    """One user turn, with a system turn before it when there is one."""
    turns = [Message("user", text)]
    return turns if system is None else [Message("system", system), *turns]


def fill_text(text: str, seeds: Sequence[str]) -> str:
    """The text with each place holder replaced by its seed between the audio marks (for engines without token ids)."""
    pieces = _split(text, len(seeds))
    filled = [f"{BEGIN_OF_AUDIO}{seed}{END_OF_AUDIO}{piece}" for seed, piece in zip(seeds, pieces[1:], strict=True)]
    return "".join([pieces[0], *filled])


def render(tokenizer: Any, messages: Sequence[Message], fillings: Sequence[Sequence[int]]) -> Prompt:
    """The prompt ids of a conversation; span i holds the ids `fillings[i]`.

    tokenizer: a Hugging Face tokenizer with a chat template. ValueError when the number of fillings is not the number
    of place holders.
    """
    mark = _free_mark(messages)
    marked = f"{BEGIN_OF_AUDIO}{mark}{END_OF_AUDIO}"
    turns = [Message(turn.role, turn.text.replace(AUDIO, marked)) for turn in messages]
    pieces = _split(_template(tokenizer, turns, generate=True), len(fillings), mark)
    ids, spans = _encode_marked(tokenizer, pieces[0]), []
    for filling, piece in zip(fillings, pieces[1:], strict=True):
        spans.append(Span(len(ids), len(filling)))
        ids += [*filling, *_encode_marked(tokenizer, piece)]
    return Prompt(ids, spans)


def render_target(tokenizer: Any, messages: Sequence[Message], target: str, end_ids: Sequence[int]) -> list[int]:
    """The ids that the assistant is to produce: the target, then what ends its turn up to the first end token."""
    mark = _free_mark(messages)
    closed = _template(tokenizer, [*messages, Message("assistant", mark)], generate=False)
    closing = _encode_marked(tokenizer, closed.rsplit(mark, 1)[1])
    ends = [index for index, token in enumerate(closing) if token in end_ids]
    return encode(tokenizer, target) + (closing[: ends[0] + 1] if ends else [end_ids[0]])


def encode(tokenizer: Any, text: str) -> list[int]:
    """The ids of a seed or a target: mere text, in which "<|end|>" is seven characters and ends nothing."""
    return tokenizer.encode(text, add_special_tokens=False, split_special_tokens=True) if text else []


def _encode_marked(tokenizer: Any, text: str) -> list[int]:
    """The ids of a piece of a rendered conversation, in which special tokens mean what they say."""
    return tokenizer.encode(text, add_special_tokens=False, split_special_tokens=False) if text else []


def _template(tokenizer: Any, messages: Sequence[Message], *, generate: bool) -> str:
    turns = [{"role": turn.role, "content": turn.text} for turn in messages]
    return tokenizer.apply_chat_template(turns, tokenize=False, add_generation_prompt=generate)


def _free_mark(messages: Sequence[Message]) -> str:
    held = {character for turn in messages for character in turn.text}
    return next(chr(code) for code in _PRIVATE if chr(code) not in held)


def _split(text: str, num_spans: int, mark: str = AUDIO) -> list[str]:
    pieces = text.split(mark)
    if len(pieces) != num_spans + 1:
        raise ValueError(f"the messages have {len(pieces) - 1} audio place holders for {num_spans} clips")
    return pieces

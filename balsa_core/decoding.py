"""How an LLM is asked to decode, and what it said: shared by every engine, without torch."""

from typing import NamedTuple


class Decoding(NamedTuple):
    """How to decode: temperature 0 is greedy."""

    max_tokens: int
    temperature: float = 0.0
    seed: int = 0


class Reply(NamedTuple):
    """What the model said; finish_reason is "stop" or "length" (cut off)."""

    text: str
    finish_reason: str
    num_tokens: int

"""Clips without audio, and an LLM that answers by rule."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from balsa_core.decoding import Decoding, Reply
from balsa_core.records import Clip
from balsa_core.synthesis.chat import ChatRequest


def made_clip(name: str, *tags: str, split: str = "train", caption: str | None = None) -> Clip:
    """A clip that is known by its tags."""
    return Clip(
        id=name,
        corpus="made",
        split=split,
        tags=tags,
        caption=caption,
        transcript=None,
        attributes=(),
        group=name,
        licence=None,
        num_samples=16_000,
        audio_sha256=name,
    )


@dataclass
class RuleChat:
    """Answers each request by a function, and remembers what it was asked."""

    answer: Callable[[ChatRequest], str]
    identity: str = "rule@1"
    asked: list[ChatRequest] = field(default_factory=list)

    def complete(self, requests: Sequence[ChatRequest], decoding: Decoding) -> list[Reply]:
        """One reply a request."""
        self.asked += requests
        return [Reply(self.answer(request), "stop", 5) for request in requests]

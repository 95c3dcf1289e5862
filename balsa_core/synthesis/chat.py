"""What an LLM engine is: conversations in, one reply each out, in order.

An engine is one file in `chats/` whose object PLUGIN can `open` a Chat.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

from balsa_core.config import SynthesisConfig
from balsa_core.decoding import Decoding, Reply
from balsa_core.prompt import Message
from balsa_core.registry import load_plugin

CHATS = "balsa_core.synthesis.chats"


class ChatRequest(NamedTuple):
    """A conversation, the text in each of its audio spans, and the seed of its own sampling."""

    messages: tuple[Message, ...]
    seeds: tuple[str, ...]
    draw: int = 0


class Chat(Protocol):
    """An LLM that is ready to answer."""

    @property
    def identity(self) -> str:
        """Which model writes: it is stored with every target."""
        ...

    def complete(self, requests: Sequence[ChatRequest], decoding: Decoding) -> list[Reply]:
        """One reply a request, in the order of the requests. decoding.seed and a request's draw seed its sampling."""
        ...


class Engine(Protocol):
    """What a plug-in in `chats/` offers."""

    name: str

    def open(self, backbone: str, config: SynthesisConfig, key: str | None = None) -> Chat:
        """A chat with `backbone`. key: of an endpoint that wants one; it is shown nowhere."""
        ...


def open_chat(backbone: str, config: SynthesisConfig, key: str | None = None) -> Chat:
    """A chat with `backbone` by the engine that the configuration names."""
    engine: Engine = load_plugin(CHATS, config.engine)
    return engine.open(backbone, config, key)

"""Any OpenAI-compatible endpoint: several requests at once, each retried while the trouble may pass.

POST {endpoint}/chat/completions, the seed texts between the audio marks in the message. Retried: 408, 409, 425, 429,
5xx, timeouts, closed connections, answers that are no answer; `Retry-After` is obeyed. The key is in no error.
"""

import logging
import random
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

import httpx

from balsa_core.config import SynthesisConfig
from balsa_core.decoding import Decoding, Reply
from balsa_core.identity import seed_of
from balsa_core.prompt import AUDIO, fill_text
from balsa_core.synthesis.chat import ChatRequest

logger = logging.getLogger(__name__)

PASSING = frozenset({408, 409, 425, 429, 500, 502, 503, 504, 529})
EXCERPT_CHARS = 300
MAX_SEED = 2**31 - 1  # several servers read the seed as a 32-bit integer


class EndpointError(ConnectionError):
    """The endpoint did not answer in all the tries, or refused; whoever runs this may try again later."""


class Patience(NamedTuple):
    """How long an endpoint is waited for, in seconds."""

    num_tries: int = 6
    first_wait_s: float = 1.0  # doubles from try to try, times a random 0.5 to 1.5
    longest_wait_s: float = 60.0
    timeout_s: float = 120.0


PATIENT = Patience()


class Trouble(NamedTuple):
    """Why a try failed, and how long the endpoint asks to wait, if it says."""

    what: str
    wait_s: float | None = None


@dataclass(frozen=True)
class OpenAIChat:
    """A model behind an endpoint."""

    model: str
    endpoint: str
    num_at_once: int
    key: str | None = field(default=None, repr=False)
    patience: Patience = PATIENT

    @property
    def identity(self) -> str:
        """The model's name at the endpoint: what is behind it is not known."""
        return f"openai:{self.model}"

    def complete(self, requests: Sequence[ChatRequest], decoding: Decoding) -> list[Reply]:
        """The replies in order; the first request that fails for good ends the call, and the waiting ones with it."""
        headers = {} if self.key is None else {"Authorization": f"Bearer {self.key}"}
        limits = httpx.Limits(max_connections=self.num_at_once, max_keepalive_connections=self.num_at_once)
        with (
            httpx.Client(headers=headers, timeout=self.patience.timeout_s, limits=limits) as client,
            ThreadPoolExecutor(self.num_at_once) as pool,
        ):
            futures = [pool.submit(self._ask, client, request, decoding) for request in requests]
            try:
                return [future.result() for future in futures]
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _ask(self, client: httpx.Client, request: ChatRequest, decoding: Decoding) -> Reply:
        body = _body(self.model, request, decoding)
        trouble = Trouble("it was never asked")
        for number in range(self.patience.num_tries):
            if number:
                time.sleep(self._wait_s(number, trouble))
            answer = self._try(client, body)
            if isinstance(answer, Reply):
                return answer
            trouble = answer
            logger.info("try %d of %d: %s", number + 1, self.patience.num_tries, trouble.what)
        raise EndpointError(f"{self._where()} failed {self.patience.num_tries} times, at last: {trouble.what}")

    def _try(self, client: httpx.Client, body: dict[str, Any]) -> Reply | Trouble:
        try:
            response = client.post(f"{self.endpoint.rstrip('/')}/chat/completions", json=body)
        except httpx.TimeoutException:
            return Trouble(f"no answer within {self.patience.timeout_s} s")
        except httpx.TransportError as exc:
            return Trouble(f"the connection broke ({type(exc).__name__})")
        if response.status_code in PASSING:
            return Trouble(self._said(response), _retry_after_s(response))
        if response.status_code != httpx.codes.OK:
            raise EndpointError(f"{self._where()} refuses: {self._said(response)}")
        try:
            return _read_reply(response.json())
        except (ValueError, KeyError, TypeError, IndexError) as exc:
            return Trouble(f"no chat completion ({type(exc).__name__}): {self._said(response)}")

    def _wait_s(self, number: int, trouble: Trouble) -> float:
        backoff_s = self.patience.first_wait_s * 2 ** (number - 1) * random.uniform(0.5, 1.5)
        return min(max(backoff_s, trouble.wait_s or 0.0), self.patience.longest_wait_s)

    def _said(self, response: httpx.Response) -> str:
        """Status and beginning of an answer; an endpoint that echoes the key is not passed on."""
        text = " ".join(response.text.split())
        text = text if self.key is None else text.replace(self.key, "***")
        return f"HTTP {response.status_code}: {text[:EXCERPT_CHARS]}"

    def _where(self) -> str:
        """The endpoint without user and password."""
        url = httpx.URL(self.endpoint)
        return f"{url.scheme}://{url.netloc.decode()}{url.path}"


@dataclass(frozen=True)
class OpenAIEngine:
    """Asks a model by its name at config.endpoint."""

    name: str = "openai"

    def open(self, backbone: str, config: SynthesisConfig, key: str | None = None) -> OpenAIChat:
        """A chat; nothing is sent yet."""
        if not (config.endpoint or "").startswith(("http://", "https://")):
            raise ValueError(
                f"endpoint is {config.endpoint!r}: the engine openai needs one like http://localhost:8000/v1"
            )
        return OpenAIChat(
            backbone, str(config.endpoint), num_at_once=config.batch_size, key=(key or "").strip() or None
        )


def _body(model: str, request: ChatRequest, decoding: Decoding) -> dict[str, Any]:
    """The request; each message takes as many of the seeds as it has audio place holders."""
    seeds, messages = list(request.seeds), []
    for message in request.messages:
        count = message.text.count(AUDIO)
        text, seeds = fill_text(message.text, seeds[:count]), seeds[count:]
        messages.append({"role": message.role, "content": text})
    if seeds:
        raise ValueError(f"the messages have no audio place holder for {len(seeds)} of {len(request.seeds)} clips")
    return {
        "model": model,
        "messages": messages,
        "max_tokens": decoding.max_tokens,
        "temperature": decoding.temperature,
        "seed": seed_of(decoding.seed, request.draw) % MAX_SEED,
    }


def _read_reply(answer: dict[str, Any]) -> Reply:
    """The reply of a completion; num_tokens is 0 where the endpoint does not count."""
    choice = answer["choices"][0]
    usage = answer.get("usage") or {}
    text = choice["message"].get("content") or ""
    return Reply(text.strip(), choice["finish_reason"], int(usage.get("completion_tokens") or 0))


def _retry_after_s(response: httpx.Response) -> float | None:
    """What `Retry-After` asks for: seconds, or a date."""
    asked = response.headers.get("retry-after")
    if asked is None:
        return None
    try:
        return max(float(asked), 0.0)
    except ValueError:
        pass
    try:
        return max((parsedate_to_datetime(asked) - datetime.now(UTC)).total_seconds(), 0.0)
    except ValueError:
        return None


PLUGIN = OpenAIEngine()

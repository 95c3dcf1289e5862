"""Requests in, training examples out: the backbone writes each target, and what does not pass is drawn again.

in == kept + rejected: each request ends as one Example or one Reject.
"""

from collections.abc import Sequence
from typing import NamedTuple

from balsa_core.config import SynthesisConfig
from balsa_core.decoding import Decoding, Reply
from balsa_core.prompt import conversation
from balsa_core.records import Example, Reject
from balsa_core.synthesis.chat import Chat, ChatRequest
from balsa_core.synthesis.recipe import Draft, Problem
from balsa_core.synthesis.requests import Request, Turn, draft_turn
from balsa_core.synthesis.verify import general_problem

VERSION = "1"


class Written(NamedTuple):
    """The examples that passed and the requests that did not, each in the order of the requests."""

    examples: list[Example]
    rejects: list[Reject]


def write_targets(requests: Sequence[Request], chat: Chat, config: SynthesisConfig) -> Written:
    """Ask the backbone for every target; a rejected one is asked for up to config.max_attempts times."""
    outcomes: dict[str, Example | Reject] = {}
    pending = list(requests)
    for attempt in range(config.max_attempts):
        written = [_attempt(*asked, attempt, chat) for asked in _ask(pending, attempt, chat, config)]
        outcomes |= {outcome.id: outcome for outcome in written}
        pending = [request for request in pending if isinstance(outcomes[request.id], Reject)]
    ordered = [outcomes[request.id] for request in requests]
    return Written(
        [outcome for outcome in ordered if isinstance(outcome, Example)],
        [outcome for outcome in ordered if isinstance(outcome, Reject)],
    )


def find_problem(request: Request, draft: Draft, reply: Reply) -> Problem | None:
    """Why a reply is no target for a request; None: it is one."""
    return general_problem(draft, reply) or request.recipe.check(request.clips, draft, reply.text, request.sounds)


def _ask(
    requests: Sequence[Request], attempt: int, chat: Chat, config: SynthesisConfig
) -> list[tuple[Request, Draft | Problem, Reply | None]]:
    turns = [draft_turn(request, attempt, config) for request in requests]
    sampling = config.sampling
    decoding = Decoding(sampling.max_tokens, sampling.temperature, sampling.seed)
    replies = iter(chat.complete([_chat_request(turn) for turn in turns if isinstance(turn.draft, Draft)], decoding))
    return [
        (request, turn.draft, next(replies) if isinstance(turn.draft, Draft) else None)
        for request, turn in zip(requests, turns, strict=True)
    ]


def _chat_request(turn: Turn) -> ChatRequest:
    assert isinstance(turn.draft, Draft)
    messages = tuple(conversation(turn.draft.prompt, turn.draft.system))
    return ChatRequest(messages, turn.draft.seeds, turn.draw)


def _attempt(
    request: Request, draft: Draft | Problem, reply: Reply | None, attempt: int, chat: Chat
) -> Example | Reject:
    if isinstance(draft, Problem) or reply is None:
        assert isinstance(draft, Problem)
        return Reject(id=request.id, reason=draft.reason, detail=draft.detail)
    problem = find_problem(request, draft, reply)
    if problem is not None:
        detail = f"attempt {attempt + 1}: {problem.detail}: {reply.text!r}"
        return Reject(id=request.id, reason=problem.reason, detail=detail)
    return Example(
        id=request.id,
        recipe=request.recipe.label,
        clip_ids=tuple(clip.id for clip in request.clips),
        prompt=draft.prompt,
        seeds=draft.seeds,
        target=reply.text,
        system=draft.system,
        present=draft.present,
        absent=draft.absent,
        backbone=chat.identity,
        finish_reason=reply.finish_reason,
        num_tokens=reply.num_tokens,
        attempt=attempt,
    )

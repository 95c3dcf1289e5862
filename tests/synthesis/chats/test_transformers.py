from pathlib import Path

import pytest

from balsa_core.backbone import load_backbone
from balsa_core.config import SynthesisConfig
from balsa_core.decoding import Decoding, Reply
from balsa_core.prompt import conversation, user_message
from balsa_core.synthesis.chat import ChatRequest, open_chat
from balsa_core.synthesis.chats.transformers import TransformersChat
from tests.tiny_models import build_tiny_backbone

GREEDY, SAMPLED = Decoding(max_tokens=12), Decoding(max_tokens=12, temperature=1.0, seed=3)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_backbone(tmp_path_factory.mktemp("models") / "tiny")


@pytest.fixture(scope="module")
def chat(folder: Path) -> TransformersChat:
    chat = open_chat(str(folder), SynthesisConfig(batch_size=4))
    assert isinstance(chat, TransformersChat)
    return chat


def requests(count: int = 10) -> list[ChatRequest]:
    """Prompts of different lengths, about one clip and about two."""
    return [
        ChatRequest(tuple(conversation(user_message("Say it." * (1 + n % 3), 1 + n % 2))), ("(dog)",) * (1 + n % 2), n)
        for n in range(count)
    ]


@pytest.mark.parametrize("decoding", [GREEDY, SAMPLED], ids=["greedy", "sampled"])
def test_a_reply_depends_neither_on_its_batch_nor_on_its_place(chat: TransformersChat, decoding: Decoding) -> None:
    asked = requests()
    together = chat.complete(asked, decoding)
    alone = [chat.complete([request], decoding)[0] for request in asked]
    backwards = TransformersChat(chat.backbone, batch_size=10).complete(asked[::-1], decoding)
    assert together == alone == backwards[::-1]


def test_another_draw_or_seed_is_another_sample(chat: TransformersChat) -> None:
    (request,) = requests(1)
    replies = {chat.complete([request._replace(draw=draw)], SAMPLED)[0].text for draw in range(5)}
    assert len(replies) > 1
    assert chat.complete([request], SAMPLED) != chat.complete([request], SAMPLED._replace(seed=4))


def test_greedy_replies_do_not_depend_on_draws(chat: TransformersChat) -> None:
    (request,) = requests(1)
    assert chat.complete([request], GREEDY) == chat.complete([request._replace(draw=9)], GREEDY)


def test_a_reply_that_reaches_the_limit_says_so(chat: TransformersChat) -> None:
    replies = chat.complete(requests(), Decoding(max_tokens=3))
    assert {reply.finish_reason for reply in replies} <= {"stop", "length"}
    assert all((reply.num_tokens == 3) or (reply.finish_reason == "stop") for reply in replies)
    assert any(reply == Reply(reply.text, "length", 3) for reply in replies)


def test_the_seed_changes_the_reply(chat: TransformersChat) -> None:
    (request,) = requests(1)
    assert chat.complete([request], GREEDY) != chat.complete([request._replace(seeds=("(siren, rain)",))], GREEDY)


def test_nothing_asked_is_nothing_said(chat: TransformersChat) -> None:
    assert chat.complete([], GREEDY) == []


def test_its_identity_is_that_of_the_backbone(chat: TransformersChat, folder: Path) -> None:
    assert chat.identity == load_backbone(str(folder), device="cpu").identity

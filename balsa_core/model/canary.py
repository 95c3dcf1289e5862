"""Text prompts in, proof out that the adapted model still is its backbone: both replies, token by token."""

from collections.abc import Sequence
from typing import NamedTuple

import torch

from balsa_core.backbone import generate_ids
from balsa_core.decoding import Decoding
from balsa_core.model.audio_llm import AudioLLM
from balsa_core.prompt import conversation, render

CANARY_DECODING = Decoding(max_tokens=32)


class Canary(NamedTuple):
    """The reply ids of the model with its adapter, and of the bare LLM reading token ids."""

    adapted: list[int]
    bare: list[int]


def text_canary(model: AudioLLM, prompts: Sequence[str], decoding: Decoding = CANARY_DECODING) -> list[Canary]:
    """Both replies to each prompt. One prompt a batch on both sides, so that equal means equal, not nearly."""
    return [_compare(model, prompt, decoding) for prompt in prompts]


def _compare(model: AudioLLM, prompt: str, decoding: Decoding) -> Canary:
    backbone, messages = model.backbone, conversation(prompt)
    (adapted,) = model.answer_ids([(messages, [])], decoding)
    ids = torch.tensor(render(backbone.tokenizer, messages, []).ids, device=backbone.device)
    (bare,) = generate_ids(backbone, [ids], decoding)
    return Canary(adapted, bare)

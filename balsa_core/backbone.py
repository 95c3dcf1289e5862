"""A frozen causal LM: token ids or embeddings in, replies out.

Shapes: B sequences, T positions, D width of the LM, V vocabulary, R positions that are asked for.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from transformers import (
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    LogitsProcessor,
    LogitsProcessorList,
)

from balsa_core.decoding import Decoding, Reply
from balsa_core.identity import seed_of
from balsa_core.weights import model_identity, model_source

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


@dataclass(frozen=True)
class Backbone:
    """A causal LM in eval mode whose parameters take no gradients, with its tokenizer."""

    model: Any
    tokenizer: Any
    end_ids: tuple[int, ...]
    identity: str

    @property
    def width(self) -> int:
        """Width of the token embeddings."""
        return self.model.get_input_embeddings().weight.shape[1]

    @property
    def device(self) -> torch.device:
        """Where the model is."""
        return self.model.device

    def embed(self, ids: Sequence[int] | Tensor) -> Tensor:
        """The input embeddings of token ids, with a last axis D."""
        return self.model.get_input_embeddings()(torch.as_tensor(ids, dtype=torch.long, device=self.device))


def load_backbone(name: str, *, device: str = "auto", dtype: str = "float32") -> Backbone:
    """The backbone `name` ("pocket", a folder or a Hub id), frozen; ValueError when it has no chat template."""
    source = model_source(name, "backbone")
    tokenizer = AutoTokenizer.from_pretrained(source)
    if tokenizer.chat_template is None:
        raise ValueError(f"{name} has no chat template: choose an instruction-tuned model")
    place = pick_device(device)
    # On a CPU in bf16 the backward pass of fused attention takes 30 of a step's 45 ms a layer (d=192, 32 x 50 tokens).
    attention = {"attn_implementation": "eager"} if place.type == "cpu" and dtype == "bfloat16" else {}
    model: Any = AutoModelForCausalLM.from_pretrained(source, dtype=DTYPES[dtype], **attention)
    model.to(place)
    model.eval().requires_grad_(False)
    end_ids = _end_ids(model, tokenizer)
    # What a hub model brings along (Qwen: repetition penalty 1.05) would make "greedy" something else, and would see
    # a prompt of ids but not one of embeddings.
    model.generation_config = GenerationConfig(eos_token_id=list(end_ids), pad_token_id=_pad_id(tokenizer, end_ids))
    return Backbone(model, tokenizer, end_ids, model_identity(name, "backbone"))


def pick_device(device: str) -> torch.device:
    """The device of a name; "auto" is the GPU when there is one."""
    return torch.device(("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device)


def logits_at(backbone: Backbone, embeds_BTD: Tensor, places_R: Tensor) -> Tensor:
    """The logits (R, V) at chosen places of a right-padded batch; place = row * T + position.

    The model's own forward runs, so what it does to its logits (scale, cap) is kept; only its head sees fewer rows:
    at 16 x 250 x 128k the full logits would be 2 GB. No attention mask: padding on the right is in nobody's past.
    """

    def choose(_head: Any, inputs: tuple[Tensor, ...]) -> tuple[Tensor]:
        return (inputs[0].flatten(0, 1)[places_R][None],)

    hook = backbone.model.get_output_embeddings().register_forward_pre_hook(choose)
    try:
        return backbone.model(inputs_embeds=embeds_BTD, use_cache=False).logits[0]
    finally:
        hook.remove()


def generate(
    backbone: Backbone, prompts: Sequence[Tensor], decoding: Decoding, draws: Sequence[int] | None = None
) -> list[Reply]:
    """The replies to prompts of embeddings (T, D) or of token ids (T); one batch, padded on the left.

    draws: a seed for each prompt's own sampling, so that a sampled reply does not depend on its batch; None: zeros.
    """
    return [read_reply(backbone, ids) for ids in generate_ids(backbone, prompts, decoding, draws)]


@torch.inference_mode()
def generate_ids(
    backbone: Backbone, prompts: Sequence[Tensor], decoding: Decoding, draws: Sequence[int] | None = None
) -> list[list[int]]:
    """The reply ids, up to and with the first end token; arguments as of `generate`."""
    padded, mask_BT = _left_pad(prompts)
    sampling: dict[str, Any] = {"do_sample": False}
    if decoding.temperature > 0:
        seeds = [seed_of(decoding.seed, draw) for draw in draws or [0] * len(prompts)]
        sampling["logits_processor"] = LogitsProcessorList([_Dice(seeds, decoding.temperature, padded.device)])
    given = {"input_ids" if padded.ndim == 2 else "inputs_embeds": padded}
    tokens_BT = backbone.model.generate(**given, attention_mask=mask_BT, max_new_tokens=decoding.max_tokens, **sampling)
    start = padded.shape[1] if padded.ndim == 2 else 0
    return [_until_end(row, backbone.end_ids) for row in tokens_BT[:, start:].tolist()]


def read_reply(backbone: Backbone, ids: list[int]) -> Reply:
    """The reply that ids spell; without an end token it was cut off."""
    stopped = bool(ids) and ids[-1] in backbone.end_ids
    text = backbone.tokenizer.decode(ids[:-1] if stopped else ids, skip_special_tokens=True).strip()
    return Reply(text, "stop" if stopped else "length", len(ids))


class _Dice(LogitsProcessor):
    """Noise that makes the likeliest token a sample of the softmax (Gumbel), a stream of its own for each row."""

    def __init__(self, seeds: Sequence[int], temperature: float, device: torch.device) -> None:
        self._streams = [torch.Generator(device).manual_seed(seed) for seed in seeds]
        self._temperature = temperature

    def __call__(self, input_ids: Tensor, scores: Tensor) -> Tensor:
        """Scores of shape (B, V), such that argmax draws a token."""
        noise_BV = torch.stack([torch.empty_like(scores[0]).exponential_(generator=one) for one in self._streams])
        return scores / self._temperature - noise_BV.log()


def _until_end(ids: list[int], end_ids: tuple[int, ...]) -> list[int]:
    ends = [index for index, token in enumerate(ids) if token in end_ids]
    return ids[: ends[0] + 1] if ends else ids


def _left_pad(prompts: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    longest = max(prompt.shape[0] for prompt in prompts)
    padded = prompts[0].new_zeros(len(prompts), longest, *prompts[0].shape[1:])
    mask_BT = torch.zeros(len(prompts), longest, dtype=torch.long, device=padded.device)
    for row, prompt in enumerate(prompts):
        padded[row, longest - prompt.shape[0] :] = prompt
        mask_BT[row, longest - prompt.shape[0] :] = 1
    return padded, mask_BT


def _pad_id(tokenizer: Any, end_ids: tuple[int, ...]) -> int:
    return end_ids[0] if tokenizer.pad_token_id is None else tokenizer.pad_token_id


def _end_ids(model: Any, tokenizer: Any) -> tuple[int, ...]:
    """All the ids that end a turn; the tokenizer's own first."""
    declared = model.generation_config.eos_token_id
    declared = declared if isinstance(declared, list) else [declared]
    ends = [tokenizer.eos_token_id, *declared]
    return tuple(dict.fromkeys(end for end in ends if end is not None))

"""A frozen causal LM: token ids or embeddings in, replies out.

Shapes: B sequences, T positions, D width of the LM.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch
from torch import Tensor
from transformers import AutoModelForCausalLM, AutoTokenizer

from balsa_core.weights import model_identity, model_source

DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


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
    model = AutoModelForCausalLM.from_pretrained(source, dtype=DTYPES[dtype]).to(pick_device(device))
    model.eval().requires_grad_(False)
    return Backbone(model, tokenizer, _end_ids(model, tokenizer), model_identity(name, "backbone"))


def pick_device(device: str) -> torch.device:
    """The device of a name; "auto" is the GPU when there is one."""
    return torch.device(("cuda" if torch.cuda.is_available() else "cpu") if device == "auto" else device)


@torch.inference_mode()
def generate(backbone: Backbone, prompts: Sequence[Tensor], decoding: Decoding) -> list[Reply]:
    """The replies to prompts given as embeddings, each of shape (T, D); one batch, padded on the left."""
    embeds_BTD, mask_BT = _left_pad(prompts)
    pad_id = backbone.tokenizer.pad_token_id
    torch.manual_seed(decoding.seed)
    sampling: dict[str, Any] = {"do_sample": False, "temperature": None, "top_p": None, "top_k": None}
    if decoding.temperature > 0:
        sampling = {"do_sample": True, "temperature": decoding.temperature, "top_p": 1.0, "top_k": 0}
    tokens_BT = backbone.model.generate(
        inputs_embeds=embeds_BTD,
        attention_mask=mask_BT,
        max_new_tokens=decoding.max_tokens,
        eos_token_id=list(backbone.end_ids),
        pad_token_id=backbone.end_ids[0] if pad_id is None else pad_id,
        **sampling,
    )
    return [_reply(backbone, row) for row in tokens_BT.tolist()]


def _reply(backbone: Backbone, tokens: list[int]) -> Reply:
    stops = [index for index, token in enumerate(tokens) if token in backbone.end_ids]
    said = tokens[: stops[0]] if stops else tokens
    text = backbone.tokenizer.decode(said, skip_special_tokens=True).strip()
    return Reply(text, "stop" if stops else "length", len(said) + bool(stops))


def _left_pad(prompts: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    longest = max(prompt.shape[0] for prompt in prompts)
    embeds_BTD = prompts[0].new_zeros(len(prompts), longest, prompts[0].shape[1])
    mask_BT = torch.zeros(len(prompts), longest, dtype=torch.long, device=prompts[0].device)
    for row, prompt in enumerate(prompts):
        embeds_BTD[row, longest - prompt.shape[0] :] = prompt
        mask_BT[row, longest - prompt.shape[0] :] = 1
    return embeds_BTD, mask_BT


def _end_ids(model: Any, tokenizer: Any) -> tuple[int, ...]:
    """All the ids that end a turn; the tokenizer's own first."""
    declared = model.generation_config.eos_token_id
    declared = declared if isinstance(declared, list) else [declared]
    ends = [tokenizer.eos_token_id, *declared]
    return tuple(dict.fromkeys(end for end in ends if end is not None))

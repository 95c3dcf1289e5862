"""The backbone in this process: prompts as token ids, in batches of like length.

Prompt ids are those of training outside the audio spans (balsa_core/prompt.py). Greedy replies do not depend on the
batch; sampled ones neither, since each request brings its own random numbers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from balsa_core.config import SynthesisConfig
from balsa_core.decoding import Decoding, Reply
from balsa_core.prompt import encode, render
from balsa_core.synthesis.chat import ChatRequest

if TYPE_CHECKING:
    from balsa_core.backbone import Backbone


@dataclass(frozen=True)
class TransformersChat:
    """A loaded backbone that answers."""

    backbone: "Backbone"
    batch_size: int

    @property
    def identity(self) -> str:
        """The identity of the backbone's files."""
        return self.backbone.identity

    def complete(self, requests: Sequence[ChatRequest], decoding: Decoding) -> list[Reply]:
        """The replies; the longest prompts go first, so that a batch too large for the memory fails at once."""
        import torch

        from balsa_core.backbone import generate

        prompts = [torch.tensor(self.prompt_ids(request), device=self.backbone.device) for request in requests]
        order = sorted(range(len(requests)), key=lambda index: -len(prompts[index]))
        replies: dict[int, Reply] = {}
        for start in range(0, len(order), self.batch_size):
            batch = order[start : start + self.batch_size]
            draws = [requests[index].draw for index in batch]
            written = generate(self.backbone, [prompts[index] for index in batch], decoding, draws)
            replies |= dict(zip(batch, written, strict=True))
        return [replies[index] for index in range(len(requests))]

    def prompt_ids(self, request: ChatRequest) -> list[int]:
        """The prompt's token ids, with the seed texts in its audio spans."""
        tokenizer = self.backbone.tokenizer
        return render(tokenizer, request.messages, [encode(tokenizer, seed) for seed in request.seeds]).ids


@dataclass(frozen=True)
class TransformersEngine:
    """Runs any causal LM of the Hugging Face layout in this process."""

    name: str = "transformers"

    def open(self, backbone: str, config: SynthesisConfig, key: str | None = None) -> TransformersChat:
        """Load the backbone; a key is not needed here."""
        from balsa_core.backbone import load_backbone

        return TransformersChat(load_backbone(backbone), config.batch_size)


PLUGIN = TransformersEngine()

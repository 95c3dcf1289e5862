"""A frozen encoder, an adapter and a frozen LLM: conversations with sound in, a loss or replies out.

Shapes: B rows, T positions, S audio slots, R target tokens, E width of the LLM; L, D as in encoder.py.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional

from balsa_core.audio import Waveform
from balsa_core.backbone import Backbone, generate_ids, logits_at, read_reply
from balsa_core.config import AdapterConfig
from balsa_core.decoding import Decoding, Reply
from balsa_core.model.adapters import Adapter, Sizes, build_adapter
from balsa_core.model.encoder import Encoder, Features, checked_taps
from balsa_core.model.layout import Layout, lay_batch, lay_prompt
from balsa_core.prompt import Message

Asked = tuple[Sequence[Message], Sequence[Waveform]]  # a conversation and the clips of its place holders, in order

NORM_SAMPLE = 4096  # token embeddings whose mean length is taken


@dataclass(frozen=True)
class AudioLLM:
    """The three parts. Only the adapter has gradients; encoder and LLM stay in eval mode as they were loaded."""

    encoder: Encoder
    adapter: Adapter
    backbone: Backbone
    config: AdapterConfig

    @property
    def taps(self) -> tuple[int, ...]:
        """The encoder layers that the adapter reads."""
        return checked_taps(self.config.taps, self.encoder)

    def hear(self, features: Features) -> Tensor:
        """The audio embeddings of the clips, one below the other: shape (all slots, E), in float32."""
        audio_BQE = self.adapter(features.layers_LBTD.float(), features.mask_BT)
        lengths = [self.adapter.num_slots(num) for num in features.mask_BT.sum(1).tolist()]
        if all(length == audio_BQE.shape[1] for length in lengths):
            return audio_BQE.flatten(0, 1)
        return torch.cat([audio_BQE[row, :length] for row, length in enumerate(lengths)])

    def embed(self, layout: Layout, audio_SE: Tensor | None) -> Tensor:
        """The input embeddings (B, T, E) of a batch: the LLM's own, and audio in the slots."""
        embeds_BTE = self.backbone.embed(layout.ids_BT)
        if audio_SE is None:
            return embeds_BTE
        heard_SE = audio_SE[layout.sources_S].to(embeds_BTE.dtype)
        return embeds_BTE.flatten(0, 1).index_copy(0, layout.slots_S, heard_SE).view_as(embeds_BTE)

    def loss_sum(self, layout: Layout, features: Features) -> Tensor:
        """Next-token cross-entropy summed over the target tokens, in float32."""
        logits_RV = logits_at(self.backbone, self.embed(layout, self.hear(features)), layout.places_R)
        return functional.cross_entropy(logits_RV.float(), layout.targets_R, reduction="sum")

    @torch.no_grad()
    def answer(self, asked: Sequence[Asked], decoding: Decoding, batch_size: int = 64) -> list[Reply]:
        """The replies, in the order asked. A clip asked about several times is heard once if it is the same array."""
        return [read_reply(self.backbone, ids) for ids in self.answer_ids(asked, decoding, batch_size)]

    @torch.no_grad()
    def answer_ids(self, asked: Sequence[Asked], decoding: Decoding, batch_size: int = 64) -> list[list[int]]:
        """The token ids of the replies; prompts of like length share a batch."""
        clips = {id(waveform): waveform for _, waveforms in asked for waveform in waveforms}
        heard = dict(zip(clips, self._hear_all(list(clips.values()), batch_size), strict=True))
        prompts = [self._embed_question(messages, [heard[id(clip)] for clip in waves]) for messages, waves in asked]
        order = sorted(range(len(prompts)), key=lambda index: prompts[index].shape[0])
        replies: dict[int, list[int]] = {}
        for start in range(0, len(order), batch_size):
            batch = order[start : start + batch_size]
            replies.update(zip(batch, generate_ids(self.backbone, [prompts[i] for i in batch], decoding), strict=True))
        return [replies[index] for index in range(len(prompts))]

    def _hear_all(self, waveforms: list[Waveform], batch_size: int) -> list[Tensor]:
        heard: list[Tensor] = []
        for start in range(0, len(waveforms), batch_size):
            features = self.encoder.features(waveforms[start : start + batch_size], self.taps)
            slots = [self.adapter.num_slots(num) for num in features.mask_BT.sum(1).tolist()]
            heard += self.hear(features).split(slots)
        return heard

    def _embed_question(self, messages: Sequence[Message], heard: Sequence[Tensor]) -> Tensor:
        slots = [audio.shape[0] for audio in heard]
        row = lay_prompt(self.backbone.tokenizer, messages, slots)
        layout = lay_batch([row], [range(len(slots))], slots).to(self.backbone.device)
        return self.embed(layout, torch.cat(list(heard)) if heard else None)[0]


def new_audio_llm(encoder: Encoder, backbone: Backbone, config: AdapterConfig, seed: int) -> AudioLLM:
    """An untrained model; the same seed gives the same adapter."""
    sizes = Sizes(
        num_taps=len(checked_taps(config.taps, encoder)),
        encoder_width=encoder.width,
        num_heads=encoder.num_heads,
        llm_width=backbone.width,
        embedding_norm=_embedding_norm(backbone),
    )
    return AudioLLM(encoder, build_adapter(config, sizes, seed).to(backbone.device), backbone, config)


@torch.no_grad()
def _embedding_norm(backbone: Backbone) -> float:
    num_tokens = backbone.model.get_input_embeddings().weight.shape[0]
    ids = torch.linspace(0, num_tokens - 1, min(num_tokens, NORM_SAMPLE)).long()
    return float(backbone.embed(ids).float().norm(dim=-1).mean())

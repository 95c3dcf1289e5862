"""Encoder layers in, embeddings for the LLM out: the only part that learns.

Shapes: L tapped layers, B clips, T frames, D width of the encoder, Q audio tokens a clip, H heads, W hidden width,
E width of the LLM.
"""

import math
from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional

from balsa_core.config import AdapterConfig

NORM_EPS = 1e-12  # BERT's
INIT_GAIN = 0.02 * math.sqrt(768)  # BERT draws with 0.02 at its width of 768; other widths keep the same gain


class Sizes(NamedTuple):
    """What an adapter stands between."""

    num_taps: int
    encoder_width: int
    num_heads: int
    llm_width: int
    embedding_norm: float  # mean length of the LLM's token embeddings


class QFormerAdapter(nn.Module):
    """Learned queries read each tapped layer through a shared decoder, are mixed over layers, and projected.

    BERT-style and post-norm; the queries see each other without a mask. No dropout: not stated, and losses would
    depend on the number of processes. The output starts at the length of a token embedding (ours: at PyTorch's own
    scale it would be some 40 times as long for Llama, and the frozen LLM reads nothing from it).
    """

    def __init__(self, config: AdapterConfig, sizes: Sizes) -> None:
        super().__init__()
        width = config.width or sizes.encoder_width
        if width % sizes.num_heads:
            raise ValueError(f"width {width} can't be split among the encoder's {sizes.num_heads} heads")
        self.num_queries = config.num_queries
        self.queries_LQW = nn.Parameter(torch.empty(sizes.num_taps, config.num_queries, width))
        self.mixing_LQ = nn.Parameter(torch.zeros(sizes.num_taps, config.num_queries))
        self.layers = nn.ModuleList(
            [_Layer(width, sizes.encoder_width, sizes.num_heads, config.ffn_width) for _ in range(config.num_layers)]
        )
        self.norm = nn.LayerNorm(width)
        self.projection = nn.Linear(width, sizes.llm_width)
        nn.init.normal_(self.queries_LQW)
        self.layers.apply(_init_linear)
        _match_length(self.projection, sizes.embedding_norm)

    def forward(self, layers_LBTD: Tensor, mask_BT: Tensor) -> Tensor:
        """audio_BQE."""
        num_taps, num_clips = layers_LBTD.shape[:2]
        memory_NTD = layers_LBTD.flatten(0, 1)
        visible_N11T = None if bool(mask_BT.all()) else mask_BT.repeat(num_taps, 1)[:, None, None]
        hidden_NQW = self.queries_LQW.repeat_interleave(num_clips, dim=0)
        for layer in self.layers:
            hidden_NQW = layer(hidden_NQW, memory_NTD, visible_N11T)
        hidden_LBQW = hidden_NQW.unflatten(0, (num_taps, num_clips))
        shares_LQ = self.mixing_LQ.softmax(dim=0)
        mixed_BQW = (hidden_LBQW * shares_LQ[:, None, :, None]).sum(0)
        return self.projection(self.norm(mixed_BQW))

    def num_slots(self, num_frames: int) -> int:
        """Audio tokens of a clip: the same for every length."""
        return self.num_queries


class MLPAdapter(nn.Module):
    """Neighbouring frames of all tapped layers stacked, normalised, and projected."""

    def __init__(self, config: AdapterConfig, sizes: Sizes) -> None:
        super().__init__()
        self.stack = config.stack
        stacked = config.stack * sizes.num_taps * sizes.encoder_width
        self.norm = nn.LayerNorm(stacked)
        self.hidden = nn.Linear(stacked, config.hidden_width) if config.hidden_width else None
        self.projection = nn.Linear(config.hidden_width or stacked, sizes.llm_width)
        _match_length(self.projection, sizes.embedding_norm)

    def forward(self, layers_LBTD: Tensor, mask_BT: Tensor) -> Tensor:
        """audio_BQE; the last tokens of a shorter clip of the batch mean nothing (see num_slots)."""
        known_LBTD = layers_LBTD * mask_BT[None, :, :, None]
        missing = -mask_BT.shape[1] % self.stack
        frames_BTX = functional.pad(known_LBTD, (0, 0, 0, missing)).permute(1, 2, 0, 3).flatten(2)
        hidden_BQX = self.norm(frames_BTX.unflatten(1, (-1, self.stack)).flatten(2))
        if self.hidden is not None:
            hidden_BQX = functional.gelu(self.hidden(hidden_BQX))
        return self.projection(hidden_BQX)

    def num_slots(self, num_frames: int) -> int:
        """Audio tokens of a clip of this many frames."""
        return -(-num_frames // self.stack)


Adapter = QFormerAdapter | MLPAdapter


def build_adapter(config: AdapterConfig, sizes: Sizes, seed: int) -> Adapter:
    """A fresh adapter on the CPU in float32; the same seed gives the same weights."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return QFormerAdapter(config, sizes) if config.kind == "qformer" else MLPAdapter(config, sizes)


def count_parameters(adapter: nn.Module) -> int:
    """How many numbers learn."""
    return sum(parameter.numel() for parameter in adapter.parameters())


class _Layer(nn.Module):
    """Self-attention, cross-attention and feed-forward, each with its residual and a LayerNorm behind it."""

    def __init__(self, width: int, encoder_width: int, num_heads: int, ffn_width: int) -> None:
        super().__init__()
        self.self_attention = _Attention(width, width, num_heads)
        self.cross_attention = _Attention(width, encoder_width, num_heads)
        self.widen = nn.Linear(width, ffn_width)
        self.narrow = nn.Linear(ffn_width, width)
        self.norm = nn.LayerNorm(width, eps=NORM_EPS)

    def forward(self, hidden_NQW: Tensor, memory_NTD: Tensor, visible_N11T: Tensor | None) -> Tensor:
        hidden_NQW = self.self_attention(hidden_NQW, hidden_NQW, None)
        hidden_NQW = self.cross_attention(hidden_NQW, memory_NTD, visible_N11T)
        return self.norm(hidden_NQW + self.narrow(functional.gelu(self.widen(hidden_NQW))))


class _Attention(nn.Module):
    """Queries from one sequence, keys and values from another, which may be of another width."""

    def __init__(self, width: int, memory_width: int, num_heads: int) -> None:
        super().__init__()
        self.num_heads = num_heads
        self.query = nn.Linear(width, width)
        self.key = nn.Linear(memory_width, width)
        self.value = nn.Linear(memory_width, width)
        self.output = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width, eps=NORM_EPS)

    def forward(self, hidden_NQW: Tensor, memory_NTD: Tensor, visible_N11T: Tensor | None) -> Tensor:
        query_NHQX = self._heads(self.query(hidden_NQW))
        # Few queries of few heads are cheaper carried to the frames than all the frames to the heads.
        few = self.num_heads * hidden_NQW.shape[1] < hidden_NQW.shape[2]
        read = self._read_few if few else self._read
        return self.norm(
            hidden_NQW + self.output(read(query_NHQX, memory_NTD, visible_N11T).transpose(1, 2).flatten(2))
        )

    def _read(self, query_NHQX: Tensor, memory_NTD: Tensor, visible_N11T: Tensor | None) -> Tensor:
        key_NHTX, value_NHTX = self._heads(self.key(memory_NTD)), self._heads(self.value(memory_NTD))
        return functional.scaled_dot_product_attention(query_NHQX, key_NHTX, value_NHTX, attn_mask=visible_N11T)

    def _read_few(self, query_NHQX: Tensor, memory_NTD: Tensor, visible_N11T: Tensor | None) -> Tensor:
        """The same sums in another order: (q K) x for q (K x), and (a x) V for a (x V)."""
        head_width = query_NHQX.shape[-1]
        key_HXD, value_HXD = (part.weight.unflatten(0, (self.num_heads, -1)) for part in (self.key, self.value))
        key_HX, value_HX = (part.bias.unflatten(0, (self.num_heads, -1)) for part in (self.key, self.value))
        asked_NHQD = _by_head(query_NHQX, key_HXD)
        scores_NHQT = (asked_NHQD.flatten(1, 2) @ memory_NTD.mT).unflatten(1, query_NHQX.shape[1:3])
        scores_NHQT = (scores_NHQT + (query_NHQX * key_HX[:, None]).sum(-1, keepdim=True)) / math.sqrt(head_width)
        if visible_N11T is not None:
            scores_NHQT = scores_NHQT.masked_fill(~visible_N11T, -torch.inf)
        heard_NHQD = (scores_NHQT.softmax(-1).flatten(1, 2) @ memory_NTD).unflatten(1, query_NHQX.shape[1:3])
        return _by_head(heard_NHQD, value_HXD.mT) + value_HX[:, None]

    def _heads(self, projected: Tensor) -> Tensor:
        return projected.unflatten(-1, (self.num_heads, -1)).transpose(1, 2)


def _by_head(rows_NHQX: Tensor, weight_HXY: Tensor) -> Tensor:
    """Each head's rows times its matrix; as one product a head, for a broadcast one would copy the matrices N times."""
    product_HRY = rows_NHQX.transpose(0, 1).flatten(1, 2) @ weight_HXY
    return product_HRY.unflatten(1, (rows_NHQX.shape[0], -1)).transpose(0, 1)


def _init_linear(module: nn.Module) -> None:
    if isinstance(module, nn.Linear):
        nn.init.normal_(module.weight, std=INIT_GAIN / math.sqrt(module.in_features))
        nn.init.zeros_(module.bias)


def _match_length(projection: nn.Linear, embedding_norm: float) -> None:
    """Normalised inputs come out about `embedding_norm` long."""
    nn.init.normal_(projection.weight, std=embedding_norm / math.sqrt(projection.in_features * projection.out_features))
    nn.init.zeros_(projection.bias)

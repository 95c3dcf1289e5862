"""The name of an encoder in, the frozen encoder out: waveforms in, layer outputs over time out.

Shapes: L tapped layers, B clips, T frames (positions in time), D width of the encoder.
"""

from collections.abc import Sequence
from typing import NamedTuple, Protocol

import torch
from torch import Tensor
from transformers import AutoConfig

from balsa_core.audio import Waveform
from balsa_core.registry import load_plugin, plugin_names
from balsa_core.weights import model_source

ENCODERS = "balsa_core.model.encoders"
NUM_TAPS = 4  # stated for both papers


class Features(NamedTuple):
    """What an encoder says of a batch of clips."""

    layers_LBTD: Tensor  # raw outputs of the tapped layers, 0 where there is no audio
    mask_BT: Tensor  # True where a frame holds audio


class Encoder(Protocol):
    """A frozen audio encoder."""

    identity: str  # which weights
    width: int
    num_heads: int  # of a Q-Former that reads it
    taps: tuple[int, ...]  # layers read when the configuration names none, counted from 0
    num_layers: int
    frame_rate_hz: float
    window_s: float | None  # longer clips are read window by window; None: any length at once

    def num_frames(self, num_samples: int) -> int:
        """How many frames of a clip hold audio."""
        ...

    def features(self, waveforms: Sequence[Waveform], taps: tuple[int, ...]) -> Features:
        """The outputs of the tapped layers."""
        ...


def load_encoder(name: str, *, device: torch.device, dtype: torch.dtype) -> Encoder:
    """The encoder `name` ("pocket", a folder or a Hub id), by the model_type of its configuration."""
    model_type = AutoConfig.from_pretrained(model_source(name, "encoder")).model_type
    if model_type not in plugin_names(ENCODERS):
        raise ValueError(
            f"{name} is a {model_type!r} model: encoders are {', '.join(plugin_names(ENCODERS))}; "
            f"a new one is a file {model_type}.py beside them"
        )
    return load_plugin(ENCODERS, model_type).load(name, device=device, dtype=dtype)


def checked_taps(taps: tuple[int, ...] | None, encoder: Encoder) -> tuple[int, ...]:
    """The layers to read; ValueError for one that the encoder does not have."""
    chosen = encoder.taps if taps is None else taps
    wrong = [tap for tap in chosen if not 0 <= tap < encoder.num_layers]
    if wrong or not chosen:
        raise ValueError(f"the encoder has layers 0 to {encoder.num_layers - 1}: it has no taps {wrong or chosen}")
    return chosen


def even_taps(num_layers: int) -> tuple[int, ...]:
    """Four layers, evenly spaced, the last among them: of 12 layers 2, 5, 8 and 11."""
    num_taps = min(NUM_TAPS, num_layers)
    return tuple((index + 1) * num_layers // num_taps - 1 for index in range(num_taps))


def pad_frames(clips: Sequence[Tensor]) -> Features:
    """One batch of clips of different length, each of shape (L, T, D)."""
    lengths = [clip.shape[1] for clip in clips]
    num_layers, _, width = clips[0].shape
    layers_LBTD = clips[0].new_zeros(num_layers, len(clips), max(lengths), width)
    for row, clip in enumerate(clips):
        layers_LBTD[:, row, : lengths[row]] = clip
    frames_T = torch.arange(max(lengths), device=layers_LBTD.device)
    return Features(layers_LBTD, frames_T < torch.tensor(lengths, device=layers_LBTD.device)[:, None])


def split_clips(features: Features) -> list[Tensor]:
    """Each clip by itself, shape (L, T, D), without the frames that hold no audio."""
    lengths = features.mask_BT.sum(1).tolist()
    return [features.layers_LBTD[:, row, :length] for row, length in enumerate(lengths)]

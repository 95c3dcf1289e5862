"""Whisper of any size: raw outputs of its encoder layers, without the final LayerNorm.

Two trained systems are off by one here: Hugging Face `hidden_states[i]` is the output of layer i-1, and the last one
has the LayerNorm applied. Hooks on the layers say what they mean.

A clip of 5 s is 250 frames of 20 ms; the other 1,250 of the 30-s window are left out of what the adapter reads.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor

from balsa_core.audio import Waveform
from balsa_core.model.encoder import Features, even_taps, pad_frames
from balsa_core.records import RATE_HZ
from balsa_core.weights import model_identity, model_source


@dataclass(frozen=True)
class WhisperLayers:
    """The encoder of a Whisper model with its feature extractor."""

    model: Any
    extractor: Any
    identity: str

    @property
    def width(self) -> int:
        """Width of the layers."""
        return self.model.config.d_model

    @property
    def num_heads(self) -> int:
        """Attention heads."""
        return self.model.config.encoder_attention_heads

    @property
    def num_layers(self) -> int:
        """Encoder layers."""
        return self.model.config.encoder_layers

    @property
    def taps(self) -> tuple[int, ...]:
        """Four layers, evenly spaced."""
        return even_taps(self.num_layers)

    @property
    def frame_samples(self) -> int:
        """Samples a frame: the hop of the spectrogram times the stride of the two convolutions."""
        return self.extractor.hop_length * self.model.conv1.stride[0] * self.model.conv2.stride[0]

    @property
    def frame_rate_hz(self) -> float:
        """Frames a second: 50."""
        return RATE_HZ / self.frame_samples

    @property
    def window_s(self) -> float:
        """Seconds of audio that the encoder sees at once: 30, and 4 for the pocket encoder."""
        return self.extractor.n_samples / RATE_HZ

    def num_frames(self, num_samples: int) -> int:
        """Frames that hold audio, over all windows; a window is a whole number of frames."""
        return max(1, -(-num_samples // self.frame_samples))

    @torch.no_grad()
    def features(self, waveforms: Sequence[Waveform], taps: tuple[int, ...]) -> Features:
        """Outputs of layers `taps`; long clips are cut into windows that are joined over time."""
        windows = [_cut(waveform, self.extractor.n_samples) for waveform in waveforms]
        outputs_LWTD = self._layer_outputs([window for clip in windows for window in clip], taps)
        ends = itertools.accumulate(len(clip) for clip in windows)
        clips = []
        for waveform, cut, end in zip(waveforms, windows, ends, strict=True):
            joined_LTD = outputs_LWTD[:, end - len(cut) : end].flatten(1, 2)
            clips.append(joined_LTD[:, : self.num_frames(waveform.shape[0])])
        return pad_frames(clips)

    def _layer_outputs(self, windows: list[Waveform], taps: tuple[int, ...]) -> Tensor:
        spectrograms = self.extractor(windows, sampling_rate=RATE_HZ, return_tensors="pt").input_features
        found: dict[int, Tensor] = {}
        hooks = [
            self.model.layers[tap].register_forward_hook(lambda _m, _i, output, tap=tap: found.update({tap: output}))
            for tap in taps
        ]
        try:
            self.model(spectrograms.to(self.model.device, self.model.dtype))
        finally:
            for hook in hooks:
                hook.remove()
        return torch.stack([found[tap] for tap in taps])


def _cut(waveform: Waveform, window_samples: int) -> list[Waveform]:
    cuts = range(window_samples, waveform.shape[0], window_samples)
    return np.split(waveform, list(cuts))


class _Plugin:
    name = "whisper"

    def load(self, name: str, *, device: torch.device, dtype: torch.dtype) -> WhisperLayers:
        """The frozen encoder of a Whisper model."""
        from transformers import WhisperFeatureExtractor, WhisperModel

        source = model_source(name, "encoder")
        model: Any = WhisperModel.from_pretrained(source, dtype=dtype).get_encoder()
        model.to(device).eval().requires_grad_(False)
        return WhisperLayers(model, WhisperFeatureExtractor.from_pretrained(source), model_identity(name, "encoder"))


PLUGIN = _Plugin()

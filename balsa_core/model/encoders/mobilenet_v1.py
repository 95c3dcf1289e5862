"""YAMNet as a transformers MobileNetV1: one layer, the last feature map of the network.

The folder holds the network and `frontend_and_classifier.safetensors` with `stft.window` and `mel.weight`: 16 kHz mono,
frames of 400 samples every 160 without centre padding, rfft 512 magnitude, 64 mel bands, log(mel + 0.001).
Input (B, 1, frames, 64), feature map (B, 1024, T, 2): a 5-s clip gives 16 steps of 320 ms in 2 frequency bands, read as
32 positions of width 1024, low band first.

The network was made for patches of 0.96 s. Over a whole clip the steps away from both ends come out some ten times as
large, and the classifier that belongs to it calls everything music; the features are the better ones all the same.
Ridge probe, ESC-10 by its five folds, and two-clip mixtures of fold 5 (area under the curve):

    whole clip, both bands pooled    98.8 %   0.925        patches, both bands pooled    97.8 %   0.915
    whole clip, each band apart      98.8 %   0.923        patches, each band apart      96.5 %   0.899
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from balsa_core.audio import Waveform
from balsa_core.model.encoder import Features, pad_frames
from balsa_core.records import RATE_HZ
from balsa_core.weights import model_identity, model_source

FRONT_END = "frontend_and_classifier.safetensors"
FRAME_SAMPLES, HOP_SAMPLES, FFT_SAMPLES = 400, 160, 512
LOG_OFFSET = 0.001
STRIDE = 2**5
NUM_BANDS = 64 // STRIDE
HOPS_PER_STEP = STRIDE
SHORTEST_SAMPLES = FRAME_SAMPLES + (HOPS_PER_STEP - 1) * HOP_SAMPLES  # one step


@dataclass(frozen=True)
class MobileNetLayers:
    """A MobileNetV1 with its front end."""

    model: Any
    window: Tensor
    mel: Tensor  # (64, 257)
    identity: str
    num_heads: int = 8
    num_layers: int = 1
    taps: tuple[int, ...] = (0,)
    window_s: float | None = None
    frame_rate_hz: float = NUM_BANDS * RATE_HZ / (HOP_SAMPLES * HOPS_PER_STEP)

    @property
    def width(self) -> int:
        """Channels of the feature map."""
        return self.model.layer[-1].convolution.out_channels

    def num_frames(self, num_samples: int) -> int:
        """Two frequency bands for each step of 320 ms."""
        hops = (max(num_samples, SHORTEST_SAMPLES) - FRAME_SAMPLES) // HOP_SAMPLES + 1
        return NUM_BANDS * -(-hops // HOPS_PER_STEP)

    @torch.no_grad()
    def features(self, waveforms: Sequence[Waveform], taps: tuple[int, ...]) -> Features:
        """The feature map over time. Clips of one length are a batch: the network pads by the length of its input."""
        lengths = sorted({waveform.shape[0] for waveform in waveforms})
        clips: dict[int, Tensor] = {}
        for length in lengths:
            rows = [row for row, waveform in enumerate(waveforms) if waveform.shape[0] == length]
            maps_BTD = self._maps([waveforms[row] for row in rows])
            clips.update(zip(rows, maps_BTD.split(1), strict=True))
        return pad_frames([clips[row] for row in range(len(waveforms))])

    def _maps(self, waveforms: list[Waveform]) -> Tensor:
        samples_BN = torch.stack([torch.from_numpy(waveform) for waveform in waveforms]).to(self.mel.device)
        missing = max(0, SHORTEST_SAMPLES - samples_BN.shape[1])
        frames_BTN = torch.nn.functional.pad(samples_BN, (0, missing)).unfold(1, FRAME_SAMPLES, HOP_SAMPLES)
        magnitudes = torch.fft.rfft(frames_BTN * self.window, n=FFT_SAMPLES).abs()
        spectrograms = torch.log(magnitudes @ self.mel.T + LOG_OFFSET)
        maps_BCTF = self.model(spectrograms[:, None].to(self.model.dtype)).last_hidden_state
        return maps_BCTF.permute(0, 2, 3, 1).flatten(1, 2)


class _Plugin:
    name = "mobilenet_v1"

    def load(self, name: str, *, device: torch.device, dtype: torch.dtype) -> MobileNetLayers:
        """The frozen network; ValueError when the folder lacks the front end."""
        from safetensors.torch import load_file
        from transformers import MobileNetV1Model

        source = model_source(name, "encoder")
        front_end = Path(source) / FRONT_END
        if not front_end.exists():
            raise ValueError(f"{name} has no {FRONT_END} with stft.window and mel.weight: use the YAMNet folder")
        tensors = load_file(front_end)
        model: Any = MobileNetV1Model.from_pretrained(source, add_pooling_layer=False, dtype=dtype)
        model.to(device).eval().requires_grad_(False)
        window, mel = (tensors[key].to(device, torch.float32) for key in ("stft.window", "mel.weight"))
        return MobileNetLayers(model, window, mel, model_identity(name, "encoder"))


PLUGIN = _Plugin()

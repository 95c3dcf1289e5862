"""Clip ids in, encoder features out: computed once and kept in memory when they fit, else encoded when asked for.

The encoder is frozen, so both ways give the same features (to the rounding of another batch size).
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import torch
from torch import Tensor

from balsa_core.audio import Waveform
from balsa_core.model.encoder import Encoder, Features, pad_frames, split_clips
from balsa_core.records import RATE_HZ

logger = logging.getLogger(__name__)

MB = 2**20
ENCODE_BATCH = 16  # clips
READ_TOGETHER = 256  # clips: 4 row groups of the dataset
EXACT, HALF = torch.float32, torch.float16


class ClipSource(Protocol):
    """Where the audio of a clip comes from."""

    def waveform(self, clip_id: str) -> Waveform:
        """Mono float32 in [-1, 1] at RATE_HZ."""
        ...


@dataclass(frozen=True)
class FeatureStore:
    """The features of the clips of a dataset."""

    encoder: Encoder
    taps: tuple[int, ...]
    clips: ClipSource
    num_samples: Mapping[str, int]  # of each clip, in about the order of the dataset
    device: torch.device
    kept: dict[str, Tensor] = field(default_factory=dict)  # (L, T, D) of each clip, on the CPU

    def num_frames(self, clip_id: str) -> int:
        """Frames of a clip, known without encoding it."""
        return self.encoder.num_frames(self.num_samples[clip_id])

    def duration_s(self, clip_id: str) -> float:
        """Seconds of audio of a clip."""
        return self.num_samples[clip_id] / RATE_HZ

    def batch(self, clip_ids: Sequence[str]) -> Features:
        """The features of these clips in this order, in float32 on the device."""
        features = pad_frames([self.kept[key] for key in clip_ids]) if self.kept else self._encode(clip_ids)
        return Features(features.layers_LBTD.to(self.device, EXACT), features.mask_BT.to(self.device))

    def keep_all(self, dtype: torch.dtype) -> None:
        """Encode every clip once. Clips that lie near each other in the dataset are read together, by length."""
        ids = list(self.num_samples)
        for start in range(0, len(ids), READ_TOGETHER):
            near = sorted(ids[start : start + READ_TOGETHER], key=lambda key: (self.num_samples[key], key))
            for first in range(0, len(near), ENCODE_BATCH):
                batch = near[first : first + ENCODE_BATCH]
                clips = split_clips(self._encode(batch))
                kept = (clip.to("cpu", dtype, copy=True) for clip in clips)
                self.kept.update(zip(batch, kept, strict=True))

    def _encode(self, clip_ids: Sequence[str]) -> Features:
        return self.encoder.features([self.clips.waveform(clip_id) for clip_id in clip_ids], self.taps)


def open_features(store: FeatureStore, cache_mb: int) -> FeatureStore:
    """The store with its features in memory if they fit into `cache_mb`: as float32, else as float16."""
    num_frames = sum(store.num_frames(clip_id) for clip_id in store.num_samples)
    num_values = num_frames * len(store.taps) * store.encoder.width
    dtype = kept_dtype(num_values, cache_mb)
    if dtype is None:
        logger.info("%d frames of features do not fit into %d MB: encoded at each step", num_frames, cache_mb)
        return store
    logger.info("%d frames of features are kept: %d MB as %s", num_frames, num_values * dtype.itemsize // MB, dtype)
    store.keep_all(dtype)
    return store


def kept_dtype(num_values: int, cache_mb: int) -> torch.dtype | None:
    """The widest type in which that many numbers fit into the memory, if any."""
    return next((dtype for dtype in (EXACT, HALF) if num_values * dtype.itemsize <= cache_mb * MB), None)

"""Small sounds and sound files for tests."""

import io
from pathlib import Path

import numpy as np
import soundfile
from numpy.typing import NDArray

from balsa_core.records import RATE_HZ

FORMATS = {  # format and subtype by suffix
    ".wav": ("WAV", "PCM_16"),
    ".flac": ("FLAC", "PCM_16"),
    ".ogg": ("OGG", "VORBIS"),
    ".mp3": ("MP3", "MPEG_LAYER_III"),
    ".aiff": ("AIFF", "PCM_16"),
}


def tone(pitch_hz: float = 440.0, duration_s: float = 0.5, rate_hz: int = RATE_HZ, peak: float = 0.5) -> NDArray:
    """A sine, float32."""
    times = np.arange(round(duration_s * rate_hz)) / rate_hz
    return (peak * np.sin(2 * np.pi * pitch_hz * times)).astype(np.float32)


def hiss(seed: int = 0, duration_s: float = 0.5, rate_hz: int = RATE_HZ) -> NDArray:
    """Noise, float32: it does not compress, so that a cut anywhere hurts."""
    return np.random.default_rng(seed).normal(0, 0.1, round(duration_s * rate_hz)).clip(-1, 1).astype(np.float32)


def encode(samples: NDArray, suffix: str = ".wav", rate_hz: int = RATE_HZ, subtype: str | None = None) -> bytes:
    """A sound file; samples of shape (n,) or (n, channels)."""
    kind, usual = FORMATS[suffix]
    file = io.BytesIO()
    soundfile.write(file, samples, rate_hz, format=kind, subtype=subtype or usual)
    return file.getvalue()


def write(path: Path, samples: NDArray, rate_hz: int = RATE_HZ) -> Path:
    """Write a sound file, with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encode(samples, path.suffix, rate_hz))
    return path

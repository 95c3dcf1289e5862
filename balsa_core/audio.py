"""Sound files in, 16 kHz mono 16-bit PCM out; what is wrong with a sound is said in one word.

waveform: mono float32 in [-1, 1], shape (num_samples,), at RATE_HZ. PCM: its little-endian int16 bytes.
"""

import hashlib
import io
from typing import Any, NamedTuple

import numpy as np
import soundfile
import soxr
from numpy.typing import NDArray

from balsa_core.containers import MP3_FRAME_SAMPLES, FileBytes, cut_short
from balsa_core.records import RATE_HZ

Waveform = NDArray[np.float32]

PCM_TYPE = np.dtype("<i2")
PCM_SCALE = 32_767.0
# A header that says more is refused before memory is given.
LONGEST_S = 3600
LONGEST_SAMPLES = LONGEST_S * 48_000 * 2
# libsndfile 1.2.2: up to 5,200 samples after an mp3 seek are not those of the file; near the end of an ogg file, none.
SEEKS_BADLY = ("MP3", "OGG")


class BadAudio(ValueError):
    """A sound that can't be used; `reason` is one word for counting, the message is for people."""

    def __init__(self, reason: str, detail: str) -> None:
        super().__init__(f"{reason}: {detail}")
        self.reason, self.detail = reason, detail


class Limits(NamedTuple):
    """What a clip must be: seconds, and the lowest peak level in dB below full scale."""

    min_duration_s: float
    max_duration_s: float
    silence_dbfs: float


def decode(data: FileBytes, start_s: float = 0.0, end_s: float | None = None) -> Waveform:
    """The waveform of a wav, flac, ogg or mp3 file, or of a span of it; BadAudio when it can't be read whole.

    data: the whole file, in memory or mapped. Channels are averaged, other rates resampled by soxr (HQ). Floating
    point files may exceed [-1, 1] or hold NaN: `check` and `to_pcm` answer that.
    """
    if len(data) == 0:
        raise BadAudio("empty", "the file has no bytes")
    if missing := cut_short(data):
        raise BadAudio("truncated", missing)
    source: Any = _Source(data)
    try:
        file = soundfile.SoundFile(source)
    except soundfile.LibsndfileError as exc:
        raise BadAudio("unreadable", exc.error_string) from exc
    with file:
        try:
            return _read_span(file, start_s, end_s)
        except soundfile.LibsndfileError as exc:
            starved = source.tell() >= len(data)
            raise BadAudio("truncated" if starved else "unreadable", exc.error_string) from exc


def check(waveform: Waveform, limits: Limits) -> None:
    """BadAudio when a waveform is empty, not finite, too short, too long or silent."""
    duration_s = waveform.shape[0] / RATE_HZ
    if waveform.shape[0] == 0:
        raise BadAudio("empty", "no samples")
    if not np.isfinite(waveform).all():
        raise BadAudio("not_finite", f"{int((~np.isfinite(waveform)).sum())} samples are NaN or infinite")
    if duration_s < limits.min_duration_s:
        raise BadAudio("too_short", f"{duration_s:.3f} s, at least {limits.min_duration_s} s")
    if duration_s > limits.max_duration_s:
        raise BadAudio("too_long", f"{duration_s:.1f} s, at most {limits.max_duration_s} s")
    peak = float(np.abs(waveform).max())
    if peak < 10 ** (limits.silence_dbfs / 20):
        raise BadAudio("silent", f"peak {peak:.2e} is below {limits.silence_dbfs} dBFS")


def resample(samples: NDArray[np.float32], rate_hz: int) -> Waveform:
    """Samples of another rate at RATE_HZ."""
    if rate_hz == RATE_HZ:
        return np.ascontiguousarray(samples, dtype=np.float32)
    return soxr.resample(samples, rate_hz, RATE_HZ, quality="HQ").astype(np.float32)


def to_pcm(waveform: Waveform) -> bytes:
    """The 16-bit PCM of a waveform, clipped to [-1, 1]."""
    return (np.clip(waveform, -1.0, 1.0) * PCM_SCALE).round().astype(PCM_TYPE).tobytes()


def from_pcm(pcm: bytes) -> Waveform:
    """The waveform of 16-bit PCM."""
    return np.frombuffer(pcm, dtype=PCM_TYPE).astype(np.float32) / np.float32(PCM_SCALE)


def pcm_sha256(pcm: bytes) -> str:
    """The hash by which two clips are the same audio."""
    return hashlib.sha256(pcm).hexdigest()


class _Source:
    """A file's bytes as libsndfile reads them; it stays where it is when a damaged header sends it before the start."""

    def __init__(self, data: FileBytes) -> None:
        self.data, self.place = data, 0

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        target = offset + (0, self.place, len(self.data))[whence]
        self.place = target if target >= 0 else self.place
        return self.place

    def tell(self) -> int:
        return self.place

    def readinto(self, buffer: Any) -> int:
        chunk = self.data[self.place : self.place + len(buffer)]
        buffer[: len(chunk)] = chunk
        self.place += len(chunk)
        return len(chunk)

    def read(self, size: int) -> bytes:
        chunk = self.data[self.place : self.place + size]
        self.place += len(chunk)
        return chunk


def _read_span(file: soundfile.SoundFile, start_s: float, end_s: float | None) -> Waveform:
    first = round(start_s * file.samplerate)
    last = file.frames if end_s is None else min(round(end_s * file.samplerate), file.frames)
    if not 0 <= first < last:
        raise BadAudio("empty", f"nothing from {start_s} s to {end_s} s of {file.frames / file.samplerate:.2f} s")
    origin = first if file.format not in SEEKS_BADLY else 0
    if last - first > LONGEST_S * file.samplerate or (last - origin) * file.channels > LONGEST_SAMPLES:
        raise BadAudio("too_long", f"{(last - first) / file.samplerate:.0f} s, at most {LONGEST_S} s in one piece")
    if origin:
        file.seek(origin)
    # One read, not blocks: soundfile seeks after each.
    samples = file.read(last - origin, dtype="float32", always_2d=True)[first - origin :]
    # The length of an mp3 file without a frame count is libsndfile's estimate: right to a frame.
    slack = MP3_FRAME_SAMPLES if file.format == "MP3" and len(samples) else 0
    if len(samples) < last - first - slack:
        raise BadAudio("truncated", f"{len(samples)} of {last - first} samples could be read")
    return resample(samples.mean(axis=1, dtype=np.float32), file.samplerate)

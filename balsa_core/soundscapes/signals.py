"""The few building blocks every made sound is put together from: tones, filtered noise, envelopes, events."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

Signal = npt.NDArray[np.floating]  # a scene is float32; numpy widens what is on the way

RATE_HZ = 16_000
NYQUIST_HZ = RATE_HZ / 2


def seconds(duration_s: float) -> Signal:
    """Time axis in seconds."""
    return np.arange(int(duration_s * RATE_HZ), dtype=np.float32) / np.float32(RATE_HZ)


def tone(pitch_hz: float | Signal, duration_s: float, phase: float = 0.0) -> Signal:
    """Sine of a fixed pitch, or of one that varies over time (one value a sample)."""
    if isinstance(pitch_hz, np.ndarray):
        return np.sin(2 * np.pi * np.cumsum(pitch_hz, dtype=np.float64) / RATE_HZ + phase).astype(np.float32)
    return np.sin(np.float32(2 * np.pi * pitch_hz) * seconds(duration_s) + np.float32(phase))


def overtones(pitch_hz: float | Signal, duration_s: float, levels: npt.ArrayLike) -> Signal:
    """Sum of the first harmonics with the given levels; those above half the sample rate are left out."""
    highest = float(np.max(pitch_hz))
    phase = (
        2 * np.pi * np.cumsum(pitch_hz, dtype=np.float64) / RATE_HZ
        if isinstance(pitch_hz, np.ndarray)
        else 2 * np.pi * pitch_hz * np.arange(int(duration_s * RATE_HZ)) / RATE_HZ
    )
    total = np.zeros(len(phase), dtype=np.float32)
    turn = np.mod(phase, 2 * np.pi).astype(np.float32)
    for number, level in enumerate(np.atleast_1d(np.asarray(levels, dtype=np.float32)), start=1):
        if level and highest * number < NYQUIST_HZ:
            total += level * np.sin(np.float32(number) * turn)
    return total


def noise(rng: np.random.Generator, duration_s: float, low_hz: float, high_hz: float, tilt: float = 0.0) -> Signal:
    """Noise between two frequencies with soft edges; `tilt` is the exponent of 1/f (0 white, 1 pink, 2 brown)."""
    num_samples = int(duration_s * RATE_HZ)
    num_bins = num_samples // 2 + 1
    frequency = np.linspace(0, NYQUIST_HZ, num_bins, dtype=np.float32)
    shape = (
        1 / (1 + (np.float32(low_hz) / np.maximum(frequency, 1)) ** 4) / (1 + (frequency / np.float32(high_hz)) ** 8)
    )
    if tilt:
        shape *= np.maximum(frequency, 20.0) ** np.float32(-tilt / 2)
    drawn = rng.standard_normal(2 * num_bins, dtype=np.float32).view(np.complex64)
    return peak_at_one(np.fft.irfft(drawn * shape, num_samples).astype(np.float32))


def decay(duration_s: float, half_life_s: float, attack_s: float = 0.003) -> Signal:
    """Fast rise, exponential fall."""
    time = seconds(duration_s)
    return np.minimum(time / np.float32(attack_s), 1) * np.exp2(-time / np.float32(half_life_s))


def swell(duration_s: float, rise_s: float, fall_s: float) -> Signal:
    """Rise, hold at one, fall."""
    time = seconds(duration_s)
    return np.clip(np.minimum(time / np.float32(rise_s), (np.float32(duration_s) - time) / np.float32(fall_s)), 0, 1)


def wander(rng: np.random.Generator, duration_s: float, per_second: float, low: float, high: float) -> Signal:
    """A slow random curve between low and high: a new value `per_second` times a second, joined smoothly."""
    num_points = max(2, int(duration_s * per_second) + 2)
    points = rng.uniform(low, high, num_points)
    place = np.linspace(0, num_points - 1.001, int(duration_s * RATE_HZ))
    left = place.astype(np.int64)
    weight = 0.5 - 0.5 * np.cos(np.pi * (place - left))
    return (points[left] * (1 - weight) + points[left + 1] * weight).astype(np.float32)


def glide(duration_s: float, start: float, end: float) -> Signal:
    """A value that moves from start to end in equal ratios."""
    return np.geomspace(start, end, int(duration_s * RATE_HZ), dtype=np.float32)


def place(events: Sequence[tuple[float, Signal]], duration_s: float) -> Signal:
    """Events at their onsets in seconds, summed; what runs over the end is cut."""
    total = np.zeros(int(duration_s * RATE_HZ), dtype=np.float32)
    for onset_s, event in events:
        start = int(onset_s * RATE_HZ)
        if 0 <= start < len(total):
            kept = event[: len(total) - start]
            total[start : start + len(kept)] += kept
    return total


def peak_at_one(signal: Signal) -> Signal:
    """The same signal with its largest sample at one."""
    return signal / np.float32(max(float(np.abs(signal).max(initial=0.0)), 1e-9))

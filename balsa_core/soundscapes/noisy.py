"""Made sounds without a clear pitch: weather, machines, steps and knocks."""

import numpy as np

from balsa_core.soundscapes.signals import RATE_HZ, Signal, decay, noise, overtones, place, seconds, swell, tone, wander


def rain(rng: np.random.Generator) -> Signal:
    """Even bright noise with the crackle of many single drops."""
    duration_s = rng.uniform(2.2, 3.6)
    drops = rng.standard_normal(int(duration_s * RATE_HZ), dtype=np.float32)
    drops *= rng.random(len(drops), dtype=np.float32) < rng.uniform(0.002, 0.01)
    crackle = np.convolve(drops, np.exp(-np.arange(24, dtype=np.float32) / rng.uniform(3, 8)).astype(np.float32))[
        : len(drops)
    ]
    return (noise(rng, duration_s, rng.uniform(700, 1500), 7500) + rng.uniform(0.15, 0.5) * crackle) * swell(
        duration_s, 0.3, 0.3
    )


def wind(rng: np.random.Generator) -> Signal:
    """Low noise that swells, with a howl that wanders."""
    duration_s = rng.uniform(2.4, 3.6)
    gusts = wander(rng, duration_s, 1.3, 0.1, 1.0)
    howl = overtones(wander(rng, duration_s, 1.5, 250, 600), duration_s, [1, 0.2]) * noise(rng, duration_s, 5, 30)
    return (
        (noise(rng, duration_s, 80, rng.uniform(400, 900), 1.0) + rng.uniform(0.2, 0.6) * howl)
        * gusts
        * swell(duration_s, 0.3, 0.3)
    )


def sea_waves(rng: np.random.Generator) -> Signal:
    """Wide noise that rolls in and draws back, brighter as it grows."""
    duration_s = rng.uniform(2.8, 3.7)
    roll = np.clip(np.sin(2 * np.pi * rng.uniform(0.28, 0.5) * seconds(duration_s) + rng.uniform(-1, 0.5)), 0, 1)
    low, high = noise(rng, duration_s, 60, 900, 0.6), noise(rng, duration_s, 700, 5500, 0.6)
    return (low * (0.25 + roll) + 0.8 * high * roll**2).astype(np.float32) * swell(duration_s, 0.3, 0.4)


def thunder(rng: np.random.Generator) -> Signal:
    """A crack and a long, uneven rumble."""
    duration_s = rng.uniform(2.2, 3.6)
    rumble = (
        noise(rng, duration_s, 20, rng.uniform(90, 200), 0.5)
        * wander(rng, duration_s, 6, 0.2, 1.0)
        * decay(duration_s, rng.uniform(0.6, 1.2), 0.1)
    )
    crack = noise(rng, 0.5, 100, 3500, 0.8) * decay(0.5, 0.08)
    return place([(0.0, rumble), (rng.uniform(0, 0.15), rng.uniform(0.2, 0.6) * crack)], duration_s)


def water_drops(rng: np.random.Generator) -> Signal:
    """Single drops: a blip whose pitch shoots up."""
    events, onset_s = [], 0.0
    for _ in range(int(rng.integers(4, 11))):
        start, length_s = rng.uniform(500, 1300), rng.uniform(0.05, 0.12)
        pitch = start * (1 + rng.uniform(6, 14) * seconds(length_s))
        events.append(
            (
                onset_s,
                overtones(pitch.astype(np.float32), length_s, [rng.uniform(0.4, 1)])
                * decay(length_s, length_s / 4, 0.002),
            )
        )
        onset_s += rng.uniform(0.15, 0.5)
    return place(events, min(3.4, onset_s))


def applause(rng: np.random.Generator) -> Signal:
    """Very many claps of different hands."""
    duration_s = rng.uniform(2.0, 3.4)
    claps = [
        noise(rng, 0.03, rng.uniform(500, 900), rng.uniform(1800, 3200)) * decay(0.03, rng.uniform(0.003, 0.007), 0.001)
        for _ in range(6)
    ]
    onsets = rng.uniform(0, duration_s, int(duration_s * rng.uniform(35, 110)))
    events = [(float(onset_s), np.float32(rng.uniform(0.3, 1)) * claps[int(rng.integers(6))]) for onset_s in onsets]
    return place(events, duration_s) * swell(duration_s, 0.3, 0.5)


def engine(rng: np.random.Generator) -> Signal:
    """A rough low hum that speeds up and slows down."""
    duration_s = rng.uniform(2.2, 3.6)
    pitch = wander(rng, duration_s, 1.2, 45, 110)
    hum = overtones(pitch, duration_s, rng.uniform(0.3, 1.0, 14) / np.arange(1, 15) ** 0.5)
    hiss = noise(rng, duration_s, 100, 1500, 1.0)
    return (hum / 4 + rng.uniform(0.2, 0.6) * hiss) * swell(duration_s, 0.2, 0.3)


def helicopter(rng: np.random.Generator) -> Signal:
    """Thuds of rotor blades, about a dozen a second."""
    duration_s, blade_hz = rng.uniform(2.2, 3.6), rng.uniform(9, 17)
    chop = np.exp(-np.mod(seconds(duration_s) * blade_hz, 1) * rng.uniform(4, 7)).astype(np.float32)
    body = noise(rng, duration_s, 50, rng.uniform(500, 1400), 0.8) + 0.3 * tone(blade_hz * 6, duration_s)
    return body * (chop + 0.1) * swell(duration_s, 0.4, 0.4)


def clock_tick(rng: np.random.Generator) -> Signal:
    """Dry clicks, evenly apart, tick and tock in turn."""
    period_s, ring_hz = rng.uniform(0.25, 0.55), rng.uniform(1800, 3400)
    clicks = [
        (tone(ring_hz * ratio, 0.04) + 0.7 * noise(rng, 0.04, 2000, 7000))
        * decay(0.04, rng.uniform(0.004, 0.008), 0.0005)
        for ratio in (1.0, 0.8)
    ]
    return place([(number * period_s, clicks[number % 2]) for number in range(int(3.3 / period_s))], 3.4)


def keyboard_typing(rng: np.random.Generator) -> Signal:
    """Uneven quick key strokes, each a click down and a softer one up."""
    events, onset_s, low = [], 0.0, rng.uniform(900, 2000)
    while onset_s < 2.6:
        key = noise(rng, 0.05, low * rng.uniform(0.8, 1.3), 6500) * decay(0.05, rng.uniform(0.005, 0.01), 0.001)
        thump = tone(rng.uniform(150, 260), 0.05) * decay(0.05, 0.01)
        events += [(onset_s, key + 0.4 * thump), (onset_s + rng.uniform(0.05, 0.08), np.float32(0.35) * key)]
        onset_s += rng.uniform(0.07, 0.2) if rng.random() < 0.85 else rng.uniform(0.3, 0.5)
    return place(events, onset_s)


def footsteps(rng: np.random.Generator) -> Signal:
    """Steps in a walking rhythm: heel, then sole."""
    events, period_s, onset_s = [], rng.uniform(0.38, 0.65), 0.0
    floor_hz, crunch = rng.uniform(60, 130), rng.uniform(0.15, 0.9)
    while onset_s < 2.9:
        heel = tone(floor_hz * rng.uniform(0.9, 1.1), 0.12) * decay(0.12, 0.025) + crunch * noise(
            rng, 0.12, 300, 3000, 0.8
        ) * decay(0.12, 0.02)
        sole = noise(rng, 0.1, 200, 2200, 0.8) * decay(0.1, 0.025, 0.01)
        events += [(onset_s, heel), (onset_s + rng.uniform(0.06, 0.11), np.float32(0.4 * crunch) * sole)]
        onset_s += period_s * rng.uniform(0.93, 1.07)
    return place(events, onset_s)


def heartbeat(rng: np.random.Generator) -> Signal:
    """Two deep thumps, lub and dub, again and again."""
    period_s, pitch = rng.uniform(0.6, 1.1), rng.uniform(45, 75)
    lub, dub = (tone(pitch * ratio, 0.16) * decay(0.16, rng.uniform(0.02, 0.04), 0.01) for ratio in (1.0, 1.3))
    gap_s = period_s * rng.uniform(0.26, 0.34)
    beats = range(int(3.4 / period_s))
    return place(
        [(n * period_s, lub) for n in beats] + [(n * period_s + gap_s, np.float32(0.7) * dub) for n in beats], 3.5
    )


def drum(rng: np.random.Generator) -> Signal:
    """Strokes on a skin: a pitch that drops and a burst of noise."""
    events, onset_s, beat_s, pitch = [], 0.0, rng.uniform(0.14, 0.4), rng.uniform(90, 200)
    snare = rng.uniform(0.1, 0.8)
    for _ in range(int(rng.integers(4, 10))):
        drop = pitch * (1 + 0.8 * np.exp(-seconds(0.3) * 40))
        stroke = overtones(drop.astype(np.float32), 0.3, [1, 0.4, 0.2]) * decay(0.3, 0.06) + snare * noise(
            rng, 0.3, 800, 6000
        ) * decay(0.3, 0.03)
        events.append((onset_s, np.float32(rng.uniform(0.6, 1)) * stroke))
        onset_s += beat_s * float(rng.choice([1, 1, 1, 2]))
    return place(events, min(3.5, onset_s + 0.3))

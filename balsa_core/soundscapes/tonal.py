"""Made sounds that have a pitch: alarms, calls, instruments."""

import numpy as np

from balsa_core.soundscapes.signals import Signal, decay, glide, noise, overtones, place, seconds, swell, tone, wander


def siren(rng: np.random.Generator) -> Signal:
    """A pitch that sweeps up and down, smoothly or between two steps."""
    duration_s, low = rng.uniform(2.0, 3.5), rng.uniform(450, 750)
    cycle = np.sin(2 * np.pi * rng.uniform(0.3, 1.6) * seconds(duration_s) + rng.uniform(0, 6.28))
    cycle = np.tanh(rng.choice([0.7, 1.2, 8.0]) * cycle)
    pitch = low * rng.uniform(1.5, 2.2) ** (0.5 + 0.5 * cycle)
    return overtones(pitch.astype(np.float32), duration_s, [1, *rng.uniform(0.1, 0.5, 4)]) * swell(duration_s, 0.1, 0.2)


def beep(rng: np.random.Generator) -> Signal:
    """Short tones of one steady pitch, with even pauses."""
    length_s, pause_s, pitch = rng.uniform(0.08, 0.25), rng.uniform(0.1, 0.5), rng.uniform(900, 2200)
    one = overtones(pitch, length_s, [1, rng.uniform(0, 0.3), rng.uniform(0, 0.2)]) * swell(length_s, 0.005, 0.01)
    return _repeated(one, length_s + pause_s, int(rng.integers(3, 9)))


def buzzer(rng: np.random.Generator) -> Signal:
    """A low, harsh tone with many harmonics, held."""
    duration_s, pitch = rng.uniform(0.6, 1.8), rng.uniform(90, 220)
    levels = rng.uniform(0.5, 1.0, 24) / np.arange(1, 25) ** rng.uniform(0.2, 0.6)
    levels[1::2] *= rng.uniform(0.1, 1.0)
    return overtones(pitch, duration_s, levels) * swell(duration_s, 0.01, 0.02)


def phone_ring(rng: np.random.Generator) -> Signal:
    """Two close tones that alternate about twenty times a second, in bursts."""
    burst_s, low = rng.uniform(0.5, 1.0), rng.uniform(700, 1300)
    warble = np.sign(np.sin(2 * np.pi * rng.uniform(14, 26) * seconds(burst_s)))
    pitch = low * (1 + rng.uniform(0.08, 0.14) * (1 + warble))
    burst = overtones(pitch.astype(np.float32), burst_s, [1, *rng.uniform(0.1, 0.5, 3)]) * swell(burst_s, 0.01, 0.03)
    return _repeated(burst, burst_s + rng.uniform(0.25, 0.6), int(rng.integers(2, 4)))


def doorbell(rng: np.random.Generator) -> Signal:
    """Two struck notes, the second lower: ding, dong."""
    pitch, gap_s = rng.uniform(550, 900), rng.uniform(0.35, 0.7)
    notes = [
        (number * gap_s, _struck(rng, hz, 1.6, (1.0, 2.0, 3.01), 0.3))
        for number, hz in enumerate((pitch, pitch * rng.uniform(0.75, 0.84)))
    ]
    return place(notes, gap_s + 1.6)


def bell(rng: np.random.Generator) -> Signal:
    """A strike with the uneven partials of a church bell, ringing long."""
    pitch, gap_s = rng.uniform(180, 420), rng.uniform(0.9, 1.6)
    partials = (0.5, 1.0, 1.19, 1.5, 2.0, 2.51, 3.0, 4.1)
    return place(
        [(number * gap_s, _struck(rng, pitch, 2.4, partials, 0.6)) for number in range(int(rng.integers(1, 3)))], 3.0
    )


def sonar_ping(rng: np.random.Generator) -> Signal:
    """One pure tone with a long tail and its echo."""
    pitch, gap_s = rng.uniform(700, 1400), rng.uniform(0.35, 0.8)
    ping = tone(pitch, 1.6) * decay(1.6, rng.uniform(0.12, 0.25), 0.02)
    return place([(0.0, ping), (gap_s, 0.35 * ping), (2 * gap_s, 0.12 * ping)], 2.4)


def train_horn(rng: np.random.Generator) -> Signal:
    """A loud chord of three or four low reeds."""
    duration_s, root = rng.uniform(1.0, 2.6), rng.uniform(220, 330)
    levels = 1 / np.arange(1, 13) ** rng.uniform(0.7, 1.1)
    chord = sum(
        (overtones(root * ratio, duration_s, levels) for ratio in (1.0, 1.19, 1.41, 1.68)[: int(rng.integers(3, 5))]),
        start=np.float32(0),
    )
    return np.asarray(chord) * swell(duration_s, rng.uniform(0.05, 0.15), 0.2)


def whistle(rng: np.random.Generator) -> Signal:
    """A breathy, nearly pure tone that bends."""
    duration_s = rng.uniform(0.7, 1.8)
    pitch = wander(rng, duration_s, 3, 1300, 2300) * (1 + 0.01 * tone(rng.uniform(4, 7), duration_s))
    breath = noise(rng, duration_s, 1200, 3000) * rng.uniform(0.03, 0.12)
    return (overtones(pitch, duration_s, [1, 0.06]) + breath) * swell(duration_s, 0.06, 0.1)


def flute(rng: np.random.Generator) -> Signal:
    """A little melody of soft notes with vibrato and breath."""
    scale = rng.uniform(430, 640) * 2 ** (np.array([0, 2, 4, 7, 9, 12]) / 12)
    length_s = rng.uniform(0.3, 0.6)
    notes = []
    for number in range(int(rng.integers(4, 7))):
        vibrato = 1 + 0.008 * tone(rng.uniform(4.5, 6), length_s)
        note = overtones((rng.choice(scale) * vibrato).astype(np.float32), length_s, [1, 0.45, 0.2, 0.08, 0.03])
        notes.append((number * length_s, (note + 0.05 * noise(rng, length_s, 800, 5000)) * swell(length_s, 0.06, 0.08)))
    return place(notes, len(notes) * length_s)


def guitar_pluck(rng: np.random.Generator) -> Signal:
    """Plucked strings: bright at the start, the higher the overtone the sooner it is gone."""
    notes, gap_s = [], rng.uniform(0.25, 0.6)
    for number in range(int(rng.integers(2, 6))):
        pitch, spot = rng.uniform(110, 330), rng.uniform(0.12, 0.3)
        note = np.zeros(int(1.2 * 16_000), dtype=np.float32)
        for order in range(1, 11):
            level = abs(np.sin(np.pi * order * spot)) / order
            note += np.float32(level) * tone(pitch * order, 1.2) * decay(1.2, 0.45 / order**0.8, 0.002)
        notes.append((number * gap_s, note))
    return place(notes, len(notes) * gap_s + 1.0)


def laser(rng: np.random.Generator) -> Signal:
    """Shots: a pitch that falls very fast."""
    length_s, top = rng.uniform(0.15, 0.35), rng.uniform(2500, 5000)
    levels = [1, rng.uniform(0.2, 0.5), rng.uniform(0.1, 0.3)]
    shot = overtones(glide(length_s, top, top / rng.uniform(8, 20)), length_s, levels) * decay(length_s, length_s / 2)
    return _repeated(shot, length_s + rng.uniform(0.08, 0.4), int(rng.integers(2, 6)))


def bird_chirp(rng: np.random.Generator) -> Signal:
    """Quick high syllables, each with its own bend, in phrases."""
    events, onset_s = [], 0.0
    low = rng.uniform(2200, 3600)
    for _ in range(int(rng.integers(5, 14))):
        length_s = rng.uniform(0.05, 0.14)
        start, end = low * rng.uniform(1, 1.5), low * rng.uniform(1, 1.6)
        events.append(
            (onset_s, overtones(glide(length_s, start, end), length_s, [1, 0.15]) * swell(length_s, 0.015, 0.03))
        )
        onset_s += length_s + (rng.uniform(0.02, 0.08) if rng.random() < 0.75 else rng.uniform(0.2, 0.45))
    return place(events, onset_s + 0.1)


def dog_bark(rng: np.random.Generator) -> Signal:
    """Short rough barks: a low voice that rises and falls, with noise."""
    events, onset_s, pitch = [], 0.0, rng.uniform(250, 520)
    for _ in range(int(rng.integers(2, 6))):
        length_s = rng.uniform(0.13, 0.25)
        bend = pitch * (0.75 + 0.5 * np.sin(np.pi * np.linspace(0, 1, int(length_s * 16_000)) ** 0.7))
        voice = overtones(bend.astype(np.float32), length_s, [0.6, 1, 0.9, 0.7, 0.4, 0.3, 0.2]) + 0.8 * noise(
            rng, length_s, 400, 2500
        )
        events.append((onset_s, voice * swell(length_s, 0.02, 0.09)))
        onset_s += length_s + (rng.uniform(0.1, 0.25) if rng.random() < 0.6 else rng.uniform(0.4, 0.7))
    return place(events, onset_s)


def owl_hoot(rng: np.random.Generator) -> Signal:
    """Soft low hoots in a rhythm."""
    pitch, rhythm = (
        rng.uniform(290, 430),
        rng.choice(np.array([[0.0, 0.6, 0.85, 1.4], [0.0, 0.9, 1.2, 1.9], [0.0, 0.4, 1.1, 1.5]])),
    )
    events = []
    for onset_s in rhythm[: int(rng.integers(2, 5))]:
        length_s = rng.uniform(0.18, 0.4)
        bend = pitch * (1 + 0.06 * np.sin(np.pi * np.linspace(0, 1, int(length_s * 16_000))))
        events.append(
            (
                float(onset_s),
                overtones(bend.astype(np.float32), length_s, [1, 0.12, 0.04]) * swell(length_s, 0.06, 0.12),
            )
        )
    return place(events, 2.4)


def frog_croak(rng: np.random.Generator) -> Signal:
    """Croaks: a train of pulses ringing in a throat."""
    events, onset_s, ring_hz, pulse_hz = [], 0.0, rng.uniform(500, 1100), rng.uniform(35, 70)
    for _ in range(int(rng.integers(2, 6))):
        length_s = rng.uniform(0.2, 0.4)
        pulses = np.exp(-np.mod(seconds(length_s) * pulse_hz, 1) * rng.uniform(3, 6)).astype(np.float32)
        events.append((onset_s, overtones(ring_hz, length_s, [1, 0.6, 0.25]) * pulses * swell(length_s, 0.03, 0.06)))
        onset_s += length_s + rng.uniform(0.1, 0.5)
    return place(events, onset_s)


def cricket(rng: np.random.Generator) -> Signal:
    """Trills of a very high tone, pulsed."""
    duration_s, pitch = rng.uniform(1.8, 3.2), rng.uniform(4000, 5600)
    pulses = np.clip(np.sin(2 * np.pi * rng.uniform(22, 45) * seconds(duration_s)), 0, 1)
    chirps = np.clip(4 * np.sin(2 * np.pi * rng.uniform(1.5, 3.5) * seconds(duration_s)) + rng.uniform(0, 2), 0, 1)
    return tone(pitch, duration_s) * (pulses * chirps).astype(np.float32)


def _struck(
    rng: np.random.Generator, pitch_hz: float, duration_s: float, partials: tuple[float, ...], half_life_s: float
) -> Signal:
    total = np.zeros(int(duration_s * 16_000), dtype=np.float32)
    for order, ratio in enumerate(partials, start=1):
        level = rng.uniform(0.4, 1.0) / order**0.6
        total += (
            np.float32(level)
            * tone(pitch_hz * ratio, duration_s, rng.uniform(0, 6))
            * decay(duration_s, half_life_s * rng.uniform(0.7, 1.2) / ratio**0.7)
        )
    return total


def _repeated(one: Signal, period_s: float, times: int) -> Signal:
    return place([(number * period_s, one) for number in range(times)], min(3.6, times * period_s))

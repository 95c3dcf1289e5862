"""One to three made sounds in four seconds, and what is in them; the same seed gives the same samples."""

import zlib
from typing import NamedTuple

import numpy as np

from balsa_core.soundscapes.ontology import SOUNDS
from balsa_core.soundscapes.signals import RATE_HZ, Signal, noise, peak_at_one, place
from balsa_core.soundscapes.voices import voice_of

SCENE_S = 4.0
NUM_SOUNDS = (1, 3)
SOUND_RMS = 0.1  # of the loudest second-long stretch, before the level
LEVELS_DB = (-12.0, 0.0)
BACKGROUND_DB = (-46.0, -32.0)
HEADROOM = 0.95
FADE_SAMPLES = RATE_HZ // 100  # 10 ms, so that a cut sound does not click


class Scene(NamedTuple):
    """A made recording: sounds in order of onset, with their onsets and lengths in seconds and levels in dB."""

    tags: tuple[str, ...]
    onsets_s: tuple[float, ...]
    lengths_s: tuple[float, ...]
    levels_db: tuple[float, ...]
    waveform: Signal  # mono float32 in [-1, 1], shape (64_000,)


def make_sound(name: str, seed: int) -> Signal:
    """One sound alone, peak at one, at most four seconds; another seed gives another variant."""
    rng = _generator("sound", name, seed)
    sound = voice_of(name)(rng)[: int(SCENE_S * RATE_HZ)].astype(np.float32)
    sound[-FADE_SAMPLES:] *= np.linspace(1, 0, FADE_SAMPLES, dtype=np.float32)[-len(sound) :]
    return peak_at_one(sound)


def make_scene(seed: int, names: tuple[str, ...] = SOUNDS, num_sounds: int | None = None) -> Scene:
    """A scene of different sounds out of `names`; how many is drawn when it is not given."""
    return mix_scene(plan_scene(seed, names, num_sounds), seed)


def plan_scene(seed: int, names: tuple[str, ...] = SOUNDS, num_sounds: int | None = None) -> tuple[str, ...]:
    """The sounds of the scene of a seed, as drawn (not by onset); no sound is made."""
    rng = _generator("scene", "", seed)
    count = int(rng.integers(*NUM_SOUNDS, endpoint=True)) if num_sounds is None else num_sounds
    return tuple(names[int(index)] for index in rng.choice(len(names), count, replace=False))


def mix_scene(names: tuple[str, ...], seed: int) -> Scene:
    """A scene of exactly these sounds."""
    rng = _generator("mix", ",".join(names), seed)
    parts = []
    for name in names:
        sound = make_sound(name, int(rng.integers(2**31)))
        latest_s = max(SCENE_S - max(len(sound) / RATE_HZ, 1.0), 0.0)
        parts.append((float(rng.uniform(0, latest_s)), float(rng.uniform(*LEVELS_DB)), name, sound))
    parts.sort(key=lambda part: part[0])
    waveform = place([(onset_s, _at_level(sound, level_db)) for onset_s, level_db, _, sound in parts], SCENE_S)
    background = noise(rng, SCENE_S, 30, 7500, rng.uniform(0, 1.5))
    waveform += background * np.float32(10 ** (rng.uniform(*BACKGROUND_DB) / 20))
    waveform *= np.float32(min(1.0, HEADROOM / max(float(np.abs(waveform).max()), 1e-9)))
    return Scene(
        tags=tuple(name for _, _, name, _ in parts),
        onsets_s=tuple(onset_s for onset_s, _, _, _ in parts),
        lengths_s=tuple(min(len(sound) / RATE_HZ, SCENE_S - onset_s) for onset_s, _, _, sound in parts),
        levels_db=tuple(level_db for _, level_db, _, _ in parts),
        waveform=waveform,
    )


def _at_level(sound: Signal, level_db: float) -> Signal:
    """The sound at an even loudness: what counts is its loudest second, so that a click and a hum are both heard."""
    energy = np.add.accumulate(sound.astype(np.float64) ** 2)
    window = min(len(energy) - 1, RATE_HZ)
    loudest = float((energy[window:] - energy[:-window]).max()) / RATE_HZ
    return sound * np.float32(SOUND_RMS / max(np.sqrt(loudest), 1e-4) * 10 ** (level_db / 20))


def _generator(purpose: str, name: str, seed: int) -> np.random.Generator:
    # crc32 and not hash(): the same on every machine and in every process.
    return np.random.Generator(np.random.PCG64([zlib.crc32(f"{purpose}/{name}".encode()), seed]))

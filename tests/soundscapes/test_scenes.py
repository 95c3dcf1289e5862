"""Made sounds vary, scenes repeat."""

import subprocess
import sys

import numpy as np
import pytest

from balsa_core.soundscapes.ontology import LOOK_ALIKES, SOUNDS, ancestors, look_alikes
from balsa_core.soundscapes.scenes import SCENE_S, make_scene, make_sound, mix_scene
from balsa_core.soundscapes.signals import RATE_HZ, Signal


def spectrum(sound: Signal) -> Signal:
    """Loudness of 64 bands, of length one."""
    power = np.abs(np.fft.rfft(sound, 1 << 16)[:-1]) ** 2
    bands = np.log10(power.reshape(64, -1).sum(1) + 1e-6)
    centred = bands - bands.mean()
    return centred / np.linalg.norm(centred)


@pytest.mark.parametrize("name", SOUNDS)
def test_a_made_sound_is_mono_finite_and_audible(name: str) -> None:
    sound = make_sound(name, 0)
    assert sound.dtype == np.float32
    assert sound.ndim == 1
    assert 0.3 * RATE_HZ < len(sound) <= SCENE_S * RATE_HZ
    assert np.isfinite(sound).all()
    assert np.abs(sound).max() == pytest.approx(1.0)


@pytest.mark.parametrize("name", SOUNDS)
def test_no_two_sounds_of_a_class_are_alike(name: str) -> None:
    sounds = [make_sound(name, seed) for seed in range(4)]
    for index, one in enumerate(sounds):
        for other in sounds[:index]:
            shared = min(len(one), len(other))
            likeness = abs(float(np.corrcoef(one[:shared], other[:shared])[0, 1]))
            assert likeness < 0.9


def test_the_spectra_of_a_class_resemble_each_other_more_than_those_of_other_classes() -> None:
    spectra = np.stack([[spectrum(make_sound(name, seed)) for seed in range(4)] for name in SOUNDS])
    within = np.mean([spectra[c] @ spectra[c].T for c in range(len(SOUNDS))])
    across = np.mean(spectra[:, 0] @ spectra[:, 1].T)
    assert within > across + 0.1


def test_the_same_seed_gives_the_same_scene() -> None:
    once, again = make_scene(7), make_scene(7)
    assert once[:3] == again[:3]
    assert np.array_equal(once.waveform, again.waveform)


def test_another_seed_gives_another_scene() -> None:
    assert not np.array_equal(make_scene(7).waveform, make_scene(8).waveform)


def test_a_scene_does_not_depend_on_the_process() -> None:
    code = "from balsa_core.soundscapes.scenes import make_scene as m; s = m(7); print(s.tags, float(s.waveform.sum()))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    scene = make_scene(7)
    assert told == f"{scene.tags} {float(scene.waveform.sum())}\n"


def test_made_sounds_load_without_torch() -> None:
    code = "import sys, balsa_core.soundscapes.scenes; assert not {'torch', 'scipy'} & set(sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("seed", range(20))
def test_a_scene_holds_one_to_three_different_sounds_in_four_seconds(seed: int) -> None:
    scene = make_scene(seed)
    assert 1 <= len(scene.tags) == len(set(scene.tags)) == len(scene.onsets_s) == len(scene.levels_db) <= 3
    assert scene.waveform.shape == (int(SCENE_S * RATE_HZ),)
    assert scene.waveform.dtype == np.float32
    assert np.abs(scene.waveform).max() <= 1.0
    assert list(scene.onsets_s) == sorted(scene.onsets_s)


def test_a_scene_can_be_mixed_from_chosen_sounds() -> None:
    assert sorted(mix_scene(("rain", "bell"), 3).tags) == ["bell", "rain"]
    assert make_scene(3, names=("rain", "bell", "drum"), num_sounds=2).tags != ()


def test_an_unknown_sound_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match="no made sound 'unicorn': choose one of siren"):
        make_sound("unicorn", 0)


@pytest.mark.parametrize("name", SOUNDS)
def test_every_made_sound_is_a_kind_of_something_and_has_look_alikes(name: str) -> None:
    assert ancestors(name)
    assert look_alikes(name)
    assert name not in look_alikes(name)


def test_look_alikes_are_made_sounds() -> None:
    assert frozenset().union(*LOOK_ALIKES) == frozenset(SOUNDS)

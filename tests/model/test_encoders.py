import csv
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import WhisperFeatureExtractor, WhisperModel

from balsa_core.audio import Waveform, decode
from balsa_core.model.encoder import (
    ENCODERS,
    Encoder,
    checked_taps,
    even_taps,
    load_encoder,
    pad_frames,
    split_clips,
)
from balsa_core.records import RATE_HZ
from balsa_core.registry import load_plugin, plugin_names
from tests.tiny_models import build_tiny_backbone, build_tiny_whisper

CPU = torch.device("cpu")
PATCH = 400 + 95 * 160  # samples of the 96 frames that YAMNet was trained on


def noise(duration_s: float, seed: int = 0) -> Waveform:
    return (0.1 * np.random.default_rng(seed).standard_normal(round(duration_s * RATE_HZ))).astype(np.float32)


@pytest.fixture(scope="module")
def whisper_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Four layers and a window of 4 s, as the pocket encoder has."""
    folder = build_tiny_whisper(tmp_path_factory.mktemp("whisper"))
    model = WhisperModel.from_pretrained(folder)
    model.config.max_source_positions = 200
    torch.manual_seed(1)
    WhisperModel(model.config).save_pretrained(folder)
    WhisperFeatureExtractor(feature_size=80, chunk_length=4).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def whisper(whisper_folder: Path) -> Encoder:
    return load_encoder(str(whisper_folder), device=CPU, dtype=torch.float32)


@pytest.fixture(scope="module", params=plugin_names(ENCODERS))
def encoder(request: pytest.FixtureRequest, whisper: Encoder) -> Encoder:
    """Every encoder family there is."""
    if request.param == "whisper":
        return whisper
    shared = request.getfixturevalue("shared")
    known = {"mobilenet_v1": shared / "models" / "yamnet"}
    if request.param not in known:
        pytest.skip(f"no {request.param} model at hand")
    return load_encoder(str(known[request.param]), device=CPU, dtype=torch.float32)


def test_features_have_the_shape_the_encoder_announces(encoder: Encoder) -> None:
    clips = [noise(0.3), noise(2.0), noise(6.5)]
    layers_LBTD, mask_BT = encoder.features(clips, encoder.taps)
    lengths = [encoder.num_frames(clip.shape[0]) for clip in clips]
    assert layers_LBTD.shape == (len(encoder.taps), 3, max(lengths), encoder.width)
    assert mask_BT.sum(1).tolist() == lengths
    assert lengths[2] == pytest.approx(6.5 * encoder.frame_rate_hz, abs=2)
    assert torch.isfinite(layers_LBTD).all()


def test_a_clip_sounds_the_same_in_any_company(encoder: Encoder) -> None:
    clips = [noise(1.0, 1), noise(3.1, 2), noise(1.0, 3)]
    together = split_clips(encoder.features(clips, encoder.taps))
    for clip, found in zip(clips, together, strict=True):
        (alone,) = split_clips(encoder.features([clip], encoder.taps))
        torch.testing.assert_close(found, alone, rtol=1e-3, atol=1e-4)


def test_padded_frames_are_zero(encoder: Encoder) -> None:
    layers_LBTD, mask_BT = encoder.features([noise(1.0), noise(3.0)], encoder.taps)
    assert not layers_LBTD[:, ~mask_BT].any()


def test_different_sounds_give_different_features(encoder: Encoder) -> None:
    layers_LBTD, _ = encoder.features([noise(2.0, 1), 4 * noise(2.0, 2)], encoder.taps)
    assert (layers_LBTD[:, 0] - layers_LBTD[:, 1]).abs().max() > 1e-3


def test_an_encoder_knows_who_it_is(encoder: Encoder) -> None:
    assert "@" in encoder.identity
    assert encoder.width % encoder.num_heads == 0
    assert max(encoder.taps) < encoder.num_layers


@pytest.mark.parametrize("name", plugin_names(ENCODERS))
def test_a_plugin_is_named_after_its_file(name: str) -> None:
    assert load_plugin(ENCODERS, name).name == name


@pytest.mark.parametrize(
    ("num_layers", "taps"),
    [
        (4, (0, 1, 2, 3)),
        (6, (0, 2, 3, 5)),
        (12, (2, 5, 8, 11)),
        (24, (5, 11, 17, 23)),
        (32, (7, 15, 23, 31)),
        (2, (0, 1)),
    ],
)
def test_the_papers_layers_are_read(num_layers: int, taps: tuple[int, ...]) -> None:
    assert even_taps(num_layers) == taps


def test_whisper_layers_are_raw_and_not_off_by_one(whisper: Encoder, whisper_folder: Path) -> None:
    model = WhisperModel.from_pretrained(whisper_folder).eval().get_encoder()
    extractor = WhisperFeatureExtractor.from_pretrained(whisper_folder)
    clip = noise(4.0)
    spectrogram = extractor([clip], sampling_rate=RATE_HZ, return_tensors="pt").input_features
    with torch.no_grad():
        told = model(spectrogram, output_hidden_states=True)
        raw = told.hidden_states[0]
        for layer in model.layers:
            raw = layer(raw, None)
    layers_LBTD, _ = whisper.features([clip], (0, 1, 2, 3))
    for index in range(3):
        torch.testing.assert_close(layers_LBTD[index], told.hidden_states[index + 1])
    torch.testing.assert_close(layers_LBTD[3], raw)
    torch.testing.assert_close(model.layer_norm(layers_LBTD[3]), told.last_hidden_state)
    assert (layers_LBTD[3] - told.last_hidden_state).abs().max() > 0.1, "the final norm is not applied"


def test_taps_come_in_the_order_asked_for(whisper: Encoder) -> None:
    all_LBTD, _ = whisper.features([noise(1.0)], (0, 1, 2, 3))
    some_LBTD, _ = whisper.features([noise(1.0)], (3, 1))
    assert torch.equal(some_LBTD, all_LBTD[[3, 1]])


def test_hooks_are_gone_afterwards(whisper: Encoder) -> None:
    whisper.features([noise(1.0)], whisper.taps)
    assert not any(layer._forward_hooks for layer in whisper.model.layers)


def test_a_long_clip_is_read_window_by_window(whisper: Encoder) -> None:
    clip = noise(9.0)
    layers_LBTD, mask_BT = whisper.features([clip], whisper.taps)
    assert mask_BT.shape == (1, 450)
    windows = [clip[:64000], clip[64000:128000], clip[128000:]]
    parts = split_clips(whisper.features(windows, whisper.taps))
    assert [part.shape[1] for part in parts] == [200, 200, 50]
    torch.testing.assert_close(layers_LBTD[:, 0], torch.cat(parts, dim=1), rtol=1e-4, atol=1e-5)


def test_the_window_is_that_of_the_feature_extractor(whisper: Encoder, tmp_path: Path) -> None:
    assert whisper.window_s == 4.0
    full = load_encoder(str(build_tiny_whisper(tmp_path)), device=CPU, dtype=torch.float32)
    assert (full.window_s, full.frame_rate_hz) == (30.0, 50.0)
    assert full.features([noise(1.0)], (3,)).layers_LBTD.shape == (1, 1, 50, 16)


def test_an_encoder_is_frozen(whisper: Encoder) -> None:
    assert not whisper.model.training
    assert not any(parameter.requires_grad for parameter in whisper.model.parameters())
    assert not whisper.features([noise(1.0)], whisper.taps).layers_LBTD.requires_grad


@pytest.mark.parametrize("taps", [(4,), (-1,), ()])
def test_a_layer_that_is_not_there_is_refused(whisper: Encoder, taps: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="layers 0 to 3"):
        checked_taps(taps, whisper)


def test_a_model_that_is_no_encoder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"'llama' model: encoders are mobilenet_v1, whisper"):
        load_encoder(str(build_tiny_backbone(tmp_path)), device=CPU, dtype=torch.float32)


def test_clips_are_padded_and_split_again() -> None:
    clips = [torch.randn(2, length, 3) for length in (4, 1, 6)]
    for clip, found in zip(clips, split_clips(pad_frames(clips)), strict=True):
        assert torch.equal(clip, found)


def test_yamnet_names_what_it_hears(shared: Path) -> None:
    """The classifier beside the weights, on patches of real recordings: the front end is the one of its training."""
    folder = shared / "models" / "yamnet"
    encoder = load_encoder(str(folder), device=CPU, dtype=torch.float32)
    tensors = load_file(folder / "frontend_and_classifier.safetensors")
    labels = (folder / "labels.txt").read_text().splitlines()
    with (shared / "data" / "esc10" / "esc10.csv").open() as file:
        files = {row["category"]: row["filename"] for row in csv.DictReader(file)}
    for category, label in (("rain", "Rain"), ("dog", "Dog"), ("rooster", "Chicken, rooster"), ("clock_tick", "Clock")):
        (path,) = (shared / "data" / "esc10" / "audio").rglob(files[category])
        clip = decode(path.read_bytes())
        patches = [clip[start : start + PATCH] for start in range(0, clip.shape[0] - PATCH + 1, PATCH)]
        layers_LBTD, _ = encoder.features(patches, (0,))
        logits = layers_LBTD[0].mean(1) @ tensors["classifier.weight"].T + tensors["classifier.bias"]
        heard = [labels[int(index)] for index in logits.sigmoid().mean(0).topk(8).indices]
        assert label in heard, (category, heard)


def test_yamnet_reads_low_and_high_band_side_by_side(shared: Path) -> None:
    encoder = load_encoder(str(shared / "models" / "yamnet"), device=CPU, dtype=torch.float32)
    assert (encoder.width, encoder.frame_rate_hz) == (1024, 6.25)
    assert encoder.num_frames(5 * RATE_HZ) == 32


def test_yamnet_without_its_front_end_is_refused(shared: Path, tmp_path: Path) -> None:
    shutil.copy(shared / "models" / "yamnet" / "config.json", tmp_path)
    with pytest.raises(ValueError, match=r"no frontend_and_classifier\.safetensors"):
        load_encoder(str(tmp_path), device=CPU, dtype=torch.float32)

"""How the pocket encoder is built and trained: a small Whisper encoder that learned to tag made scenes.

Legend: B clips, M mel bins, F mel frames, P positions after the strided convolution, D width, C made sounds.
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits
from transformers import WhisperConfig, WhisperFeatureExtractor, WhisperModel

from balsa_core.pocket.tagging import tag_scores
from balsa_core.soundscapes.ontology import SOUNDS
from balsa_core.soundscapes.scenes import SCENE_S, make_scene
from balsa_core.soundscapes.signals import RATE_HZ

WIDTH, NUM_LAYERS, NUM_HEADS, FEED_FORWARD = 128, 4, 4, 384
MEL_BINS, HOP_SAMPLES, WINDOW_SAMPLES = 64, 160, 400
WINDOW_S = int(SCENE_S)
NUM_FRAMES = WINDOW_S * RATE_HZ // HOP_SAMPLES  # 400
NUM_POSITIONS = NUM_FRAMES // 2  # 200: the second convolution has stride 2
SHORTEST_S = 0.4  # less of a sound than this before the end of a clip is not counted as heard
HELD_OUT_SEED = 1_000_000_000  # training scenes stay below it


class Schedule(NamedTuple):
    """How many scenes the encoder hears, how often, and how fast it learns."""

    num_scenes: int = 8000
    num_steps: int = 1500
    num_clips: int = 32
    peak_rate: float = 1e-3
    warm_up_steps: int = 100
    log_every: int = 100


class Tagger(torch.nn.Module):
    """The encoder with a head that is thrown away: a logit for each made sound, the soft maximum over time."""

    def __init__(self, encoder: torch.nn.Module) -> None:
        super().__init__()
        self.encoder = encoder
        self.head = torch.nn.Linear(WIDTH, len(SOUNDS))

    def forward(self, mel_BMF: torch.Tensor) -> torch.Tensor:
        logits_BPC = self.head(self.encoder(mel_BMF).last_hidden_state)
        return torch.logsumexp(logits_BPC.float(), dim=1) - math.log(NUM_POSITIONS)


def build_extractor() -> WhisperFeatureExtractor:
    """Log-mel features of a four-second window."""
    return WhisperFeatureExtractor(
        feature_size=MEL_BINS,
        sampling_rate=RATE_HZ,
        hop_length=HOP_SAMPLES,
        chunk_length=WINDOW_S,
        n_fft=WINDOW_SAMPLES,
        return_attention_mask=False,
    )


def build_model() -> WhisperModel:
    """A fresh Whisper of the pocket size; its decoder has no layer, only the encoder is used."""
    config = WhisperConfig(
        d_model=WIDTH,
        encoder_layers=NUM_LAYERS,
        encoder_attention_heads=NUM_HEADS,
        encoder_ffn_dim=FEED_FORWARD,
        num_mel_bins=MEL_BINS,
        max_source_positions=NUM_POSITIONS,
        decoder_layers=0,
        decoder_attention_heads=NUM_HEADS,
        decoder_ffn_dim=FEED_FORWARD,
        vocab_size=4,
        max_target_positions=4,
        pad_token_id=0,
        bos_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=3,
        suppress_tokens=None,
        begin_suppress_tokens=None,
    )
    return WhisperModel(config)


def scene_features(seeds: range, augment: bool) -> tuple[torch.Tensor, torch.Tensor]:
    """Log-mel features (B, M, F) as float16 and labels (B, C) of the scenes with these seeds."""
    extractor = build_extractor()
    mels, labels = [], torch.zeros(len(seeds), len(SOUNDS))
    for row, seed in enumerate(seeds):
        scene = make_scene(seed)
        waveform, heard_s = scene.waveform, SCENE_S
        if augment:
            waveform, heard_s = _augmented(waveform, np.random.default_rng([seed, 1]))
        mels.append(
            torch.from_numpy(extractor(waveform, sampling_rate=RATE_HZ, return_tensors="np").input_features[0]).half()
        )
        labels[
            row,
            [
                SOUNDS.index(tag)
                for tag, onset_s in zip(scene.tags, scene.onsets_s, strict=True)
                if onset_s < heard_s - SHORTEST_S
            ],
        ] = 1.0
    return torch.stack(mels), labels


def train_model(schedule: Schedule, seed: int, report: Callable[[dict], None]) -> tuple[WhisperModel, Tagger]:
    """An encoder that tags made scenes, and the tagger around it for measuring."""
    torch.manual_seed(seed)
    model = build_model()
    tagger = Tagger(model.encoder).train()
    mel_NMF, labels_NC = scene_features(range(seed, seed + schedule.num_scenes), augment=True)
    report({"scenes": schedule.num_scenes})
    trained = [parameter for parameter in tagger.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(trained, lr=schedule.peak_rate, betas=(0.9, 0.98), weight_decay=0.05, fused=True)
    rates = torch.optim.lr_scheduler.OneCycleLR(
        optimizer,
        schedule.peak_rate,
        schedule.num_steps,
        pct_start=min(0.3, schedule.warm_up_steps / schedule.num_steps),
        cycle_momentum=False,
    )
    rng, losses = np.random.default_rng(seed), []
    for step in range(schedule.num_steps):
        mel_BMF, labels_BC = _draw_batch(mel_NMF, labels_NC, schedule.num_clips, rng)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits_BC = tagger(mel_BMF)
        loss = binary_cross_entropy_with_logits(logits_BC, labels_BC)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        optimizer.zero_grad()
        rates.step()
        losses.append(float(loss.detach()))
        if (step + 1) % schedule.log_every == 0 or step + 1 == schedule.num_steps:
            report({"step": step + 1, "loss": round(float(np.mean(losses)), 4)})
            losses.clear()
    return model.eval(), tagger.eval()


def tagging_scores(tagger: Tagger, num_scenes: int) -> dict[str, float]:
    """How well the tagger, head and all, names the sounds of held-out scenes."""
    mel_BMF, labels_BC = scene_features(range(HELD_OUT_SEED, HELD_OUT_SEED + num_scenes), augment=False)
    with torch.inference_mode():
        logits_BC = torch.cat([tagger(chunk.float()) for chunk in mel_BMF.split(50)])
    return tag_scores(logits_BC, labels_BC)


def measure_encoder(folder: Path) -> dict[str, float]:
    """What a linear head reads out of the saved encoder, on held-out scenes."""
    fitted_on = scene_features(range(HELD_OUT_SEED - 1200, HELD_OUT_SEED), augment=False)
    tested_on = scene_features(range(HELD_OUT_SEED, HELD_OUT_SEED + 600), augment=False)
    return probe_scores(folder, fitted_on, tested_on)


def save_encoder(model: WhisperModel, folder: Path) -> None:
    """Write float16 weights and the feature extractor's settings in the layout of openai/whisper-*."""
    folder.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(folder)
    model.float()
    build_extractor().save_pretrained(folder)


def build_encoder(folder: Path, schedule: Schedule, seed: int, report: Callable[[dict], None]) -> dict[str, float]:
    """Encoder and feature extractor, from nothing to a folder that transformers loads; held-out scores come back."""
    model, tagger = train_model(schedule, seed, report)
    save_encoder(model, folder)
    return tagging_scores(tagger, 600)


def _draw_batch(
    mel_NMF: torch.Tensor, labels_NC: torch.Tensor, num_clips: int, rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Random scenes, some of them laid over another, rolled in time, coloured and masked."""
    chosen = torch.from_numpy(rng.integers(len(mel_NMF), size=num_clips))
    mel_BMF, labels_BC = mel_NMF[chosen].float(), labels_NC[chosen]
    for row in np.flatnonzero(rng.random(num_clips) < 0.25):
        other = int(rng.integers(len(mel_NMF)))
        # Log power adds up to about the larger one, so the maximum is what two clips together look like.
        mel_BMF[row] = torch.maximum(mel_BMF[row], mel_NMF[other].float())
        labels_BC[row] = torch.maximum(labels_BC[row], labels_NC[other])
    mel_BMF = mel_BMF.roll(int(rng.integers(NUM_FRAMES)), dims=2)
    colour = torch.from_numpy(rng.uniform(-0.2, 0.2, (num_clips, 3)).astype(np.float32))
    mel_BMF += torch.nn.functional.interpolate(colour[:, None], size=MEL_BINS, mode="linear", align_corners=True)[
        :, 0, :, None
    ]
    low, width = int(rng.integers(MEL_BINS - 8)), int(rng.integers(8))
    mel_BMF[:, low : low + width] = mel_BMF.mean()
    return mel_BMF, labels_BC


def _augmented(waveform: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, float]:
    """Another microphone (gain, noise, a filter that dims or brightens), and now and then a clip that ends early."""
    changed = waveform * np.float32(10 ** (rng.uniform(-18, 6) / 20))
    if rng.random() < 0.5:
        share = np.float32(rng.uniform(-0.6, 0.6))
        changed = changed + share * np.concatenate([[0.0], changed[:-1]]).astype(np.float32)
    loudness = float(np.sqrt(np.mean(changed**2))) + 1e-6
    noise = rng.standard_normal(len(changed), dtype=np.float32)
    changed = np.clip(changed + noise * np.float32(loudness * 10 ** (rng.uniform(-50, -12) / 20)), -1, 1)
    heard_s = float(rng.uniform(1.0, SCENE_S)) if rng.random() < 0.25 else SCENE_S
    changed[int(heard_s * RATE_HZ) :] = 0.0  # a window that a clip does not fill is padded with zeros
    return changed, heard_s

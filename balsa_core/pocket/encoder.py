"""How the pocket encoder is built and trained: a small Whisper encoder that learned to tag made scenes.

Legend: B clips, M mel bins, F mel frames, P positions after the strided convolution, D width, C made sounds.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits
from transformers import WhisperConfig, WhisperFeatureExtractor, WhisperModel

from balsa_core.pocket.rates import rate_share
from balsa_core.pocket.tagging import probe_scores, tag_scores
from balsa_core.soundscapes.ontology import SOUNDS
from balsa_core.soundscapes.scenes import SCENE_S, make_scene
from balsa_core.soundscapes.signals import RATE_HZ

WIDTH, NUM_LAYERS, NUM_HEADS, FEED_FORWARD = 128, 4, 4, 384
MEL_BINS, HOP_SAMPLES, WINDOW_SAMPLES = 64, 160, 400
WINDOW_S = int(SCENE_S)
NUM_FRAMES = WINDOW_S * RATE_HZ // HOP_SAMPLES  # 400
NUM_POSITIONS = NUM_FRAMES // 2  # 200: the second convolution has stride 2
FEWEST_POSITIONS = NUM_POSITIONS // 20  # a sound that is cut off after less than 0.2 s does not count as heard
HELD_OUT_SEED = 1_000_000_000  # training scenes stay below it


class Schedule(NamedTuple):
    """How many scenes the encoder hears, how often, and how fast it learns."""

    num_scenes: int = 8000
    num_steps: int = 1500
    num_clips: int = 32
    peak_rate: float = 3e-3
    warm_up_steps: int = 100
    log_every: int = 100


class Tagger(torch.nn.Module):
    """The encoder with a head that is thrown away: a logit for each made sound at each position."""

    def __init__(self, encoder: Any) -> None:
        super().__init__()
        self.encoder: Any = encoder
        self.head = torch.nn.Linear(WIDTH, len(SOUNDS))
        torch.nn.init.constant_(self.head.bias, -3.0)  # about one sound in twenty is heard at a time

    def forward(self, mel_BMF: torch.Tensor) -> torch.Tensor:
        """Logits of shape (B, P, C)."""
        return self.head(self.encoder(mel_BMF).last_hidden_state).float()


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
    """Log-mel features (B, M, F) as float16 and what is heard when (B, P, C) of the scenes with these seeds."""
    extractor = build_extractor()
    mels, heard_BPC = [], torch.zeros(len(seeds), NUM_POSITIONS, len(SOUNDS), dtype=torch.bool)
    for row, seed in enumerate(seeds):
        scene = make_scene(seed)
        waveform, end_s = scene.waveform, SCENE_S
        if augment:
            waveform, end_s = _augmented(waveform, np.random.default_rng([seed, 1]))
        features = extractor(waveform, sampling_rate=RATE_HZ, return_tensors="np").input_features[0]
        mels.append(torch.from_numpy(features).half())
        for tag, onset_s, length_s in zip(scene.tags, scene.onsets_s, scene.lengths_s, strict=True):
            start, stop = (
                round(time_s / SCENE_S * NUM_POSITIONS) for time_s in (onset_s, min(onset_s + length_s, end_s))
            )
            if stop - start > FEWEST_POSITIONS:
                heard_BPC[row, start:stop, SOUNDS.index(tag)] = True
    return torch.stack(mels), heard_BPC


def clip_logits(logits_BPC: torch.Tensor) -> torch.Tensor:
    """A logit of the whole clip (B, C): the mean of the tenth of positions that speak for it most."""
    return logits_BPC.topk(NUM_POSITIONS // 10, dim=1).values.mean(1)


def train_model(schedule: Schedule, seed: int, report: Callable[[dict], None]) -> tuple[WhisperModel, Tagger]:
    """An encoder that tags made scenes, and the tagger around it for measuring."""
    torch.manual_seed(seed)
    model = build_model()
    tagger = Tagger(model.encoder).train()
    mel_NMF, heard_NPC = scene_features(range(seed, seed + schedule.num_scenes), augment=True)
    report({"scenes": schedule.num_scenes})
    trained = [parameter for parameter in tagger.parameters() if parameter.requires_grad]
    matrices = [parameter for parameter in tagger.encoder.layers.parameters() if parameter.ndim == 2]
    others = [parameter for parameter in trained if all(parameter is not matrix for matrix in matrices)]
    optimizers = (
        torch.optim.Muon(matrices, lr=schedule.peak_rate, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, lr=schedule.peak_rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True),
    )
    rng = np.random.default_rng(seed)
    losses: list[float] = []
    for step in range(schedule.num_steps):
        for group in (group for optimizer in optimizers for group in optimizer.param_groups):
            group["lr"] = schedule.peak_rate * rate_share(step, schedule.num_steps, schedule.warm_up_steps)
        mel_BMF, heard_BPC = _draw_batch(mel_NMF, heard_NPC, schedule.num_clips, rng)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits_BPC = tagger(mel_BMF)
        loss = binary_cross_entropy_with_logits(logits_BPC, heard_BPC)
        loss = loss + binary_cross_entropy_with_logits(clip_logits(logits_BPC), heard_BPC.amax(1))
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        losses.append(float(loss.detach()))
        if (step + 1) % schedule.log_every == 0 or step + 1 == schedule.num_steps:
            report({"step": step + 1, "loss": round(float(np.mean(losses)), 4)})
            losses.clear()
    return model.eval(), tagger.eval()


def tagging_scores(tagger: Tagger, num_scenes: int) -> dict[str, float]:
    """How well the tagger, head and all, names the sounds of held-out scenes."""
    mel_BMF, heard_BPC = scene_features(range(HELD_OUT_SEED, HELD_OUT_SEED + num_scenes), augment=False)
    with torch.inference_mode():
        logits_BC = torch.cat([clip_logits(tagger(chunk.float())) for chunk in mel_BMF.split(50)])
    return tag_scores(logits_BC, heard_BPC.amax(1))


def measure_encoder(folder: Path) -> dict[str, float]:
    """What a linear head reads out of the saved encoder, on held-out scenes."""
    fit_BMF, fit_BPC = scene_features(range(HELD_OUT_SEED - 1200, HELD_OUT_SEED), augment=False)
    test_BMF, test_BPC = scene_features(range(HELD_OUT_SEED, HELD_OUT_SEED + 600), augment=False)
    return probe_scores(folder, (fit_BMF, fit_BPC.amax(1).float()), (test_BMF, test_BPC.amax(1).float()))


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
    mel_NMF: torch.Tensor, heard_NPC: torch.Tensor, num_clips: int, rng: np.random.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Random scenes, some of them laid over another, rolled in time, coloured and masked."""
    chosen = torch.from_numpy(rng.integers(len(mel_NMF), size=num_clips))
    mel_BMF, heard_BPC = mel_NMF[chosen].float(), heard_NPC[chosen].float()
    for row in np.flatnonzero(rng.random(num_clips) < 0.25):
        other = int(rng.integers(len(mel_NMF)))
        # Log power adds up to about the larger one, so the maximum is what two clips together look like.
        mel_BMF[row] = torch.maximum(mel_BMF[row], mel_NMF[other].float())
        heard_BPC[row] = torch.maximum(heard_BPC[row], heard_NPC[other].float())
    shift = int(rng.integers(NUM_POSITIONS))
    mel_BMF, heard_BPC = mel_BMF.roll(2 * shift, dims=2), heard_BPC.roll(shift, dims=1)
    colour = torch.from_numpy(rng.uniform(-0.2, 0.2, (num_clips, 1, 3)).astype(np.float32))
    mel_BMF += torch.nn.functional.interpolate(colour, size=MEL_BINS, mode="linear", align_corners=True)[:, 0, :, None]
    low, width = int(rng.integers(MEL_BINS - 8)), int(rng.integers(8))
    mel_BMF[:, low : low + width] = mel_BMF.mean()
    return mel_BMF, heard_BPC


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

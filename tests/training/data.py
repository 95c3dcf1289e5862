"""A dataset, a backbone and an encoder small enough to train on in a second."""

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from transformers import WhisperFeatureExtractor, WhisperModel

from balsa_core.audio import pcm_sha256, to_pcm
from balsa_core.config import AdapterConfig, TrainingConfig
from balsa_core.dataset.build import write_dataset
from balsa_core.dataset.card import Card
from balsa_core.prompt import user_message
from balsa_core.records import RATE_HZ, Clip, Example
from balsa_core.training.fit import TrainingSummary, fit_adapter
from tests.tiny_models import build_tiny_backbone, build_tiny_whisper

NUM_CLIPS, NUM_EXAMPLES = 10, 24
CONFIG = TrainingConfig(
    adapter=AdapterConfig(num_queries=3, ffn_width=24, num_layers=1),
    steps=12,
    batch_size=4,
    learning_rate=3e-3,
    warmup_steps=3,
    checkpoint_every=5,
    seed=1,
)


class Corpus(NamedTuple):
    """Where the parts of a training lie."""

    dataset: str
    backbone: str
    encoder: str

    def fit(self, out: Path, config: TrainingConfig = CONFIG, **more: Any) -> TrainingSummary:
        """Train on both recipes unless told otherwise."""
        asked = {"backbone": self.backbone, "encoder": self.encoder, "recipes": ("positive", "difference")}
        return fit_adapter(self.dataset, config, out=out, device="cpu", **(asked | more))


def build_corpus(folder: Path) -> Corpus:
    """Ten clips of noise of 0.3 to 1.2 s, 24 examples about one or two of them."""
    rng = np.random.default_rng(0)
    heard = [_clip(index, rng) for index in range(NUM_CLIPS)]
    examples = [_example(index, rng) for index in range(NUM_EXAMPLES)]
    (folder / "dataset").mkdir(parents=True)
    write_dataset(folder / "dataset", examples, [clip for clip, _ in heard], heard, Card("tiny"))
    encoder = build_tiny_whisper(folder / "encoder", num_layers=2)
    _shorten_window(encoder)
    return Corpus(str(folder / "dataset"), str(build_tiny_backbone(folder / "backbone")), str(encoder))


def _clip(index: int, rng: np.random.Generator) -> tuple[Clip, bytes]:
    pcm = to_pcm((0.1 * rng.standard_normal(int(rng.uniform(0.3, 1.2) * RATE_HZ))).astype(np.float32))
    nothing: dict[str, Any] = {"caption": None, "transcript": None, "attributes": (), "group": "", "licence": None}
    clip = Clip(
        id=f"clip-{index}",
        corpus="noise",
        split="train",
        tags=("dog",),
        num_samples=len(pcm) // 2,
        audio_sha256=pcm_sha256(pcm),
        **nothing,
    )
    return clip, pcm


def _example(index: int, rng: np.random.Generator) -> Example:
    num_clips = 2 if index % 4 == 3 else 1
    return Example(
        id=f"example-{index}",
        recipe="difference@1" if num_clips == 2 else "positive@1",
        clip_ids=tuple(f"clip-{clip}" for clip in rng.choice(NUM_CLIPS, num_clips, replace=False)),
        prompt=user_message("What do you hear?", num_clips),
        seeds=("(dog)",) * num_clips,
        target=("I hear dog.", "A dog barks in the rain.", "Nothing but wind.")[index % 3],
        system=None,
        present=("dog",),
        absent=(),
        backbone="tiny",
        finish_reason="stop",
        num_tokens=5,
        attempt=0,
    )


def _shorten_window(encoder: Path) -> None:
    model = WhisperModel.from_pretrained(encoder)
    model.config.max_source_positions = 50
    WhisperModel(model.config).save_pretrained(encoder)
    WhisperFeatureExtractor(feature_size=80, chunk_length=1).save_pretrained(encoder)

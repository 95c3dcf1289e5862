from pathlib import Path

import torch
from transformers import AutoFeatureExtractor, AutoModel

from balsa_core import prompt
from balsa_core.backbone import Decoding, generate, load_backbone
from balsa_core.records import RATE_HZ
from tests.tiny_models import build_tiny_backbone, build_tiny_whisper


def test_the_tiny_backbone_loads_like_a_hub_model_and_replies_depend_on_the_prompt(tmp_path: Path) -> None:
    backbone = load_backbone(str(build_tiny_backbone(tmp_path / "backbone")), device="cpu")
    seeds = [prompt.encode(backbone.tokenizer, seed) for seed in ("(dog)", "(rain, siren)")]
    turns = prompt.conversation(prompt.user_message("Replay the audio."))
    prompts = [backbone.embed(prompt.render(backbone.tokenizer, turns, [seed]).ids) for seed in seeds]
    first, second = generate(backbone, prompts, Decoding(max_tokens=8))
    assert first != second


def test_the_tiny_whisper_reads_thirty_seconds_as_1500_frames(tmp_path: Path) -> None:
    folder = build_tiny_whisper(tmp_path / "whisper")
    extract, model = AutoFeatureExtractor.from_pretrained(folder), AutoModel.from_pretrained(folder)
    features = extract(torch.zeros(RATE_HZ).numpy(), sampling_rate=RATE_HZ, return_tensors="pt").input_features
    assert model.encoder(features).last_hidden_state.shape == (1, 1500, 16)

"""The two answerers on tiny real models: one hears, one reads."""

from pathlib import Path

import numpy as np
import pytest
import torch

from balsa_core.backbone import Backbone, generate, load_backbone
from balsa_core.config import AdapterConfig
from balsa_core.decoding import Decoding
from balsa_core.evaluation.answerers import AudioAnswerer, TextAnswerer
from balsa_core.evaluation.ask import predict
from balsa_core.evaluation.canary import compare_texts
from balsa_core.evaluation.scoring import benchmark_names, load_benchmark, score
from balsa_core.model.audio_llm import AudioLLM, new_audio_llm
from balsa_core.model.canary import text_canary
from balsa_core.model.encoder import load_encoder
from balsa_core.prompt import conversation, encode, render
from balsa_core.records import RATE_HZ
from tests.evaluation.scenes import CONFIG, make_clips, sounds_of
from tests.tiny_models import build_tiny_backbone, build_tiny_whisper

DECODING = Decoding(max_tokens=6)
CLIPS = make_clips(4)
SOUNDS = sounds_of(make_clips(30))
WAVEFORMS = {
    clip.id: np.random.default_rng(index).uniform(-0.3, 0.3, RATE_HZ // 2).astype(np.float32)
    for index, clip in enumerate(CLIPS)
}


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Backbone:
    return load_backbone(str(build_tiny_backbone(tmp_path_factory.mktemp("backbone"))), device="cpu")


@pytest.fixture(scope="module")
def model(backbone: Backbone, tmp_path_factory: pytest.TempPathFactory) -> AudioLLM:
    folder: Path = build_tiny_whisper(tmp_path_factory.mktemp("encoder"))
    encoder = load_encoder(str(folder), device=torch.device("cpu"), dtype=torch.float32)
    return new_audio_llm(encoder, backbone, AdapterConfig(num_queries=3, num_layers=1, ffn_width=16), seed=0)


@pytest.mark.parametrize("name", benchmark_names())
def test_the_backbone_reads_the_seeds_of_every_benchmark(backbone: Backbone, name: str) -> None:
    benchmark = load_benchmark(name)
    questions = benchmark.questions(CLIPS, SOUNDS, CONFIG)
    said = predict(questions, TextAnswerer(backbone, DECODING), 4)
    assert score(benchmark, questions, said).scores


@pytest.mark.parametrize("name", ["object_existence", "multi_audio"])
def test_the_text_ceiling_is_the_backbone_on_the_prompt_with_each_seed_in_its_place(
    backbone: Backbone, name: str
) -> None:
    question = load_benchmark(name).questions(CLIPS, SOUNDS, CONFIG)[0]
    tokenizer = backbone.tokenizer
    ids = render(tokenizer, conversation(question.prompt), [encode(tokenizer, seed) for seed in question.seeds]).ids
    (alone,) = generate(backbone, [backbone.embed(ids)], DECODING)
    (said,) = predict([question], TextAnswerer(backbone, DECODING), 1)
    assert (said.response, said.finish_reason) == (alone.text, alone.finish_reason)


def test_a_model_that_hears_answers_about_one_clip_and_two(model: AudioLLM) -> None:
    answerer = AudioAnswerer(model, WAVEFORMS, DECODING)
    for name in ("object_existence", "multi_audio"):
        questions = load_benchmark(name).questions(CLIPS, SOUNDS, CONFIG)
        together = predict(questions, answerer, 8)
        assert together == predict(questions, answerer, 8)
        assert len(together) == len(questions)
        assert len({prediction.response for prediction in together}) > 1


def test_a_clip_without_audio_is_named(model: AudioLLM) -> None:
    questions = load_benchmark("object_existence").questions(CLIPS, SOUNDS, CONFIG)
    with pytest.raises(ValueError, match="is about clip 'clip0', whose audio was not given"):
        predict(questions, AudioAnswerer(model, {}, DECODING), 8)


def test_an_adapter_leaves_text_alone(model: AudioLLM) -> None:
    prompts = ["Hello.", "Is there a sound of dog in the audio?"]
    assert compare_texts(prompts, text_canary(model, prompts)).passed

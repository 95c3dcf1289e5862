import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from balsa_core.audio import Waveform
from balsa_core.decoding import Decoding
from balsa_core.model.audio_llm import AudioLLM
from balsa_core.model.saved import load_audio_llm, load_weights, save_adapter
from balsa_core.prompt import conversation, user_message
from tests.tiny_models import build_tiny_backbone, build_tiny_whisper


@pytest.fixture
def saved(model: AudioLLM, names: tuple[str, str], tmp_path: Path) -> Path:
    backbone, encoder = names
    save_adapter(tmp_path / "adapter", model, backbone=backbone, encoder=encoder, dtype="float32")
    return tmp_path / "adapter"


def test_a_saved_adapter_answers_as_before(model: AudioLLM, saved: Path, sounds: list[Waveform]) -> None:
    asked = [(conversation(user_message("What do you hear?")), sounds[:1])]
    again = load_audio_llm(saved, device="cpu")
    assert again.answer(asked, Decoding(max_tokens=10)) == model.answer(asked, Decoding(max_tokens=10))


def test_saving_twice_writes_equal_bytes(model: AudioLLM, names: tuple[str, str], saved: Path, tmp_path: Path) -> None:
    save_adapter(tmp_path / "again", model, backbone=names[0], encoder=names[1], dtype="float32")
    for name in ("adapter.safetensors", "adapter.json"):
        assert (tmp_path / "again" / name).read_bytes() == (saved / name).read_bytes()


def test_the_folder_holds_the_adapter_only(model: AudioLLM, saved: Path) -> None:
    num_numbers = sum(tensor.numel() for tensor in load_file(saved / "adapter.safetensors").values())
    facts = json.loads((saved / "adapter.json").read_text())
    assert num_numbers == facts["num_parameters"] == sum(p.numel() for p in model.adapter.parameters())
    assert facts["taps"] == [0, 1, 2, 3]


@pytest.mark.parametrize("role", ["backbone", "encoder"])
def test_other_weights_than_those_of_training_are_refused(saved: Path, tmp_path: Path, role: str) -> None:
    other = (
        build_tiny_backbone(tmp_path / "b", seed=7)
        if role == "backbone"
        else build_tiny_whisper(tmp_path / "e", seed=7)
    )
    with pytest.raises(ValueError, match=f"trained with the {role}"):
        load_audio_llm(saved, device="cpu", **{role: str(other)})


def test_the_same_weights_elsewhere_are_accepted(saved: Path, tmp_path: Path) -> None:
    elsewhere = build_tiny_backbone(tmp_path / "moved")
    assert load_audio_llm(saved, backbone=str(elsewhere), device="cpu").backbone.identity.startswith("moved@")


def test_a_folder_without_an_adapter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no adapter\.json"):
        load_audio_llm(tmp_path)


@pytest.mark.parametrize("fault", ["missing", "unexpected", "another shape"])
def test_tensors_that_do_not_fit_are_named(model: AudioLLM, saved: Path, fault: str) -> None:
    path = saved / "adapter.safetensors"
    tensors = load_file(path)
    if fault == "missing":
        del tensors["mixing_LQ"]
    elif fault == "unexpected":
        tensors["mixing_XX"] = torch.zeros(2)
    else:
        tensors["mixing_LQ"] = torch.zeros(1, 1)
    save_file(tensors, path)
    with pytest.raises(ValueError, match=f"{fault}: mixing_"):
        load_weights(model.adapter, path)

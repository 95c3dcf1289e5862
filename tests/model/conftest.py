import numpy as np
import pytest

from balsa_core.audio import Waveform
from balsa_core.config import AdapterConfig
from balsa_core.model.audio_llm import AudioLLM
from balsa_core.model.saved import open_audio_llm
from balsa_core.records import RATE_HZ
from tests.tiny_models import build_tiny_backbone, build_tiny_whisper

ADAPTER = AdapterConfig(num_queries=4, ffn_width=32)


@pytest.fixture(scope="package")
def names(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A backbone and an encoder."""
    folder = tmp_path_factory.mktemp("models")
    return str(build_tiny_backbone(folder / "backbone")), str(build_tiny_whisper(folder / "encoder"))


@pytest.fixture(scope="package")
def model(names: tuple[str, str]) -> AudioLLM:
    backbone, encoder = names
    return open_audio_llm(backbone, encoder, ADAPTER, seed=0, device="cpu", dtype="float32")


@pytest.fixture(scope="package")
def sounds() -> list[Waveform]:
    """Three clips of noise, of 1.0, 1.6 and 0.4 s."""
    rng = np.random.default_rng(0)
    return [(0.1 * rng.standard_normal(round(length * RATE_HZ))).astype(np.float32) for length in (1.0, 1.6, 0.4)]

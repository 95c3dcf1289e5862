"""Models from folders in the Hugging Face layout take the very road of the pocket models."""

from pathlib import Path

from balsa_core.config import ArmConfig, SynthesisConfig
from flows.pipeline import road
from flows.runs import smoke
from tests.tiny_models import build_tiny_backbone, build_tiny_whisper


def test_the_road_runs_with_models_from_folders(workspace: Path) -> None:
    backbone, encoder = build_tiny_backbone(workspace / "llm"), build_tiny_whisper(workspace / "whisper")
    run = smoke().model_copy(
        update={
            "backbone": str(backbone),
            "encoder": str(encoder),
            # A random LLM rarely ends its turn or names the sounds: one kind of target, and what it keeps is enough.
            "synthesis": SynthesisConfig(recipes=("positive",), per_clip=2),
            "arms": (ArmConfig(name="untrained"), ArmConfig(name="positive", recipes=("positive",))),
        }
    )
    finished = road(run)
    assert list(finished.report["arms"]) == ["text ceiling", "untrained", "positive"]
    assert finished.report["canary"]["passed"]
    assert finished.report["notes"]["backbone"] == str(backbone)

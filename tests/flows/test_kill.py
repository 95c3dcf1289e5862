"""kill -9 of the road in each step, then the same command again: the same digests as an unbroken run."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.slow

BALSA = Path(sys.executable).with_name("balsa")
PATIENCE_S = 240
# What appears in the workspace when a step has begun: where the road is killed.
STEPS = {
    "ingest": "store/shard/*/*/manifest.json",
    "synthesis": "store/targets/*/*/manifest.json",
    "dataset": "store/examples/joint/*/manifest.json",
    "training": "scratch/*/checkpoints/*",
    "evaluation": "store/predictions/*/*/manifest.json",
}


def start(workspace: Path) -> subprocess.Popen[bytes]:
    environment = os.environ | {"BALSA_WORKSPACE": str(workspace)}
    return subprocess.Popen([BALSA, "run", "smoke"], env=environment, stdout=subprocess.DEVNULL, start_new_session=True)


def finish(workspace: Path) -> dict[str, Any]:
    assert start(workspace).wait(PATIENCE_S) == 0
    road = json.loads((workspace / "reports" / "smoke" / "road.json").read_text())
    return {
        "dataset": road["dataset"]["digest"],
        "adapters": [entry["digest"] for entry in road["adapters"]],
        "scores": [entry["digest"] for entry in road["predictions"]],
        "report": road["report"]["digest"],
    }


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    return finish(tmp_path_factory.mktemp("unbroken"))


def test_a_road_killed_in_each_step_ends_like_an_unbroken_one(unbroken: dict[str, Any], tmp_path: Path) -> None:
    for step, sign in STEPS.items():
        running = start(tmp_path)
        deadline = time.monotonic() + PATIENCE_S
        while not list(tmp_path.glob(sign)):
            assert running.poll() is None, f"the road ended before {step} began"
            assert time.monotonic() < deadline, f"{step} did not begin"
            time.sleep(0.02)
        os.killpg(running.pid, signal.SIGKILL)
        running.wait()
    assert finish(tmp_path) == unbroken

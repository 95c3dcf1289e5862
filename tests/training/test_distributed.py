import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from balsa_core.training.checkpoints import FOLDER
from balsa_core.training.distributed import join_world
from balsa_core.training.journal import read_steps
from balsa_core.training.launch import PROGRESS
from tests.training.data import CONFIG, Corpus

pytestmark = pytest.mark.timeout(1200)  # torchrun and its workers import torch one by one: minutes on a busy machine

TWO = CONFIG.model_copy(update={"num_processes": 2})

OWNER = """
import sys
from pathlib import Path
from tests.training.data import CONFIG, Corpus
config = CONFIG.model_copy(update={"num_processes": 2, "steps": 5000, "checkpoint_every": 5})
Corpus(*sys.argv[1:4]).fit(Path(sys.argv[4]), config)
"""


def workers_of(out: Path) -> list[int]:
    """The processes that were started for the run in `out`: torchrun and its workers."""
    found = []
    for folder in Path("/proc").iterdir():
        try:
            told = (folder / "cmdline").read_bytes().decode()
            dead = (folder / "stat").read_text().rsplit(")", 1)[1].split()[0] == "Z"
        except (OSError, IndexError):
            continue
        if folder.name.isdigit() and "balsa_core.training" in told and str(out) in told and not dead:
            found.append(int(folder.name))
    return found


def wait_until(come_true: object, limit_s: float = 600.0) -> None:
    """The limit is for a machine that is lost, not for a busy one."""
    started = time.monotonic()
    while not come_true():  # type: ignore[operator]
        assert time.monotonic() - started < limit_s, "waited too long"
        time.sleep(0.05)


@pytest.fixture(scope="module")
def in_two(corpus: Corpus, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run of two processes."""
    out = tmp_path_factory.mktemp("two")
    heard: list[int] = []
    summary = corpus.fit(out, TWO, on_metrics=lambda step, _metrics: heard.append(step))
    assert heard == list(range(1, CONFIG.steps + 1))
    assert summary.steps == CONFIG.steps
    return out


def test_two_processes_have_the_losses_of_one(in_two: Path, unbroken: Path) -> None:
    for two, one in zip(read_steps(in_two), read_steps(unbroken), strict=True):
        assert two["loss"] == pytest.approx(one["loss"], rel=1e-5)
        assert two["grad_norm"] == pytest.approx(one["grad_norm"], rel=1e-3)
        assert two["num_targets"] == one["num_targets"]


def test_two_processes_train_the_adapter_of_one(in_two: Path, unbroken: Path) -> None:
    two, one = (load_file(out / "adapter.safetensors") for out in (in_two, unbroken))
    # A bias of keys moves all scores of a query alike: its gradient is rounding noise, which Adam makes full steps of.
    for name in (name for name in one if not name.endswith("key.bias")):
        torch.testing.assert_close(two[name], one[name], rtol=1e-3, atol=1e-4)


def test_two_processes_leave_the_same_files_and_nobody_behind(in_two: Path) -> None:
    assert {path.name for path in in_two.iterdir()} == {"adapter.safetensors", "adapter.json", "metrics.jsonl"}
    assert workers_of(in_two) == []


def test_a_cancelled_run_ends_its_processes_and_is_resumed_by_one(
    corpus: Corpus, unbroken: Path, tmp_path: Path
) -> None:
    """Cancelled in step 7 of two processes, finished by a single one: the same losses."""

    def cancel(step: int, _metrics: dict[str, float]) -> None:
        if step >= 7:
            assert len(workers_of(tmp_path)) == 3
            raise KeyboardInterrupt

    slow = TWO.model_copy(update={"steps": CONFIG.steps})
    with pytest.raises(KeyboardInterrupt):
        corpus.fit(tmp_path, slow, on_metrics=cancel)
    wait_until(lambda: not workers_of(tmp_path))
    summary = corpus.fit(tmp_path)
    assert summary.resumed_from in (5, 10)
    for resumed, one in zip(read_steps(tmp_path), read_steps(unbroken), strict=True):
        assert resumed["loss"] == pytest.approx(one["loss"], rel=1e-5)


@pytest.mark.parametrize("victim", ["owner", "torchrun"])
def test_whoever_is_killed_nobody_stays(corpus: Corpus, tmp_path: Path, victim: str) -> None:
    owner = subprocess.Popen([sys.executable, "-c", OWNER, *corpus, str(tmp_path)], stderr=subprocess.DEVNULL)
    try:
        wait_until(lambda: (tmp_path / FOLDER / PROGRESS).exists() and (tmp_path / FOLDER / PROGRESS).stat().st_size)
        torchrun = min(workers_of(tmp_path))
        os.kill({"owner": owner.pid, "torchrun": torchrun}[victim], signal.SIGKILL)
        wait_until(lambda: not workers_of(tmp_path))
        wait_until(lambda: owner.poll() is not None)
    finally:
        owner.kill()
        owner.wait()
    assert owner.returncode != 0


def test_processes_that_fail_say_why(corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="no examples of nothing"):
        corpus.fit(tmp_path, TWO, recipes=("nothing",))


def test_a_batch_smaller_than_the_processes_is_refused(corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="batch of 4"):
        corpus.fit(tmp_path, CONFIG.model_copy(update={"num_processes": 5}))


def test_a_world_of_another_size_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """What torchrun tells a process it started alone, in a run configured for two."""
    for name, value in (("RANK", "0"), ("WORLD_SIZE", "1"), ("MASTER_ADDR", "127.0.0.1"), ("MASTER_PORT", "0")):
        monkeypatch.setenv(name, value)
    with pytest.raises(RuntimeError, match="1 processes were started, the run is configured for 2"):
        join_world(2)


def test_a_process_leaves_with_the_one_it_watches() -> None:
    watched = subprocess.Popen(["sleep", "60"])
    code = (
        f"import time; from balsa_core.training.launch import leave_with; leave_with([{watched.pid}]); time.sleep(60)"
    )
    watcher = subprocess.Popen([sys.executable, "-c", code])
    time.sleep(0.5)
    assert watcher.poll() is None
    watched.kill()  # it stays a zombie: nobody waits for it yet
    assert watcher.wait(timeout=600) == 1
    watched.wait()

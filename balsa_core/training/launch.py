"""A request in, several processes that train together, and none left behind.

torchrun and its workers sit in sessions of their own. Whatever ends this process's wait (an exception, a cancelled
flow) ends them: SIGTERM to torchrun, which ends its workers; after a while SIGKILL. A worker also watches the process
that asked for it and torchrun, and leaves when either is gone: SIGKILL runs no handler (see `leave_with`).
"""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from balsa_core.training.checkpoints import FOLDER

REQUEST, PROGRESS, SUMMARY, LOG = "request.json", "progress.jsonl", "summary.json", "workers.log"
POLL_S = 0.1
GRACE_S = 10.0
LOG_TAIL_CHARS = 3000


def run_processes(
    request: str, out: Path, num_processes: int, on_metrics: Callable[[int, dict[str, float]], None]
) -> dict[str, Any]:
    """Train with that many processes on this machine; the summary that the leading one wrote.

    RuntimeError with the end of their output when they fail.
    """
    folder = out / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name in (PROGRESS, SUMMARY):
        (folder / name).unlink(missing_ok=True)
    (folder / REQUEST).write_text(json.dumps({"owner_pid": os.getpid(), "request": json.loads(request)}))
    heard = 0
    with (folder / LOG).open("wb") as log:
        process = subprocess.Popen(_command(folder, num_processes), stdout=log, stderr=log, start_new_session=True)
        try:
            while process.poll() is None:
                heard = _report(folder / PROGRESS, heard, on_metrics)
                time.sleep(POLL_S)
        finally:
            _end(process)
    _report(folder / PROGRESS, heard, on_metrics)
    if process.returncode:
        tail = (folder / LOG).read_text(errors="replace")[-LOG_TAIL_CHARS:]
        raise RuntimeError(f"{num_processes} training processes ended with code {process.returncode}:\n{tail}")
    return json.loads((folder / SUMMARY).read_text())


def leave_with(pids: list[int]) -> None:
    """End this process as soon as one of these processes is gone, watching from a thread."""
    threading.Thread(target=_watch, args=(pids,), daemon=True).start()


def _watch(pids: list[int]) -> None:
    while all(_lives(pid) for pid in pids):
        time.sleep(POLL_S)
    os._exit(1)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat")
        # A dead process that nobody waits for (a container without an init) still has its number.
        return not (state.exists() and state.read_text().rsplit(")", 1)[1].split()[0] == "Z")
    except (ProcessLookupError, FileNotFoundError):
        return False


def _command(folder: Path, num_processes: int) -> list[str]:
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", f"--nproc-per-node={num_processes}"]
    return [*torchrun, "-m", "balsa_core.training", str(folder / REQUEST)]


def _report(progress: Path, offset: int, on_metrics: Callable[[int, dict[str, float]], None]) -> int:
    """Pass on the whole lines behind `offset`; where they end."""
    if not progress.exists():
        return offset
    with progress.open("rb") as file:
        file.seek(offset)
        written = file.read()
    whole = written[: written.rfind(b"\n") + 1]
    for line in whole.splitlines():
        told = json.loads(line)
        on_metrics(told.pop("step"), told)
    return offset + len(whole)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

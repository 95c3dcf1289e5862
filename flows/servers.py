"""Both user interfaces on the workspace's SQLite files, until Ctrl-C."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import FrameType
from urllib.error import URLError

from rich.console import Console

from tasks.site import workspace_folder

PREFECT_PORT, MLFLOW_PORT = 4200, 5000
READY_AFTER_S = 120
STOP_AFTER_S = 10

console = Console()


def serve() -> None:
    """Start the Prefect and the MLflow server, print both addresses, stop both at the end."""
    folder = workspace_folder()
    commands = {
        "Prefect": (_prefect_command(), f"http://127.0.0.1:{PREFECT_PORT}", "/api/health"),
        "MLflow": (_mlflow_command(folder), f"http://127.0.0.1:{MLFLOW_PORT}", "/health"),
    }
    signal.signal(signal.SIGTERM, _interrupt)
    children = [_start(name, command, folder) for name, (command, _, _) in commands.items()]
    try:
        for (name, (_, address, health)), child in zip(commands.items(), children, strict=True):
            _wait_until_ready(name, address + health, child, folder)
            console.print(f"[bold]{name:8}[/] {address}", highlight=False)
        console.print("Ctrl-C stops both.")
        while all(child.poll() is None for child in children):
            time.sleep(0.5)
    except KeyboardInterrupt:
        pass
    finally:
        for child in children:
            _stop(child)


def _prefect_command() -> list[str]:
    return [sys.executable, "-m", "prefect", "server", "start", "--port", str(PREFECT_PORT)]


def _mlflow_command(folder: Path) -> list[str]:
    store = os.environ.get("MLFLOW_TRACKING_URI", f"sqlite:///{folder / 'mlflow.db'}")
    options = ["--backend-store-uri", store, "--default-artifact-root", (folder / "mlartifacts").as_uri()]
    return [sys.executable, "-m", "mlflow", "server", "--port", str(MLFLOW_PORT), "--workers", "1", *options]


def _start(name: str, command: list[str], folder: Path) -> subprocess.Popen[bytes]:
    # job execution off: 2 processes and 0.5 GB instead of 15 and 3.3 GB
    environment = os.environ | {"MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"}
    with _log_path(folder, name).open("wb") as log:
        return subprocess.Popen(command, stdout=log, stderr=log, env=environment, start_new_session=True)


def _wait_until_ready(name: str, address: str, child: subprocess.Popen[bytes], folder: Path) -> None:
    for _ in range(READY_AFTER_S * 2):
        if child.poll() is not None:
            raise RuntimeError(f"the {name} server stopped at once: read {_log_path(folder, name)}")
        try:
            urllib.request.urlopen(address, timeout=2).close()
            return
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.5)
    raise RuntimeError(f"the {name} server gave no answer in {READY_AFTER_S} s: read {_log_path(folder, name)}")


def _log_path(folder: Path, name: str) -> Path:
    return folder / f"{name.lower()}-server.log"


def _stop(child: subprocess.Popen[bytes]) -> None:
    """End a server and its workers: they share a session."""
    if child.poll() is not None:
        return
    os.killpg(child.pid, signal.SIGTERM)
    try:
        child.wait(STOP_AFTER_S)
    except subprocess.TimeoutExpired:
        os.killpg(child.pid, signal.SIGKILL)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt

"""Both user interfaces come up, say where they are, and leave no process behind."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows.servers import MLFLOW_PORT, PREFECT_PORT

pytestmark = pytest.mark.slow

BALSA = Path(sys.executable).with_name("balsa")


def answers(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_both_servers_come_up_and_stop_together(tmp_path: Path) -> None:
    if answers(PREFECT_PORT) or answers(MLFLOW_PORT):
        pytest.skip(f"ports {PREFECT_PORT} and {MLFLOW_PORT} are in use on this machine")
    environment = os.environ | {"BALSA_WORKSPACE": str(tmp_path)}
    serving = subprocess.Popen([BALSA, "ui"], env=environment, stdout=subprocess.PIPE, text=True)
    assert serving.stdout is not None
    said = [serving.stdout.readline().strip() for _ in range(3)]
    assert said[:2] == [f"Prefect  http://127.0.0.1:{PREFECT_PORT}", f"MLflow   http://127.0.0.1:{MLFLOW_PORT}"]
    assert answers(PREFECT_PORT)
    assert answers(MLFLOW_PORT)
    serving.send_signal(signal.SIGTERM)
    assert serving.wait(30) == 0
    deadline = time.monotonic() + 15
    while answers(PREFECT_PORT) or answers(MLFLOW_PORT):
        assert time.monotonic() < deadline, "a server outlived the command"
        time.sleep(0.2)

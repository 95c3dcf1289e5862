"""The deployments of deployments/prefect.yaml, registered with the Prefect server that the environment names."""

import os
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[1]
POOL = "balsa"


def register() -> str:
    """Create the process work pool if it is missing, register all deployments, and say how to run one."""
    if "PREFECT_API_URL" not in os.environ:
        raise ValueError(
            "PREFECT_API_URL is not set: start `balsa ui` and export PREFECT_API_URL=http://127.0.0.1:4200/api, "
            "or give the address of your Prefect server"
        )
    _prefect("work-pool", "create", POOL, "--type", "process", "--overwrite")
    _prefect("--no-prompt", "deploy", "--all", "--prefect-file", "deployments/prefect.yaml")
    return (
        "Registered: road, nightly, ingest, synthesize, materialize, train, evaluate.\n"
        f"A worker runs them:   prefect worker start --pool {POOL}\n"
        "Run one now:          prefect deployment run road/road"
    )


def _prefect(*arguments: str) -> None:
    command = [sys.executable, "-m", "prefect", *arguments]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if done.returncode:
        raise ValueError(f"`prefect {' '.join(arguments)}` failed: {(done.stderr or done.stdout).strip()[-800:]}")

"""Where a run happens: the store, the tracking server, the device. Never what it computes."""

import os
import subprocess
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path

from balsa_core.config import RunConfig
from balsa_core.identity import fingerprint

DEFAULT_WORKSPACE = "workspace"
EXPERIMENT = "balsa"


@dataclass(frozen=True)
class Site:
    """The places of one run. Kept out of every cache key."""

    store: str  # folder or s3:// address of the artifacts
    tracking_uri: str  # MLflow
    reports: str  # local folder where finished reports are copied
    scratch: str  # local folder of checkpoints of unfinished work
    device: str = "auto"
    road: str = ""  # fingerprint of the whole run: the parent in MLflow
    run_name: str = ""
    code: dict[str, str] = field(default_factory=dict)  # version and commit, for manifests


def workspace_folder() -> Path:
    """$BALSA_WORKSPACE, or ./workspace."""
    return Path(os.environ.get("BALSA_WORKSPACE", DEFAULT_WORKSPACE)).absolute()


def site_of(run: RunConfig) -> Site:
    """Where the environment says a run happens: BALSA_WORKSPACE, BALSA_STORE, BALSA_DEVICE, MLFLOW_TRACKING_URI."""
    workspace = workspace_folder()
    return Site(
        store=os.environ.get("BALSA_STORE", str(workspace / "store")),
        tracking_uri=os.environ.get("MLFLOW_TRACKING_URI", f"sqlite:///{workspace / 'mlflow.db'}"),
        reports=str(workspace / "reports"),
        scratch=str(workspace / "scratch"),
        device=os.environ.get("BALSA_DEVICE", "auto"),
        road=f"road/{run.name}/{fingerprint(run)}",
        run_name=run.name,
        code={"balsa": version("balsa"), "commit": _commit()},
    )


@cache
def _commit() -> str:
    """The commit of the checkout this file is in, with "+" when it has changes; "" outside one."""
    here = Path(__file__).parent
    asked = ["git", "describe", "--always", "--dirty=+", "--exclude=*"]
    found = subprocess.run(asked, cwd=here, capture_output=True, text=True, check=False)
    return found.stdout.strip()

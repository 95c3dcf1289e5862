"""Where a run stands, on disk: written aside and renamed, so that what is there is whole.

`checkpoints/step-00000100/` holds the adapter, the optimizer with the state of the random generator, and what the run
is. A checkpoint of another run is refused, never silently ignored.
"""

import json
import os
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from balsa_core.identity import canonical, differences
from balsa_core.model.adapters import Adapter
from balsa_core.model.saved import load_weights, save_weights

FOLDER = "checkpoints"
KEPT = 2  # the last one, and one more in case it can't be read
ADAPTER, OPTIMIZER, RUN = "adapter.safetensors", "optimizer.pt", "run.json"


def save_checkpoint(
    out: Path, step: int, adapter: Adapter, optimizer: torch.optim.Optimizer, run: Mapping[str, Any]
) -> None:
    """Write the state after `step` steps and remove all but the last few."""
    aside = out / FOLDER / f".writing-{os.getpid()}"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir(parents=True)
    save_weights(adapter, aside / ADAPTER)
    torch.save({"optimizer": optimizer.state_dict(), "random": torch.get_rng_state()}, aside / OPTIMIZER)
    (aside / RUN).write_text(json.dumps(canonical(run)))
    target = out / FOLDER / f"step-{step:08d}"
    shutil.rmtree(target, ignore_errors=True)
    aside.rename(target)
    for old in sorted((out / FOLDER).glob("step-*"))[:-KEPT]:
        shutil.rmtree(old)


def resume(out: Path, adapter: Adapter, optimizer: torch.optim.Optimizer, run: Mapping[str, Any]) -> int:
    """Bring adapter and optimizer to the last checkpoint; how many steps are done, 0 without one.

    ValueError when the checkpoint is of a run with another configuration, data or models.
    """
    found = sorted((out / FOLDER).glob("step-*"))
    if not found:
        return 0
    folder = found[-1]
    changed = differences(json.loads((folder / RUN).read_text()), run)
    if changed:
        raise ValueError(
            f"{folder} is of another run ({'; '.join(changed)}): remove {out / FOLDER} to train anew, "
            "or use the configuration it was made with"
        )
    load_weights(adapter, folder / ADAPTER)
    state = torch.load(folder / OPTIMIZER, map_location=next(adapter.parameters()).device, weights_only=True)
    optimizer.load_state_dict(state["optimizer"])
    torch.set_rng_state(state["random"].cpu())
    return int(folder.name.removeprefix("step-"))


def remove_checkpoints(out: Path) -> None:
    """Forget where the run stood."""
    shutil.rmtree(out / FOLDER, ignore_errors=True)

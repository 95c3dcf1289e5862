"""One process of a training: `torchrun ... -m balsa_core.training request.json` starts several of them."""

import json
import os
import sys
from pathlib import Path

from balsa_core.training.distributed import join_world, leave_world
from balsa_core.training.fit import TrainingRequest, fit_in_process
from balsa_core.training.launch import PROGRESS, SUMMARY, leave_with


def main(request_file: Path) -> None:
    """Take part in the training that the request describes; the leading process writes progress and summary."""
    told = json.loads(request_file.read_text())
    leave_with([told["owner_pid"], os.getppid()])
    request = TrainingRequest(**told["request"])
    world = join_world(request.config.num_processes)
    with (request_file.parent / PROGRESS).open("a") as progress:

        def report(step: int, metrics: dict[str, float]) -> None:
            progress.write(json.dumps({"step": step, **metrics}) + "\n")
            progress.flush()

        summary = fit_in_process(request, world, report)
    if world.leads:
        (request_file.parent / SUMMARY).write_text(json.dumps(summary._asdict()))
    leave_world()


if __name__ == "__main__":
    main(Path(sys.argv[1]))

"""What each step said, one JSON line a step: equal runs write equal files, interrupted or not."""

import json
from pathlib import Path
from statistics import fmean
from typing import Self, TextIO

from balsa_core.training.loop import Step

FILE = "metrics.jsonl"
LAST_STEPS = 20  # whose mean loss is called the final one: a single batch says little


class Journal:
    """`metrics.jsonl` in a folder, from its first step or from where a run is resumed. No times in it."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.file: TextIO | None = None

    def start(self, steps_done: int) -> None:
        """Keep the steps that were done before, forget those behind the checkpoint."""
        known = read_steps(self.out)[:steps_done]
        aside = self.out / f".{FILE}"
        aside.write_text("".join(json.dumps(line) + "\n" for line in known))
        aside.replace(self.out / FILE)
        self.file = (self.out / FILE).open("a")

    def write(self, step: Step) -> None:
        """Add a step."""
        assert self.file is not None
        self.file.write(json.dumps({"step": step.step, **step.facts()}) + "\n")
        self.file.flush()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        if self.file is not None:
            self.file.close()


def read_steps(out: Path) -> list[dict[str, float]]:
    """The steps written so far; a last line that a kill cut short is left out."""
    path = out / FILE
    lines = path.read_text().splitlines(keepends=True) if path.exists() else []
    return [json.loads(line) for line in lines if line.endswith("\n")]


def final_loss(out: Path) -> float:
    """Mean loss of the last steps."""
    return fmean(line["loss"] for line in read_steps(out)[-LAST_STEPS:])

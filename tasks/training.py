"""A dataset in, trained adapters out: one task an arm and seed. Checkpoints lie in the site's scratch folder."""

import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from balsa_core.artifact import Artifact, new_artifact
from balsa_core.config import TrainingConfig
from balsa_core.training import VERSION
from tasks.caching import Work, cached
from tasks.models import ModelRef
from tasks.progress import tell
from tasks.site import Site
from tasks.tracking import Step, log_adapter, track

TELL_EVERY = 10  # steps
MEAN_OVER = 20  # steps
ADAPTER_FILES = ("adapter.safetensors", "adapter.json")


@dataclass(frozen=True)
class Lessons:
    """The examples of some recipes of a dataset; identified by their files, so other recipes may change."""

    dataset: Artifact
    recipes: tuple[str, ...]

    def identity(self) -> dict[str, str]:
        """The digests of the files that the training reads."""
        files = self.dataset.manifest["files"]
        read = ("clips/", *(f"examples/{recipe}-" for recipe in self.recipes))
        return {name: facts["sha256"] for name, facts in files.items() if name.startswith(read)}


@cached("adapter", VERSION)
def train_adapter(
    work: Work,
    *,
    site: Site,
    name: str,
    lessons: Lessons,
    backbone: ModelRef,
    encoder: ModelRef,
    config: TrainingConfig,
    init_from: Artifact | None,
) -> Artifact:
    """Train the adapter of one arm; an interrupted training goes on where its last checkpoint is."""
    from balsa_core.training.fit import fit_adapter

    scratch = Path(site.scratch) / f"{name}-{work.place.fingerprint}"
    inputs = [lessons.dataset, *([] if init_from is None else [init_from])]
    with (
        track(site, work.place, {"training": config}, {"dataset": lessons.dataset}) as step,
        new_artifact(work.place, inputs=inputs, config=work.config, code=work.code) as draft,
    ):
        summary = fit_adapter(
            lessons.dataset.uri,
            config,
            backbone=backbone.name,
            encoder=encoder.name,
            out=scratch,
            recipes=lessons.recipes,
            init_from=None if init_from is None else init_from.local_folder(),
            device=site.device,
            on_metrics=_Watch(step, name, config.steps),
        )
        for file in ADAPTER_FILES:
            shutil.copy(scratch / file, draft.folder / file)
        log_adapter(step, draft.folder)
        draft.rows = summary.num_examples
        draft.notes = {"training": summary._asdict(), "mlflow_run": step.run_id}
    shutil.rmtree(scratch)
    return draft.result()


@cached("untrained", VERSION)
def start_adapter(
    work: Work, *, site: Site, name: str, backbone: ModelRef, encoder: ModelRef, config: TrainingConfig
) -> Artifact:
    """The adapter before its first step."""
    from balsa_core.model.saved import open_audio_llm, save_adapter

    names = {"backbone": backbone.name, "encoder": encoder.name, "dtype": config.dtype}
    model = open_audio_llm(config=config.adapter, seed=config.seed, device=site.device, **names)
    with new_artifact(work.place, config=work.config, code=work.code) as draft:
        save_adapter(draft.folder, model, **names)
    return draft.result()


class _Watch:
    """Hears each step: metrics to MLflow, a bar to the terminal with the mean loss of the last steps."""

    def __init__(self, step: Step, name: str, num_steps: int) -> None:
        self._step, self._name, self._num_steps = step, name, num_steps
        self._losses: list[float] = []

    def __call__(self, number: int, metrics: dict[str, float]) -> None:
        self._step.metrics(metrics, number)
        self._losses = [*self._losses[1 - MEAN_OVER :], metrics["loss"]]
        if number % TELL_EVERY == 0 or number == self._num_steps:
            tell(f"train {self._name}", number, self._num_steps, f"loss {np.mean(self._losses):.3f}")

"""A dataset in, one adapter for each arm and seed out."""

from typing import NamedTuple

from prefect import flow

from balsa_core.artifact import Artifact
from balsa_core.config import ArmConfig, RunConfig
from flows.dataset import write_dataset
from flows.runs import demo
from flows.shown import show_step
from tasks.models import ModelRef
from tasks.site import Site, site_of
from tasks.training import Lessons, start_adapter, train_adapter


class Trained(NamedTuple):
    """The adapter of one arm and seed."""

    arm: str
    seed: int
    adapter: Artifact


def train_arms(run: RunConfig, dataset: Artifact, site: Site) -> list[Trained]:
    """Train all arms, seed by seed; an arm may start from the adapter of an earlier one of the same seed."""
    if not run.arms or not run.seeds:
        raise ValueError(
            f"run {run.name!r} has {len(run.arms)} arms and {len(run.seeds)} seeds: give at least one of each"
        )
    trained: list[Trained] = []
    for seed in run.seeds:
        adapters: dict[str, Artifact] = {}
        for arm in run.arms:
            adapters[arm.name] = _train_arm(run, arm, seed, dataset, adapters, site)
            trained.append(Trained(arm.name, seed, adapters[arm.name]))
    show_step("adapters", *(entry.adapter for entry in trained))
    return trained


@flow(name="train")
def train(run: RunConfig = demo()) -> list[Artifact]:  # noqa: B008  # the default fills Prefect's form
    """Train the adapters of a run; encoder and backbone stay frozen."""
    site = site_of(run)
    return [entry.adapter for entry in train_arms(run, write_dataset(run, site), site)]


def _train_arm(
    run: RunConfig, arm: ArmConfig, seed: int, dataset: Artifact, adapters: dict[str, Artifact], site: Site
) -> Artifact:
    name = f"{arm.name}-seed{seed}"
    backbone, encoder = ModelRef(run.backbone, "backbone"), ModelRef(run.encoder, "encoder")
    config = run.training.model_copy(update={"seed": seed, "steps": arm.steps or run.training.steps})
    if not arm.recipes:
        return start_adapter(site=site, name=name, backbone=backbone, encoder=encoder, config=config)
    return train_adapter(
        site=site,
        name=name,
        lessons=Lessons(dataset, arm.recipes),
        backbone=backbone,
        encoder=encoder,
        config=config,
        init_from=None if arm.init_from is None else adapters[arm.init_from],
    )

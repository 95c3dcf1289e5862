"""Clips in, the targets of every recipe out."""

from prefect import flow

from balsa_core.artifact import Artifact
from balsa_core.config import RunConfig
from balsa_core.labels import load_ontology
from balsa_core.registry import load_plugin
from flows.ingest import ingest_corpora
from flows.runs import demo
from flows.shown import show_step
from tasks.models import ModelRef
from tasks.progress import tell
from tasks.site import Site, site_of
from tasks.synthesis import write_targets

RECIPES = "balsa_core.synthesis.recipes"


def write_all_targets(run: RunConfig, clips: Artifact, site: Site) -> dict[str, list[Artifact]]:
    """The artifacts of each recipe, one a shard of the clips.

    One task at a time: an in-process LLM fills the machine, and an endpoint has its own concurrency.
    """
    num_shards = len(clips.parents)
    total = len(run.synthesis.recipes) * num_shards
    targets: dict[str, list[Artifact]] = {recipe: [] for recipe in run.synthesis.recipes}
    for recipe in run.synthesis.recipes:
        plugin = load_plugin(RECIPES, recipe)
        for shard in range(num_shards):
            targets[recipe].append(
                write_targets(
                    site=site,
                    name=f"{recipe}-{shard:04d}",
                    clips=clips,
                    shard=shard,
                    recipe=plugin,
                    backbone=ModelRef(run.backbone, "backbone"),
                    config=run.synthesis.model_copy(update={"recipes": (recipe,)}),
                    ontology=load_ontology(),
                )
            )
            tell("synthesize", sum(map(len, targets.values())), total, recipe)
        show_step(f"targets-{recipe}", *targets[recipe])
    return targets


@flow(name="synthesize")
def synthesize(run: RunConfig = demo()) -> list[Artifact]:  # noqa: B008  # the default fills Prefect's form
    """Let the backbone write the training targets of a run; contradictions are rejected with their reasons."""
    site = site_of(run)
    targets = write_all_targets(run, ingest_corpora(run, site).train, site)
    return [part for parts in targets.values() for part in parts]

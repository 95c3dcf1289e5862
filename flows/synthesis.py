"""Clips in, the targets of every recipe out."""

from prefect import flow

from balsa_core.artifact import Artifact
from balsa_core.config import RunConfig
from balsa_core.labels import load_ontology
from balsa_core.synthesis.recipe import load_recipe
from flows.ingest import ingest_corpora
from flows.runs import demo
from flows.shown import show_step
from tasks.models import Writer
from tasks.progress import tell
from tasks.site import Site, site_of
from tasks.synthesis import write_targets

Targets = dict[str, list[Artifact]]  # by recipe, one artifact a shard of the clips


def write_all_targets(run: RunConfig, clips: Artifact, site: Site) -> Targets:
    """The targets of every recipe.

    One task at a time: an in-process LLM fills the machine, and an endpoint has its own concurrency.
    """
    shards = range(len(clips.parents))
    targets: Targets = {}
    for done, recipe in enumerate(run.synthesis.recipes):
        targets[recipe] = [_write_shard(run, clips, recipe, shard, site) for shard in shards]
        tell("synthesize", done + 1, len(run.synthesis.recipes), recipe)
        show_step(f"targets-{recipe}", *targets[recipe])
    return targets


@flow(name="synthesize")
def synthesize(run: RunConfig = demo()) -> list[Artifact]:  # noqa: B008  # the default fills Prefect's form
    """Let the backbone write the training targets of a run; contradictions are rejected with their reasons."""
    site = site_of(run)
    targets = write_all_targets(run, ingest_corpora(run, site).train, site)
    return [part for parts in targets.values() for part in parts]


def _write_shard(run: RunConfig, clips: Artifact, recipe: str, shard: int, site: Site) -> Artifact:
    return write_targets(
        site=site,
        name=f"{recipe}-{shard:04d}",
        clips=clips,
        shard=shard,
        recipe=load_recipe(recipe),
        writer=Writer(run.synthesis.engine, run.synthesis.served_name or run.backbone),
        config=run.synthesis.model_copy(update={"recipes": (recipe,)}),
        ontology=load_ontology(),
    )

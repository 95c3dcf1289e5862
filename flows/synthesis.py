"""Clips in, the targets of every recipe out."""

from prefect import flow

from balsa_core.artifact import Artifact
from balsa_core.config import RunConfig, SynthesisConfig
from balsa_core.labels import load_ontology
from balsa_core.synthesis.recipe import load_recipe
from flows.ingest import ingest_corpora
from flows.runs import demo
from flows.shown import show_step
from tasks.models import Writer
from tasks.progress import tell
from tasks.site import Site, site_of
from tasks.synthesis import gather_targets, write_targets


def write_all_targets(run: RunConfig, clips: Artifact, site: Site) -> list[Artifact]:
    """The examples of each recipe.

    One task at a time: an in-process LLM fills the machine, and an endpoint has its own concurrency.
    """
    written: list[Artifact] = []
    for recipe in run.synthesis.recipes:
        config = run.synthesis.model_copy(update={"recipes": (recipe,)})
        parts = [_write_shard(run, config, clips, recipe, shard, site) for shard in range(len(clips.parents))]
        written.append(gather_targets(site=site, name=recipe, parts=parts, config=config))
        tell("synthesize", len(written), len(run.synthesis.recipes), recipe)
    show_step("synthesis", *written)
    return written


@flow(name="synthesize")
def synthesize(run: RunConfig = demo()) -> list[Artifact]:  # noqa: B008  # the default fills Prefect's form
    """Let the backbone write the training targets of a run; contradictions are rejected with their reasons."""
    site = site_of(run)
    return write_all_targets(run, ingest_corpora(run, site).train, site)


def _write_shard(
    run: RunConfig, config: SynthesisConfig, clips: Artifact, recipe: str, shard: int, site: Site
) -> Artifact:
    return write_targets(
        site=site,
        name=f"{recipe}-{shard:04d}",
        clips=clips,
        shard=shard,
        recipe=load_recipe(recipe),
        writer=Writer(run.synthesis.engine, run.synthesis.served_name or run.backbone),
        config=config,
        ontology=load_ontology(),
    )

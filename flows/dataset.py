"""Clips and targets in, the Parquet dataset out."""

from prefect import flow

from balsa_core.artifact import Artifact
from balsa_core.config import RunConfig
from flows.ingest import Corpora, ingest_corpora
from flows.runs import demo
from flows.shown import show_step
from flows.synthesis import write_all_targets
from tasks.dataset import build_dataset
from tasks.site import Site, site_of


def write_dataset(run: RunConfig, site: Site, corpora: Corpora | None = None) -> Artifact:
    """The dataset of a run: what is not there yet of clips and targets is made first."""
    corpora = corpora or ingest_corpora(run, site)
    dataset = build_dataset(
        site=site,
        name=run.name,
        clips=corpora.train,
        held_out=corpora.test,
        targets=write_all_targets(run, corpora.train, site),
    )
    show_step("dataset", dataset)
    return dataset


@flow(name="materialize")
def materialize(run: RunConfig = demo()) -> list[Artifact]:  # noqa: B008  # the default fills Prefect's form
    """Write the Parquet dataset of a run: audio once, the targets of every recipe, nothing of the held-out clips."""
    return [write_dataset(run, site_of(run))]

"""Corpora in, two clips artifacts out: one to train on, one held out."""

from typing import NamedTuple

from prefect import flow

from balsa_core.artifact import Artifact
from balsa_core.audio import Limits
from balsa_core.config import IngestConfig, RunConfig
from balsa_core.ingest.mixing import with_mixtures
from balsa_core.ingest.shards import split_shards
from balsa_core.registry import load_plugin
from flows.runs import demo
from flows.shown import show_step
from tasks.ingest import gather_clips, read_shard
from tasks.progress import tell
from tasks.site import Site, site_of

READERS = "balsa_core.ingest.readers"


class Corpora(NamedTuple):
    """The clips of the two splits."""

    train: Artifact
    test: Artifact


def ingest_corpora(run: RunConfig, site: Site) -> Corpora:
    """Read both splits of the run."""
    return Corpora(train=ingest_split(run.train, "train", site), test=ingest_split(run.test, "test", site))


def ingest_split(config: IngestConfig, name: str, site: Site) -> Artifact:
    """Read one split: list its entries, read the shards in parallel, gather them."""
    reader = load_plugin(READERS, config.reader)
    entries = list(reader.entries(config.root, config.split, config.options))
    if not entries:
        raise ValueError(f"{reader.name} lists no clip in split {config.split!r} of {config.root}")
    limits = Limits(config.min_duration_s, config.max_duration_s, config.silence_dbfs)
    shards = split_shards(with_mixtures(entries, config.num_mixtures, config.seed), config.shard_size)
    waiting = [
        read_shard.submit(
            site=site, name=f"{name}-{index:04d}", root=config.root, entries=shard, reader=reader, limits=limits
        )
        for index, shard in enumerate(shards)
    ]
    parts = []
    for future in waiting:
        parts.append(future.result())
        tell(f"ingest {name}", len(parts), len(shards))
    clips = gather_clips(site=site, name=name, parts=parts)
    show_step(f"ingest-{name}", clips)
    return clips


@flow(name="ingest")
def ingest(run: RunConfig = demo()) -> list[Artifact]:  # noqa: B008  # the default fills Prefect's form
    """Read, check and resample the audio of a run; rejects are kept with their reasons."""
    return list(ingest_corpora(run, site_of(run)))

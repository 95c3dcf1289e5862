"""Corpus entries in, clips with audio out: one task a shard, then one that gathers them."""

from collections.abc import Sequence
from typing import Any

from balsa_core.artifact import Artifact, new_artifact
from balsa_core.audio import Limits
from balsa_core.clips import TABLE
from balsa_core.ingest import gather, shards
from balsa_core.records import Clip, Entry, Reject
from tasks.caching import Work, cached
from tasks.site import Site
from tasks.tracking import counts, track


@cached("shard", shards.VERSION)
def read_shard(
    work: Work, *, site: Site, name: str, root: str | None, entries: Sequence[Entry], reader: Any, limits: Limits
) -> Artifact:
    """Decode, check and resample the entries of a shard."""
    config = {"reader": reader.identity(), "limits": limits._asdict()}
    with new_artifact(work.place, config=config, code=work.code) as draft:
        shards.write_shard(draft, shards.read_shard(entries, reader, root, limits))
    return draft.result()


@cached("clips", gather.VERSION)
def gather_clips(work: Work, *, site: Site, name: str, parts: Sequence[Artifact]) -> Artifact:
    """One table of all clips, without duplicates; the audio stays in the shards."""
    kept, duplicates = gather.merge_shards([part.records(TABLE, Clip) for part in parts])
    with (
        track(site, work.place, {"name": name}, {}) as step,
        new_artifact(work.place, inputs=parts, config=work.config, code=work.code) as draft,
    ):
        draft.keep(TABLE, kept, Clip)
        draft.reject([reject for part in parts for reject in part.records("rejects", Reject)] + duplicates)
        draft.notes = {"mlflow_run": step.run_id}
        step.metrics(counts(draft) | {"audio_s": sum(clip.duration_s for clip in kept)})
    return draft.result()

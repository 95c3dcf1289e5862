"""Clips in, training examples out: one task a recipe and shard."""

import os
from collections.abc import Sequence
from functools import lru_cache

from balsa_core.artifact import Artifact, new_artifact
from balsa_core.clips import read_clips
from balsa_core.config import SynthesisConfig
from balsa_core.labels import Ontology, index_sounds
from balsa_core.records import Example, Reject
from balsa_core.synthesis import write
from balsa_core.synthesis.chat import Chat, open_chat
from balsa_core.synthesis.recipe import Recipe
from balsa_core.synthesis.requests import draft_requests
from tasks.caching import Work, cached
from tasks.models import Writer
from tasks.site import Site
from tasks.tracking import counts, track

TABLE = "examples"
API_KEY = "OPENAI_API_KEY"


@cached("targets", write.VERSION)
def write_targets(
    work: Work,
    *,
    site: Site,
    name: str,
    clips: Artifact,
    shard: int,
    recipe: Recipe,
    writer: Writer,
    config: SynthesisConfig,
    ontology: Ontology,
) -> Artifact:
    """Let the backbone write the targets of one recipe for the clips of one shard."""
    rows = read_clips(clips)
    sounds = index_sounds([clip.tags for clip in rows], ontology)
    chosen = [clip.id for clip in rows if clip.shard == shard]
    with new_artifact(work.place, inputs=[clips], config=work.config, code=work.code) as draft:
        requests = draft_requests(rows, chosen, recipe, config, sounds)
        chat = _open_chat(writer.name, config.model_copy(update={"recipes": ()}).model_dump_json())
        written = write.write_targets(requests, chat, config)
        draft.keep(TABLE, written.examples, Example)
        draft.reject(written.rejects)
    return draft.result()


@cached("examples", write.VERSION)
def gather_targets(
    work: Work, *, site: Site, name: str, parts: Sequence[Artifact], config: SynthesisConfig
) -> Artifact:
    """All examples of one recipe, and all that were turned away."""
    with (
        track(site, work.place, {"synthesis": config}, {"clips": parts[0].inputs()[0]}) as step,
        new_artifact(work.place, inputs=parts, config=work.config, code=work.code) as draft,
    ):
        draft.keep(TABLE, [row for part in parts for row in part.records(TABLE, Example)], Example)
        draft.reject([row for part in parts for row in part.records("rejects", Reject)])
        draft.notes = {"mlflow_run": step.run_id}
        step.metrics(counts(draft) | {"seconds": sum(part.manifest["notes"]["seconds"] for part in parts)})
    return draft.result()


@lru_cache(maxsize=1)  # loaded once per process, not once a recipe and shard
def _open_chat(backbone: str, config: str) -> Chat:
    return open_chat(backbone, SynthesisConfig.model_validate_json(config), os.environ.get(API_KEY))

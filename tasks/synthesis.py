"""Clips in, training examples out: one task a recipe and shard."""

import os
from functools import lru_cache

from balsa_core.artifact import Artifact, new_artifact
from balsa_core.clips import read_clips
from balsa_core.config import SynthesisConfig
from balsa_core.labels import Ontology, index_sounds
from balsa_core.records import Example
from balsa_core.synthesis import write
from balsa_core.synthesis.chat import Chat, open_chat
from balsa_core.synthesis.recipe import Recipe
from balsa_core.synthesis.requests import draft_requests
from tasks.caching import Work, cached
from tasks.models import Writer
from tasks.site import Site
from tasks.tracking import track

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
    requests = draft_requests(rows, chosen, recipe, config, sounds)
    with track(site, work.place, config.model_dump(), {"clips": clips}) as step:
        written = write.write_targets(
            requests, _open_chat(writer.name, config.model_copy(update={"recipes": ()})), config
        )
        with new_artifact(work.place, inputs=[clips], config=work.config, code=work.code) as draft:
            draft.keep(TABLE, written.kept, Example)
            draft.reject(written.rejected)
            draft.notes = {"mlflow_run": step.run_id}
        step.metrics({"kept": draft.rows, **{f"rejected.{why}": count for why, count in draft.rejected.items()}})
    return draft.result()


@lru_cache(maxsize=1)  # loaded once per process, not once a recipe and shard
def _open_chat(backbone: str, config: SynthesisConfig) -> Chat:
    return open_chat(backbone, config, os.environ.get(API_KEY))

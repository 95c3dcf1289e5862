"""Clips in, training examples out: one task a recipe and shard."""

import os
from typing import Any

from balsa_core.synthesis.requests import draft_requests

from balsa_core.artifact import Artifact, new_artifact
from balsa_core.clips import read_clips
from balsa_core.config import SynthesisConfig
from balsa_core.labels import Ontology, index_sounds
from balsa_core.records import Example
from balsa_core.registry import load_plugin
from balsa_core.synthesis import write
from tasks.caching import Work, cached
from tasks.models import ModelRef
from tasks.site import Site

CHATS = "balsa_core.synthesis.chats"
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
    recipe: Any,
    backbone: ModelRef,
    config: SynthesisConfig,
    ontology: Ontology,
) -> Artifact:
    """Let the backbone write the targets of one recipe for the clips of one shard."""
    rows = read_clips(clips)
    sounds = index_sounds([clip.tags for clip in rows], ontology)
    chosen = [clip.id for clip in rows if clip.shard == shard]
    requests = draft_requests(rows, chosen, recipe, config, sounds)
    chat = load_plugin(CHATS, config.engine).open(backbone.name, config, os.environ.get(API_KEY))
    written = write.write_targets(requests, chat, config)
    with new_artifact(work.place, inputs=[clips], config={"recipe": recipe.identity()}, code=work.code) as draft:
        draft.keep(TABLE, written.kept, Example)
        draft.reject(written.rejected)
    return draft.result()

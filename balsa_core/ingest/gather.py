"""Clips of several shards in, one list without duplicates out; the audio stays where it is."""

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from balsa_core.records import Clip, Reject

VERSION = "1"


class Gathered(NamedTuple):
    """What is kept, and what was there before: kept + rejected are all clips of all shards."""

    kept: list[Clip]
    rejected: list[Reject]


def merge_shards(shards: Sequence[Sequence[Clip]]) -> Gathered:
    """The clips in order, each with the number of its shard; the first of equal ids or equal audio stays."""
    ids: dict[str, int] = {}
    sounds: dict[str, str] = {}
    gathered = Gathered([], [])
    for number, clips in enumerate(shards):
        for clip in clips:
            if clip.id in ids:
                detail = f"shard {ids[clip.id]} has a clip of this id"
                gathered.rejected.append(Reject(id=clip.id, reason="duplicate_id", detail=detail))
            elif clip.audio_sha256 in sounds:
                detail = f"the same samples as {sounds[clip.audio_sha256]}"
                gathered.rejected.append(Reject(id=clip.id, reason="duplicate_audio", detail=detail))
            else:
                ids[clip.id] = number
                sounds[clip.audio_sha256] = clip.id
                gathered.kept.append(replace(clip, shard=number))
    return gathered

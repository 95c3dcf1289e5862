"""A clips artifact in, its records and their audio out.

The clips artifact (table `clips`) holds metadata only; its inputs are the shards, whose table `clips` has the same
rows and a column `pcm`. So text steps never read audio, and audio is stored once.
"""

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from balsa_core.artifact import Artifact
from balsa_core.audio import Waveform, from_pcm
from balsa_core.records import Clip, schema_of

TABLE = "clips"
PCM = "pcm"
AUDIO_SCHEMA = schema_of(Clip).append(pa.field(PCM, pa.binary(), nullable=False))


def read_clips(clips: Artifact) -> list[Clip]:
    """The records of a clips artifact, without audio."""
    return clips.records(TABLE, Clip)


def read_pcm(clips: Artifact, wanted: Sequence[Clip]) -> Iterator[tuple[Clip, bytes]]:
    """The wanted clips with their 16-bit PCM, shard by shard (not in the order of `wanted`); memory: one row group.

    Only row groups that hold a wanted clip are read. ValueError when a clip is not where it says.
    """
    by_shard: dict[int, dict[str, Clip]] = {}
    for clip in wanted:
        by_shard.setdefault(clip.shard, {})[clip.id] = clip
    shards = clips.inputs() if by_shard else []
    for number in sorted(by_shard):
        with shards[number].path(f"{TABLE}.parquet").open("rb") as file:
            yield from _read_wanted(pq.ParquetFile(file), dict(by_shard[number]), number)


def _read_wanted(file: pq.ParquetFile, wanted: dict[str, Clip], shard: int) -> Iterator[tuple[Clip, bytes]]:
    for group in range(file.num_row_groups):
        ids = file.read_row_group(group, columns=["id"])["id"].to_pylist()
        if not wanted.keys().isdisjoint(ids):
            pcm = file.read_row_group(group, columns=[PCM])[PCM]
            for row, clip_id in enumerate(ids):
                if clip_id in wanted:
                    yield wanted.pop(clip_id), pcm[row].as_py()
    if wanted:
        raise ValueError(f"shard {shard} has no audio of {', '.join(sorted(wanted)[:3])}")


def read_waveforms(clips: Artifact, wanted: Sequence[Clip]) -> dict[str, Waveform]:
    """The waveforms of the wanted clips by id. Memory: 64 kB a second of audio."""
    return {clip.id: from_pcm(pcm) for clip, pcm in read_pcm(clips, wanted)}

"""A clips artifact in, its records and their audio out.

The clips artifact (table `clips`) holds metadata only; its inputs are the shards, whose table `clips` has the same
rows and a column `pcm`. So text steps never read audio, and audio is stored once.
"""

from collections.abc import Iterator, Sequence

import pyarrow as pa
import pyarrow.parquet as pq

from balsa_core.artifact import ROWS_PER_GROUP, Artifact
from balsa_core.audio import Waveform, from_pcm
from balsa_core.records import Clip, schema_of

TABLE = "clips"
PCM = "pcm"
AUDIO_SCHEMA = schema_of(Clip).append(pa.field(PCM, pa.binary(), nullable=False))


def read_clips(clips: Artifact) -> list[Clip]:
    """The records of a clips artifact, without audio."""
    return clips.records(TABLE, Clip)


def read_pcm(clips: Artifact, wanted: Sequence[Clip]) -> Iterator[tuple[Clip, bytes]]:
    """The wanted clips with their 16-bit PCM, shard by shard (not in the order of `wanted`)."""
    shards = clips.inputs()
    for index in sorted({clip.shard for clip in wanted}):
        by_id = {clip.id: clip for clip in wanted if clip.shard == index}
        with shards[index].path(f"{TABLE}.parquet").open("rb") as file:
            for batch in pq.ParquetFile(file).iter_batches(ROWS_PER_GROUP, columns=["id", PCM]):
                for clip_id, pcm in zip(batch["id"].to_pylist(), batch[PCM], strict=True):
                    if clip_id in by_id:
                        yield by_id[clip_id], pcm.as_py()


def read_waveforms(clips: Artifact, wanted: Sequence[Clip]) -> dict[str, Waveform]:
    """The waveforms of the wanted clips by id. Memory: 64 kB a second of audio."""
    return {clip.id: from_pcm(pcm) for clip, pcm in read_pcm(clips, wanted)}

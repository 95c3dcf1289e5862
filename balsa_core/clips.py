"""A clips artifact in, its records and their audio out.

The clips artifact (table `clips`) holds metadata only; its inputs are the shards, whose table `clips` has the same
rows and a column `pcm`. So text steps never read audio, and audio is stored once.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from balsa_core.artifact import ROWS_PER_GROUP, Artifact
from balsa_core.audio import Waveform, from_pcm
from balsa_core.records import Clip, schema_of

TABLE = "clips"
PCM = "pcm"
BYTES_PER_GROUP = 128 << 20  # what bounds the memory when clips are long
# Samples hardly shrink, and beside them the other columns are nothing: all is stored as it is.
PLAIN = {"compression": "none", "use_dictionary": False, "write_statistics": False}
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


def write_audio(path: Path, rows: Iterable[tuple[Clip, bytes]]) -> int:
    """Write clips and their PCM as they come, a row group at a time; returns how many. Memory: one row group."""
    num_rows = 0
    with pq.ParquetWriter(path, AUDIO_SCHEMA, **PLAIN) as writer:
        for group in _row_groups(rows):
            writer.write_batch(group)
            num_rows += group.num_rows
    return num_rows


def _row_groups(rows: Iterable[tuple[Clip, bytes]]) -> Iterator[pa.RecordBatch]:
    group: list[dict] = []
    num_bytes = 0
    for clip, pcm in rows:
        group.append(asdict(clip) | {PCM: pcm})
        num_bytes += len(pcm)
        if len(group) == ROWS_PER_GROUP or num_bytes >= BYTES_PER_GROUP:
            yield pa.RecordBatch.from_pylist(group, schema=AUDIO_SCHEMA)
            group, num_bytes = [], 0
    if group:
        yield pa.RecordBatch.from_pylist(group, schema=AUDIO_SCHEMA)

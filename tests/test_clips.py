"""The audio of wanted clips comes out of the shards in which it lies."""

from dataclasses import replace

import numpy as np
import pytest

from balsa_core.artifact import ROWS_PER_GROUP, Artifact, Place, new_artifact
from balsa_core.audio import pcm_sha256, to_pcm
from balsa_core.clips import AUDIO_SCHEMA, PCM, TABLE, read_clips, read_pcm, read_waveforms
from balsa_core.ingest.shards import write_shard
from balsa_core.records import Clip
from tests.sounds import tone


def make_clip(number: int) -> tuple[Clip, bytes]:
    """A short clip whose pitch is its number."""
    pcm = to_pcm(tone(100.0 + number, 0.02))
    clip = Clip(
        id=f"clip-{number}",
        corpus="test",
        split="train",
        tags=("beep",),
        caption=None,
        transcript=None,
        attributes=(("Gender", "female"),),
        group="",
        licence=None,
        num_samples=len(pcm) // 2,
        audio_sha256=pcm_sha256(pcm),
    )
    return clip, pcm


def make_clips(store: str, sizes: tuple[int, ...]) -> Artifact:
    """A clips artifact whose shards hold so many clips."""
    shards, kept = [], []
    for shard, size in enumerate(sizes):
        rows = [make_clip(sum(sizes[:shard]) + n) for n in range(size)]
        with new_artifact(Place(store, "shard", str(shard), "0")) as draft:
            write_shard(draft, rows)
        shards.append(draft.result())
        kept += [replace(clip, shard=shard) for clip, _ in rows]
    with new_artifact(Place(store, "clips", "all", "0"), inputs=shards) as draft:
        draft.keep(TABLE, kept, Clip)
    return draft.result()


def test_all_clips_come_with_their_own_audio(store: str) -> None:
    clips = make_clips(store, (3, 0, 70))
    found = list(read_pcm(clips, read_clips(clips)))
    assert len(found) == 73
    assert all(clip.audio_sha256 == pcm_sha256(pcm) for clip, pcm in found)


def test_only_the_wanted_clips_come(tmp_path_factory: pytest.TempPathFactory) -> None:
    clips = make_clips(str(tmp_path_factory.mktemp("store")), (70, 70))
    wanted = [clip for clip in read_clips(clips) if clip.id in ("clip-1", "clip-69", "clip-100")]
    assert {clip.id for clip, _ in read_pcm(clips, wanted)} == {"clip-1", "clip-69", "clip-100"}
    assert {clip_id: len(sound) for clip_id, sound in read_waveforms(clips, wanted).items()} == dict.fromkeys(
        ("clip-1", "clip-69", "clip-100"), 320
    )


def test_no_clip_wanted_is_nothing_read(tmp_path_factory: pytest.TempPathFactory) -> None:
    clips = make_clips(str(tmp_path_factory.mktemp("store")), (2,))
    assert list(read_pcm(clips, [])) == []


def test_a_clip_that_is_not_where_it_says_is_an_error(tmp_path_factory: pytest.TempPathFactory) -> None:
    clips = make_clips(str(tmp_path_factory.mktemp("store")), (2, 2))
    lost = replace(read_clips(clips)[0], shard=1)
    with pytest.raises(ValueError, match="shard 1 has no audio of clip-0"):
        list(read_pcm(clips, [lost]))


def test_a_waveform_is_float32_between_minus_one_and_one(tmp_path_factory: pytest.TempPathFactory) -> None:
    clips = make_clips(str(tmp_path_factory.mktemp("store")), (1,))
    waveform = read_waveforms(clips, read_clips(clips))["clip-0"]
    assert waveform.dtype == np.float32
    assert np.abs(waveform - tone(100.0, 0.02)).max() < 1e-4


def test_the_clips_table_holds_no_audio(tmp_path_factory: pytest.TempPathFactory) -> None:
    clips = make_clips(str(tmp_path_factory.mktemp("store")), (1,))
    assert PCM not in clips.table(TABLE).column_names
    assert PCM in AUDIO_SCHEMA.names


def test_a_shard_has_row_groups_of_64(tmp_path_factory: pytest.TempPathFactory) -> None:
    import pyarrow.parquet as pq

    shard = make_clips(str(tmp_path_factory.mktemp("store")), (130,)).inputs()[0]
    with shard.path(f"{TABLE}.parquet").open("rb") as file:
        facts = pq.ParquetFile(file).metadata
    assert [facts.row_group(n).num_rows for n in range(facts.num_row_groups)] == [64, 64, 2]
    assert ROWS_PER_GROUP == 64
    pcm = facts.row_group(0).column(AUDIO_SCHEMA.names.index(PCM))
    assert pcm.compression == "UNCOMPRESSED"
    assert not any("DICTIONARY" in encoding for encoding in pcm.encodings)

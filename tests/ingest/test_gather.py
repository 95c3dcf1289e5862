"""Shards in, one list without duplicates out."""

from hypothesis import given
from hypothesis import strategies as st

from balsa_core.ingest.gather import merge_shards
from balsa_core.records import Clip

clips = st.builds(
    Clip,
    id=st.sampled_from("abcdefgh"),
    corpus=st.just("test"),
    split=st.just("train"),
    tags=st.just(("dog",)),
    caption=st.none(),
    transcript=st.none(),
    attributes=st.just(()),
    group=st.just(""),
    licence=st.none(),
    num_samples=st.just(1),
    audio_sha256=st.sampled_from("12345678"),
    shard=st.just(0),
)


@given(st.lists(st.lists(clips, max_size=5), max_size=5))
def test_every_clip_is_kept_or_rejected_and_none_is_twice(shards: list[list[Clip]]) -> None:
    gathered = merge_shards(shards)
    assert len(gathered.kept) + len(gathered.rejected) == sum(map(len, shards))
    assert len({clip.id for clip in gathered.kept}) == len(gathered.kept)
    assert len({clip.audio_sha256 for clip in gathered.kept}) == len(gathered.kept)
    assert {reject.reason for reject in gathered.rejected} <= {"duplicate_id", "duplicate_audio"}


@given(st.lists(st.lists(clips, max_size=5), max_size=5))
def test_a_kept_clip_says_in_which_shard_its_audio_is(shards: list[list[Clip]]) -> None:
    for clip in merge_shards(shards).kept:
        assert (clip.id, clip.audio_sha256) in {(one.id, one.audio_sha256) for one in shards[clip.shard]}


@given(st.lists(clips, max_size=8))
def test_the_first_stays(found: list[Clip]) -> None:
    kept = merge_shards([found]).kept
    assert kept[:1] == found[:1]
    order = [found.index(clip) for clip in kept]
    assert order == sorted(order)

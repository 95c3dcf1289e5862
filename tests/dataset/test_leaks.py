from dataclasses import replace

import pytest

from balsa_core.dataset.leaks import leaking_clips, remove_leaks
from balsa_core.records import Clip
from tests.dataset.things import made_clip, made_example

HELD_OUT = [made_clip(number, group=f"source-{number}")[0] for number in range(3)]
CLEAN = made_clip(10, group="source-10")[0]


@pytest.mark.parametrize(
    ("clip", "reason"),
    [
        (replace(CLEAN, id=HELD_OUT[0].id), "held_out_id"),
        (replace(CLEAN, audio_sha256=HELD_OUT[1].audio_sha256), "held_out_audio"),
        (replace(CLEAN, group="source-2"), "held_out_group"),
        (replace(CLEAN, group="source-10+source-2"), "held_out_group"),
    ],
)
def test_a_leaking_clip_takes_its_examples_with_it(clip: Clip, reason: str) -> None:
    clips = [CLEAN, replace(clip, id=clip.id if clip.id != CLEAN.id else "leaking")]
    examples = [made_example(0, clips[0]), made_example(1, clips[1]), made_example(2, *clips)]
    kept, rejected = remove_leaks(examples, clips, HELD_OUT)
    assert [row.id for row in kept] == ["positive-0"]
    assert [(row.id, row.reason) for row in rejected] == [("positive-1", reason), ("positive-2", reason)]
    assert len(kept) + len(rejected) == len(examples)


def test_no_group_is_no_shared_group() -> None:
    assert not leaking_clips([replace(CLEAN, group="")], [replace(HELD_OUT[0], group="")])


def test_the_same_group_name_in_another_corpus_is_another_group() -> None:
    assert not leaking_clips([replace(CLEAN, corpus="other", group="source-2")], HELD_OUT)


def test_nothing_held_out_keeps_everything() -> None:
    examples = [made_example(0, CLEAN)]
    assert remove_leaks(examples, [CLEAN], []) == (examples, [])

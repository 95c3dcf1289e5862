from hypothesis import given
from hypothesis import strategies as st

from balsa_core.records import Clip
from balsa_core.synthesis.pairs import Ring
from tests.synthesis.things import made_clip

LABELS = ["dog", "cat", "rain"]
tables = st.lists(
    st.tuples(st.sets(st.sampled_from(LABELS), min_size=1), st.sampled_from(["train", "test"])), min_size=1, max_size=30
)


def clips_of(table: list[tuple[set[str], str]]) -> list[Clip]:
    return [made_clip(f"clip-{n}", *sorted(tags), split=split) for n, (tags, split) in enumerate(table)]


@given(tables, st.integers(0, 3), st.integers(1, 3))
def test_partners_are_other_clips_of_the_split_with_other_sounds(
    table: list[tuple[set[str], str]], index: int, num_partners: int
) -> None:
    clips = clips_of(table)
    ring = Ring(clips, seed=0)
    for clip in clips:
        partners = ring.partners(clip, num_partners, index)
        fitting = {other.id for other in clips if other.split == clip.split and set(other.tags) != set(clip.tags)}
        assert len(partners) == min(num_partners, len(fitting))
        assert {partner.id for partner in partners} <= fitting
        assert len({partner.id for partner in partners}) == len(partners)


@given(tables, st.randoms(use_true_random=False))
def test_pairs_do_not_depend_on_the_order_of_the_table(table: list[tuple[set[str], str]], random: object) -> None:
    clips = clips_of(table)
    shuffled = list(clips)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    assert [Ring(clips, 1).partners(clip, 1, 0) for clip in clips] == [
        Ring(shuffled, 1).partners(clip, 1, 0) for clip in clips
    ]


def test_a_new_clip_changes_only_the_pairs_that_it_enters() -> None:
    clips = clips_of([({LABELS[n % 3]}, "train") for n in range(60)])
    new = made_clip("new", "dog")
    before, after = Ring(clips, 0), Ring([*clips, new], 0)
    changed = [clip for clip in clips if before.partners(clip, 1, 0) != after.partners(clip, 1, 0)]
    assert all(after.partners(clip, 1, 0) == (new,) for clip in changed)
    assert len(changed) < 10


def test_another_seed_and_another_index_draw_other_pairs() -> None:
    clips = clips_of([({LABELS[n % 3]}, "train") for n in range(60)])
    drawn = [[Ring(clips, seed).partners(clip, 1, index) for clip in clips] for seed, index in ((0, 0), (0, 1), (1, 0))]
    assert drawn[0] != drawn[1]
    assert drawn[0] != drawn[2]


def test_two_clips_of_the_same_samples_are_no_pair() -> None:
    one, same = made_clip("one", "dog"), made_clip("same", "cat")
    same = type(same)(**{**same.__dict__, "audio_sha256": one.audio_sha256})
    assert Ring([one, same], 0).partners(one, 1, 0) == ()


def test_captions_tell_clips_without_tags_apart() -> None:
    one, two, three = (
        made_clip(name, caption=text) for name, text in (("1", "A dog."), ("2", "A cat."), ("3", "A dog."))
    )
    assert Ring([one, two, three], 0).partners(one, 2, 0) == (two,)

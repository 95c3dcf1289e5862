"""Mixtures of two clips in which both are heard."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pytest

from balsa_core.ingest.mixing import loudest_rms, mix_parts, with_mixtures
from balsa_core.records import Entry, Part
from tests.sounds import hiss, tone


def entry(number: int, tag: str, group: str | None = None) -> Entry:
    return Entry(
        id=f"clip{number}",
        corpus="test",
        split="train",
        parts=(Part(path=f"{number}.wav"),),
        tags=(tag,),
        group=group or f"group{number}",
        licence="CC0" if number % 2 else "CC BY",
        stamp=str(number),
    )


ENTRIES = [entry(number, ("dog", "rain", "siren")[number % 3]) for number in range(12)]


def test_the_entries_come_first_and_unchanged() -> None:
    mixed = with_mixtures(ENTRIES, 5, seed=0)
    assert mixed[:12] == ENTRIES
    assert len(mixed) == 17


def test_a_mixture_says_what_is_in_it() -> None:
    by_id = {one.id: one for one in ENTRIES}
    for mixture in with_mixtures(ENTRIES, 50, seed=0)[12:]:
        one, other = (by_id[part.path.replace(".wav", "").join(("clip", ""))] for part in mixture.parts)
        assert mixture.tags == one.tags + other.tags
        assert one.tags != other.tags
        assert set(mixture.group.split("+")) == {one.group, other.group}
        assert set((mixture.licence or "").split(" + ")) == {one.licence, other.licence}
        assert mixture.stamp == f"{one.stamp}+{other.stamp}"
        assert mixture.split == "train"


def test_mixtures_vary_in_gain_and_onset() -> None:
    parts = [part for mixture in with_mixtures(ENTRIES, 50, seed=0)[12:] for part in mixture.parts]
    gains = {part.gain_db for part in parts}
    assert len(gains) > 20
    assert min(gains) >= -6
    assert max(gains) == 0
    assert len({part.onset_s for part in parts}) > 20
    assert all(0 <= part.onset_s <= 1 for part in parts)
    assert Counter(part.onset_s == 0 for part in parts)[True] >= 50


def test_ids_are_unique_and_come_again() -> None:
    mixed = with_mixtures(ENTRIES, 50, seed=0)
    assert len({one.id for one in mixed}) == len(mixed)
    assert with_mixtures(ENTRIES, 50, seed=0) == mixed
    assert with_mixtures(ENTRIES, 20, seed=0) == mixed[:32]
    assert with_mixtures(ENTRIES, 50, seed=1)[12:] != mixed[12:]


@pytest.mark.parametrize(
    "entries",
    [
        [],
        [entry(1, "dog")],
        [entry(1, "dog"), entry(2, "dog")],
        [entry(1, "dog", "same"), entry(2, "rain", "same")],
        [replace(entry(1, "dog"), tags=()), entry(2, "rain")],
    ],
)
def test_what_cannot_be_mixed_is_refused(entries: list[Entry]) -> None:
    assert with_mixtures(entries, 0, seed=0) == entries
    with pytest.raises(ValueError, match="set num_mixtures to 0"):
        with_mixtures(entries, 1, seed=0)


def test_a_rare_pair_is_found_in_a_large_corpus() -> None:
    entries = [entry(number, "dog") for number in range(100)] + [entry(100, "rain")]
    assert {one.tags for one in with_mixtures(entries, 20, seed=0)[101:]} <= {("dog", "rain"), ("rain", "dog")}


def test_a_quiet_clip_is_as_loud_as_a_loud_one() -> None:
    loud, quiet = tone(440.0, 1.0, peak=0.9), tone(880.0, 1.0, peak=0.05)
    mixed = mix_parts([loud, quiet], [Part(path="a"), Part(path="b")])
    spectrum = np.abs(np.fft.rfft(mixed))
    assert spectrum[440] == pytest.approx(spectrum[880], rel=0.01)


def test_gain_and_onset_are_those_of_the_part() -> None:
    mixed = mix_parts(
        [tone(440.0, 1.0), tone(440.0, 1.0)], [Part(path="a"), Part(path="b", gain_db=-20.0, onset_s=2.0)]
    )
    assert mixed.shape == (48_000,)
    assert np.abs(mixed[16_000:32_000]).max() == 0
    assert loudest_rms(mixed[32_000:]) == pytest.approx(loudest_rms(mixed[:16_000]) / 10, rel=1e-3)


def test_a_mixture_is_not_clipped() -> None:
    click = np.zeros(16_000, dtype=np.float32)
    click[100] = 0.5
    assert np.abs(mix_parts([click, click], [Part(path="a"), Part(path="b")])).max() == pytest.approx(1.0)


def test_the_loudest_second_counts() -> None:
    bark = np.concatenate([np.zeros(64_000, dtype=np.float32), hiss(0, 1.0)])
    assert loudest_rms(bark) == pytest.approx(0.1, rel=0.02)
    assert loudest_rms(hiss(0, 0.25)) == pytest.approx(0.1, rel=0.05)

"""Every entry comes out once: as a clip with its audio, or as a reject with its reason."""

import io
import re
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
import soundfile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from balsa_core.artifact import Place, new_artifact
from balsa_core.audio import Limits, Waveform, from_pcm, pcm_sha256
from balsa_core.clips import PCM, TABLE
from balsa_core.ingest.gather import merge_shards
from balsa_core.ingest.mixing import with_mixtures
from balsa_core.ingest.readers import Options
from balsa_core.ingest.readers.esc50 import PLUGIN as ESC50
from balsa_core.ingest.readers.folders import PLUGIN as FOLDERS
from balsa_core.ingest.readers.manifest import PLUGIN as MANIFEST
from balsa_core.ingest.shards import Result, read_shard, split_shards, write_shard
from balsa_core.records import Clip, Entry, Part, Reject
from tests.ingest.corpora import silence
from tests.sounds import encode, hiss, tone, write

LIMITS = Limits(min_duration_s=0.2, max_duration_s=2.0, silence_dbfs=-60.0)
GOOD = encode(tone(440.0, 0.3))
NAN = np.array([np.nan] * 8000, dtype=np.float32)

# One file of each fault.
FAULTS: dict[str, bytes] = {
    "empty": b"",
    "unreadable": b"<html>404 not found</html>",
    "truncated": GOOD[:5000],
    "silent": encode(silence()),
    "not_finite": encode(NAN, subtype="FLOAT"),
    "too_short": encode(tone(440.0, 0.1)),
    "too_long": encode(tone(440.0, 2.1)),
    "duplicate_audio": encode(
        soundfile.read(io.BytesIO(GOOD), dtype="int16")[0], ".flac"
    ),  # other bytes, equal samples
}


OTHER_REASONS = {"missing", "no_metadata", "duplicate_id"}
GUIDE = Path(__file__).parents[2] / "docs" / "own-audio.md"


def kept(results: list[Result]) -> list[Clip]:
    return [result[0] for result in results if not isinstance(result, Reject)]


def rejects(results: list[Result]) -> list[Reject]:
    return [result for result in results if isinstance(result, Reject)]


def read_folder(root: Path, limits: Limits = LIMITS) -> list[Result]:
    """All files below a root, through the folders reader."""
    entries = list(FOLDERS.entries(str(root), "all", {}))
    return list(read_shard(entries, FOLDERS, str(root), limits))


class Sounds:
    """A corpus in memory: the path of a part names one of some waveforms."""

    name, version, licence, citation, splits = "sounds", "1", "", "", ("train",)

    def __init__(self, waveforms: dict[str, Waveform]) -> None:
        self.waveforms = waveforms

    def identity(self) -> str:
        return "sounds@1"

    def entries(self, root: str | None, split: str, options: Options) -> Iterator[Entry]:
        return (clip_of(path) for path in self.waveforms)

    def load(self, root: str | None, part: Part) -> Waveform:
        return self.waveforms[part.path]


def clip_of(path: str, clip_id: str | None = None) -> Entry:
    return Entry(id=clip_id or path, corpus="sounds", split="train", parts=(Part(path=path),), tags=("dog",))


@pytest.mark.parametrize("reason", FAULTS)
def test_a_fault_is_a_reject_with_its_reason(tmp_path: Path, reason: str) -> None:
    (tmp_path / "dog").mkdir()
    (tmp_path / "dog" / "a.wav").write_bytes(GOOD)
    (tmp_path / "dog" / "b.wav").write_bytes(FAULTS[reason])
    results = read_folder(tmp_path)
    assert [clip.id for clip in kept(results)] == ["dog/a.wav"]
    (reject,) = rejects(results)
    assert (reject.id, reject.reason) == ("dog/b.wav", reason)
    assert reject.detail


def test_a_missing_file_is_a_reject(tmp_path: Path) -> None:
    (tmp_path / "clips.csv").write_text("path,tags\nnowhere.wav,dog\n,dog\nclips.csv/a.wav,dog\n.,dog\n")
    entries = list(MANIFEST.entries(str(tmp_path), "all", {}))
    results = list(read_shard(entries, MANIFEST, str(tmp_path), LIMITS))
    assert [reject.reason for reject in rejects(results)] == ["missing"] * 4


def test_a_clip_of_which_nothing_is_known_is_a_reject(tmp_path: Path) -> None:
    (tmp_path / "stray.wav").write_bytes(GOOD)
    (reject,) = rejects(read_folder(tmp_path))
    assert reject.reason == "no_metadata"


def test_a_second_clip_of_the_same_id_is_a_reject() -> None:
    reader = Sounds({"a": tone(440.0), "b": tone(880.0)})
    results = list(read_shard([clip_of("a", "x"), clip_of("b", "x")], reader, None, LIMITS))
    assert len(kept(results)) == 1
    assert [reject.reason for reject in rejects(results)] == ["duplicate_id"]


def test_an_id_is_free_when_its_first_clip_was_rejected() -> None:
    reader = Sounds({"a": silence(), "b": tone(880.0)})
    results = list(read_shard([clip_of("a", "x"), clip_of("b", "x")], reader, None, LIMITS))
    assert [reject.reason for reject in rejects(results)] == ["silent"]
    assert [clip.id for clip in kept(results)] == ["x"]


def test_a_clip_carries_what_its_corpus_says_and_the_hash_of_its_audio() -> None:
    entry = replace(
        clip_of("a"), caption="A dog.", attributes=(("Gender", "female"),), group="rex", licence="CC0", transcript="x"
    )
    ((clip, pcm),) = list(read_shard([entry], Sounds({"a": tone(440.0)}), None, LIMITS))
    assert (clip.id, clip.tags, clip.caption, clip.transcript) == ("a", ("dog",), "A dog.", "x")
    assert (clip.attributes, clip.group, clip.licence) == ((("Gender", "female"),), "rex", "CC0")
    assert clip.num_samples == 8000 == len(pcm) // 2
    assert clip.audio_sha256 == pcm_sha256(pcm)


def test_a_mixture_holds_both_sounds() -> None:
    reader = Sounds({"a": tone(440.0, 1.0), "b": tone(880.0, 1.0)})
    entry = replace(clip_of("a"), parts=(Part(path="a"), Part(path="b", gain_db=-6.0)))
    ((_, pcm),) = list(read_shard([entry], reader, None, LIMITS))
    spectrum = np.abs(np.fft.rfft(from_pcm(pcm)))
    assert spectrum[440] / spectrum[880] == pytest.approx(10 ** (6 / 20), rel=0.01)


@pytest.mark.parametrize("bad", [silence(), NAN, tone(440.0, 0.1)], ids=["silent", "not_finite", "too_short"])
def test_a_mixture_with_a_bad_part_is_a_reject(bad: Waveform) -> None:
    entry = replace(clip_of("a"), parts=(Part(path="a"), Part(path="b")))
    (reject,) = read_shard([entry], Sounds({"a": tone(440.0), "b": bad}), None, LIMITS)
    assert isinstance(reject, Reject)


def test_a_fault_of_the_program_is_not_hidden_in_a_reject() -> None:
    with pytest.raises(KeyError):
        list(read_shard([clip_of("nowhere")], Sounds({}), None, LIMITS))


@given(st.integers(0, 30), st.integers(1, 10))
def test_shards_hold_all_entries_in_order(num: int, size: int) -> None:
    entries = [clip_of(str(number)) for number in range(num)]
    shards = split_shards(entries, size)
    assert [entry for shard in shards for entry in shard] == entries
    assert all(0 < len(shard) <= size for shard in shards)


files = st.binary(max_size=80) | st.sampled_from([GOOD, *FAULTS.values()]).flatmap(
    lambda data: st.integers(0, len(data)).map(lambda end: data[:end])
)


@given(st.lists(files, min_size=1, max_size=6), st.integers(1, 4))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_what_comes_in_is_kept_or_rejected(
    tmp_path_factory: pytest.TempPathFactory, contents: list[bytes], shard_size: int
) -> None:
    root = tmp_path_factory.mktemp("corpus")
    (root / "dog").mkdir()
    for number, content in enumerate(contents):
        (root / "dog" / f"{number}.wav").write_bytes(content)
    entries = list(FOLDERS.entries(str(root), "all", {}))
    shards = [list(read_shard(shard, FOLDERS, str(root), LIMITS)) for shard in split_shards(entries, shard_size)]
    gathered = merge_shards([kept(shard) for shard in shards])
    turned_away = [reject for shard in shards for reject in rejects(shard)] + gathered.rejected
    assert len(gathered.kept) + len(turned_away) == len(entries) == len(contents)
    assert sorted([clip.id for clip in gathered.kept] + [reject.id for reject in turned_away]) == [
        entry.id for entry in entries
    ]
    # The size of the shards is a matter of speed: the same clips are kept without shards.
    assert [clip.id for clip in gathered.kept] == [
        clip.id for clip in kept(list(read_shard(entries, FOLDERS, str(root), LIMITS)))
    ]


def test_a_written_shard_is_read_back(store: str) -> None:
    reader = Sounds({"a": tone(440.0), "b": silence(), "c": tone(880.0)})
    with new_artifact(Place(store, "shard", "0", "0")) as draft:
        write_shard(draft, read_shard([clip_of(path) for path in "abc"], reader, None, LIMITS))
    shard = draft.result()
    assert shard.rows == 2
    assert shard.manifest["rejected"] == {"silent": 1}
    assert [clip.id for clip in shard.records(TABLE, Clip)] == ["a", "c"]
    assert [reject.id for reject in shard.records("rejects", Reject)] == ["b"]
    assert np.abs(from_pcm(shard.table(TABLE)[PCM][1].as_py()) - tone(880.0)).max() < 1e-4


def test_a_shard_of_which_nothing_was_kept_is_an_empty_table(tmp_path: Path) -> None:
    with new_artifact(Place(str(tmp_path), "shard", "0", "0")) as draft:
        write_shard(draft, read_shard([clip_of("b")], Sounds({"b": silence()}), None, LIMITS))
    assert draft.result().records(TABLE, Clip) == []
    assert draft.result().manifest["rejected"] == {"silent": 1}


def test_the_same_clips_are_the_same_shard(tmp_path: Path) -> None:
    def make(name: str) -> str:
        with new_artifact(Place(str(tmp_path), "shard", name, "0")) as draft:
            write_shard(draft, read_shard([clip_of("a")], Sounds({"a": tone(440.0)}), None, LIMITS))
        return draft.result().digest

    assert make("one") == make("two")


def test_memory_is_that_of_a_row_group_and_not_of_a_shard(tmp_path: Path) -> None:
    class Endless(Sounds):
        def load(self, root: str | None, part: Part) -> Waveform:
            return hiss(int(part.path), 2.0)

    entries = [clip_of(str(number)) for number in range(640)]  # 41 MB of PCM
    tracemalloc.start()
    with new_artifact(Place(str(tmp_path), "shard", "0", "0")) as draft:
        write_shard(draft, read_shard(entries, Endless({}), None, LIMITS))
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert draft.rows == 640
    assert peak_bytes < 12e6  # a row group is 4.1 MB


def test_long_clips_make_smaller_row_groups(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("balsa_core.clips.BYTES_PER_GROUP", 40_000)
    reader = Sounds({str(number): hiss(number, 0.5) for number in range(7)})
    with new_artifact(Place(str(tmp_path), "shard", "0", "0")) as draft:
        write_shard(draft, read_shard(reader.entries(None, "", {}), reader, None, LIMITS))
    facts = pq.ParquetFile(Path(draft.result().path(f"{TABLE}.parquet"))).metadata
    assert [facts.row_group(group).num_rows for group in range(facts.num_row_groups)] == [3, 3, 1]


def test_all_of_esc10_is_kept(shared: Path) -> None:
    root = str(shared / "data/esc10")
    entries = list(ESC50.entries(root, "all", {}))
    results = list(read_shard(entries, ESC50, root, Limits(0.2, 60.0, -60.0)))
    assert len(entries) == 398
    assert rejects(results) == []
    assert Counter(clip.tags[0] for clip in kept(results)).most_common()[-1][1] >= 38


def test_mixtures_of_esc10_are_kept(shared: Path) -> None:
    root = str(shared / "data/esc10")
    mixtures = with_mixtures(list(ESC50.entries(root, "train", {})), 40, seed=0)[-40:]
    results = list(read_shard(mixtures, ESC50, root, Limits(0.2, 60.0, -60.0)))
    assert len(kept(results)) == 40
    assert all(len(clip.tags) == 2 and 4.9 < clip.duration_s < 8.3 for clip in kept(results))


@pytest.fixture
def speech(shared: Path, tmp_path: Path) -> Callable[[], list[Result]]:
    """Real speech in all the formats at hand, through a manifest of absolute paths."""

    def read() -> list[Result]:
        paths = sorted(path for path in (shared / "data/speech").rglob("*") if path.suffix in (".wav", ".flac", ".mp3"))
        lines = [f"{path},speech" for path in paths]
        (tmp_path / "clips.csv").write_text("\n".join(["path,tags", *lines]))
        entries = list(MANIFEST.entries(str(tmp_path), "all", {}))
        return list(read_shard(entries, MANIFEST, str(tmp_path), Limits(0.2, 60.0, -60.0)))

    return read


def test_all_real_speech_is_kept(speech: Callable[[], list[Result]]) -> None:
    results = speech()
    assert rejects(results) == []
    assert len(kept(results)) == 10


def test_the_guide_explains_each_reason() -> None:
    section = GUIDE.read_text().split("## What is rejected")[1].split("\n## ")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)) == set(FAULTS) | OTHER_REASONS


def test_the_example_of_the_guide_runs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(tmp_path / "sounds" / "dog" / "rex.wav", tone(440.0, 0.3))
    (tmp_path / "sounds" / "dog" / "bad.wav").write_bytes(b"no sound")
    monkeypatch.chdir(tmp_path)
    (code,) = re.findall(r"```python\n(.*?)```", GUIDE.read_text(), re.DOTALL)
    exec(compile(code, str(GUIDE), "exec"), {})
    bad, good = capsys.readouterr().out.splitlines()
    assert bad.startswith("dog/bad.wav unreadable")
    assert good == "dog/rex.wav ('dog',) 0.3 9600"

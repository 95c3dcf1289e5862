import hashlib
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from balsa_core.clips import AUDIO_SCHEMA
from balsa_core.dataset import build
from balsa_core.dataset.build import write_dataset
from balsa_core.dataset.card import Card
from balsa_core.records import Clip
from tests.dataset.things import made_clip, made_example

HEARD = [made_clip(number) for number in range(150)]
CLIPS = [clip for clip, _ in HEARD]
EXAMPLES = [
    *(made_example(number, clip) for number, clip in enumerate(CLIPS)),
    *(made_example(number, CLIPS[number], CLIPS[number + 1], recipe="joint") for number in range(10)),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dataset")
    write_dataset(folder, EXAMPLES, CLIPS, HEARD, Card("demo", {"contradiction": 3}))
    return folder


def test_pyarrow_alone_reads_clips_and_examples(folder: Path) -> None:
    clips = pq.read_table(folder / "clips").to_pylist()
    assert {row["id"]: row["pcm"] for row in clips} == {clip.id: pcm for clip, pcm in HEARD}
    examples = pq.read_table(folder / "examples").to_pylist()
    assert sorted(row["id"] for row in examples) == sorted(example.id for example in EXAMPLES)


def test_datasets_opens_the_folder_offline(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from datasets import load_dataset

    files = {"clips": str(folder / "clips" / "*.parquet"), "examples": str(folder / "examples" / "*.parquet")}
    cache = str(tmp_path)
    clips = load_dataset("parquet", data_files=files["clips"], split="train", cache_dir=cache)
    examples = load_dataset("parquet", data_files=files["examples"], split="train", cache_dir=cache)
    assert (len(clips), len(examples)) == (150, 160)
    assert clips[3]["pcm"] == HEARD[3][1]
    assert examples[0]["clip_ids"] == [CLIPS[0].id, CLIPS[1].id]


@pytest.mark.parametrize(("config", "num_rows"), [("clips", 150), ("examples", 160), ("joint", 10), ("positive", 150)])
def test_the_card_names_the_configurations_of_the_hub(
    folder: Path, tmp_path: Path, config: str, num_rows: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    from datasets import load_dataset

    assert len(load_dataset(str(folder), config, split="train", cache_dir=str(tmp_path))) == num_rows


def test_audio_is_stored_plain_and_uncompressed_in_row_groups_of_64(folder: Path) -> None:
    file = pq.ParquetFile(folder / "clips" / "part-00000.parquet")
    assert file.schema_arrow.equals(AUDIO_SCHEMA)
    groups = [file.metadata.row_group(index) for index in range(file.metadata.num_row_groups)]
    assert [group.num_rows for group in groups] == [64, 64, 22]
    (pcm,) = [
        column for column in map(groups[0].column, range(groups[0].num_columns)) if column.path_in_schema == "pcm"
    ]
    assert pcm.compression == "UNCOMPRESSED"
    assert "PLAIN" in pcm.encodings
    assert "RLE_DICTIONARY" not in pcm.encodings


def test_examples_are_compressed_and_each_recipe_has_its_own_files(folder: Path) -> None:
    assert sorted(path.name for path in (folder / "examples").iterdir()) == [
        "joint-00000.parquet",
        "positive-00000.parquet",
    ]
    file = pq.ParquetFile(folder / "examples" / "joint-00000.parquet")
    assert file.metadata.row_group(0).column(0).compression == "ZSTD"


def test_the_card_counts_recipes_licences_and_rejects(folder: Path) -> None:
    card = (folder / "README.md").read_text()
    for line in (
        "| joint@1 | 10 |",
        "| positive@1 | 150 |",
        "| CC0-1.0 | 150 |",
        "| contradiction | 3 |",
        "| pocket@1 | 160 |",
    ):
        assert line in card


def test_the_same_rows_give_the_same_bytes(folder: Path, tmp_path: Path) -> None:
    write_dataset(tmp_path, EXAMPLES, CLIPS, HEARD, Card("demo", {"contradiction": 3}))
    assert digests(tmp_path) == digests(folder)


def test_other_examples_do_not_change_the_files_of_a_recipe(folder: Path, tmp_path: Path) -> None:
    write_dataset(tmp_path, EXAMPLES[:150], CLIPS, HEARD, Card("demo"))
    same = ["clips/part-00000.parquet", "examples/positive-00000.parquet"]
    assert [digests(tmp_path)[name] for name in same] == [digests(folder)[name] for name in same]


def test_long_audio_is_cut_into_several_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(build, "PART_BYTES", 10 * len(HEARD[0][1]))
    write_dataset(tmp_path, EXAMPLES, CLIPS, HEARD, Card("demo"))
    parts = sorted((tmp_path / "clips").iterdir())
    assert [pq.ParquetFile(part).metadata.num_rows for part in parts] == [10] * 15
    assert set(pq.read_table(parts[2])["shard"].to_pylist()) == {2}


def test_audio_streams_through_a_bounded_memory(tmp_path: Path) -> None:
    long = made_clip(0, seconds=10)[1]
    clips = [made_clip(number, seconds=0.01)[0] for number in range(640)]

    def stream() -> Iterator[tuple[Clip, bytes]]:
        for clip in clips:
            yield clip, bytes(long)

    tracemalloc.start()
    write_dataset(tmp_path, [], clips, stream(), Card("demo"))
    peak_bytes = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak_bytes < 64 * len(long) * 3 < 640 * len(long) / 3


def test_an_example_about_an_unknown_clip_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="about made-149, which is not among"):
        write_dataset(tmp_path, EXAMPLES[:150], CLIPS[:-1], HEARD[:-1], Card("demo"))


def test_missing_and_unasked_audio_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no audio of \['made-1'\], unasked audio of \['made-2'\]"):
        write_dataset(tmp_path, [], CLIPS[:2], [HEARD[0], HEARD[2]], Card("demo"))


def test_audio_or_an_example_that_comes_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="made-0 is there twice"):
        write_dataset(tmp_path, [], CLIPS[:1], [HEARD[0], HEARD[0]], Card("demo"))
    with pytest.raises(ValueError, match="positive-0 is there twice"):
        write_dataset(tmp_path / "other", [EXAMPLES[0]] * 2, CLIPS[:1], HEARD[:1], Card("demo"))


def digests(folder: Path) -> dict[str, str]:
    files = (path for path in folder.rglob("*.parquet"))
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}

"""A table of one's own, in four formats, with a mapping of its columns."""

import json
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from balsa_core.ingest.readers.manifest import PLUGIN
from balsa_core.records import Entry, Part
from tests.sounds import hiss, write

ROWS: list[dict[str, Any]] = [
    {"file": "a.wav", "labels": "Dog;Rain", "sentence": None, "gender": None, "subset": "train"},
    {"file": "b.wav", "labels": "", "sentence": "hello, there", "gender": "female", "subset": "train"},
    {"file": "c.wav", "labels": "siren", "sentence": None, "gender": None, "subset": "test"},
]
MAPPING = {
    "path": "file",
    "tags": "labels",
    "transcript": "sentence",
    "attributes": "gender, age_group",
    "split": "subset",
}


def write_table(folder: Path, suffix: str, rows: list[dict[str, Any]] = ROWS) -> None:
    """The rows as a table of a format."""
    rows = [{**row, "age_group": "teens" if row["gender"] else ""} for row in rows]
    path = folder / f"clips{suffix}"
    if suffix == ".parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    elif suffix == ".jsonl":
        path.write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    else:
        delimiter = "," if suffix == ".csv" else "\t"
        lines = [list(rows[0]), *(list(row.values()) for row in rows)]
        cells = [[f'"{cell}"' if cell and "," in cell else cell or "" for cell in line] for line in lines]
        path.write_text("\n".join(delimiter.join(line) for line in cells))


def entries(root: Path, split: str = "all", /, **options: str) -> list[Entry]:
    return list(PLUGIN.entries(str(root), split, options))


def table(root: Path, text: str, name: str = "clips.csv") -> Path:
    """A table as text."""
    (root / name).write_text(text)
    return root


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_each_format_gives_the_same_entries(tmp_path: Path, suffix: str) -> None:
    write_table(tmp_path, suffix)
    one, two = entries(tmp_path, "train", **MAPPING)
    assert (one.id, one.tags, one.transcript, one.attributes) == ("a.wav", ("dog", "rain"), None, ())
    assert (two.tags, two.transcript) == ((), "hello, there")
    assert two.attributes == (("Gender", "female"), ("Age group", "teens"))
    assert [entry.id for entry in entries(tmp_path, "test", **MAPPING)] == ["c.wav"]


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_tags_may_be_a_list(tmp_path: Path, suffix: str) -> None:
    write_table(tmp_path, suffix, [{**row, "labels": ["Dog", "dog", "Door_Knock"]} for row in ROWS])
    assert entries(tmp_path, **MAPPING)[0].tags == ("dog", "door knock")


@pytest.mark.parametrize("separator", [";", "|", ","])
def test_tags_may_be_separated_otherwise(tmp_path: Path, separator: str) -> None:
    table(tmp_path, f'path,tags\na.wav,"Dog{separator} Rain{separator}"\n')
    assert entries(tmp_path, separator=separator)[0].tags == ("dog", "rain")


def test_columns_of_the_usual_names_need_no_mapping(tmp_path: Path) -> None:
    table(tmp_path, "id,path,tags,caption,transcript,split,group,licence\nx,a.wav,dog,A dog.,woof,dev,rex,CC0\n")
    (entry,) = entries(tmp_path, "dev")
    assert entry == Entry(
        id="x",
        corpus="manifest",
        split="dev",
        parts=(Part(path="a.wav"),),
        tags=("dog",),
        caption="A dog.",
        transcript="woof",
        group="rex",
        licence="CC0",
        stamp="missing",
    )


def test_a_row_may_be_a_span_of_a_file(tmp_path: Path) -> None:
    samples = hiss(1, 3.0)
    write(tmp_path / "long.wav", samples)
    table(tmp_path, "path,tags,start_s,end_s\nlong.wav,dog,0.5,1.5\nlong.wav,rain,2,\n")
    one, two = entries(tmp_path)
    assert (one.id, two.id) == ("long.wav#0.5-1.5", "long.wav#2-")
    assert (one.group, two.group) == ("long.wav", "long.wav")
    assert abs(PLUGIN.load(str(tmp_path), one.parts[0]) - samples[8000:24_000]).max() < 1e-4
    assert abs(PLUGIN.load(str(tmp_path), two.parts[0]) - samples[32_000:]).max() < 1e-4


def test_paths_may_be_absolute_or_lack_folder_and_suffix(tmp_path: Path) -> None:
    sound = write(tmp_path / "elsewhere" / "x.wav", hiss())
    root = tmp_path / "root"
    write(root / "clips" / "y.wav", hiss())
    table(root, f"path,tags\n{sound},dog\n")
    assert entries(root)[0].stamp != "missing"
    table(root, "path,tags\ny,dog\n")
    (entry,) = entries(root, folder="clips/", suffix=".wav")
    assert (entry.id, entry.parts[0].path) == ("y", "clips/y.wav")
    assert entry.stamp != "missing"


def test_without_a_split_column_one_group_in_five_is_test(tmp_path: Path) -> None:
    rows = "".join(f"{number}.wav,dog,speaker {number % 50}\n" for number in range(200))
    table(tmp_path, f"path,tags,group\n{rows}")
    train, test = entries(tmp_path, "train"), entries(tmp_path, "test")
    assert len(train) + len(test) == 200
    assert 10 < len(test) < 80
    assert not {entry.group for entry in train} & {entry.group for entry in test}


def test_a_column_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    table(tmp_path, "file,labels\na.wav,dog\n")
    with pytest.raises(ValueError, match="has no column 'sentence' for caption: found file, labels"):
        entries(tmp_path, path="file", caption="sentence")
    with pytest.raises(ValueError, match="has no column 'age' for attributes: found file, labels"):
        entries(tmp_path, path="file", attributes="labels,age")
    with pytest.raises(ValueError, match="say which it is with path=, found file, labels"):
        entries(tmp_path)


def test_a_split_that_is_not_there_is_answered_with_those_that_are(tmp_path: Path) -> None:
    table(tmp_path, "path,tags,split\na.wav,dog,dev\nb.wav,dog,eval\n")
    with pytest.raises(ValueError, match="has no split 'train': choose dev, eval, all"):
        entries(tmp_path, "train")


def test_two_tables_are_a_question(tmp_path: Path) -> None:
    table(table(tmp_path, "path,tags\na.wav,dog\n"), "path,tags\nb.wav,cat\n", "more.csv")
    with pytest.raises(ValueError, match=r"found clips.csv, more.csv: say which with file="):
        entries(tmp_path)
    assert entries(tmp_path, file="more.csv")[0].id == "b.wav"
    with pytest.raises(ValueError, match="found no table at"):
        entries(tmp_path, file="none.csv")


@pytest.mark.parametrize("seconds", ["soon", "-1", "nan", "inf"])
def test_seconds_that_are_none_are_refused_with_their_row(tmp_path: Path, seconds: str) -> None:
    table(tmp_path, f"path,tags,start_s\na.wav,dog,0\nb.wav,dog,{seconds}\n")
    with pytest.raises(ValueError, match=f"row 2: start_s is '{seconds}', wants seconds"):
        entries(tmp_path)


def test_a_row_without_a_path_is_an_entry_that_will_be_missing(tmp_path: Path) -> None:
    table(tmp_path, "path,tags\n,dog\na.wav,cat\n")
    assert [(entry.id, entry.stamp) for entry in entries(tmp_path)] == [("row 1", "missing"), ("a.wav", "missing")]


def test_what_pandas_writes_for_nothing_is_nothing(tmp_path: Path) -> None:
    rows = [{"path": "a.wav", "tags": "dog", "caption": float("nan")}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "clips.parquet")
    assert entries(tmp_path)[0].caption is None


def test_a_column_of_audio_bytes_is_not_read(tmp_path: Path) -> None:
    rows = [{"path": "a.wav", "tags": "dog", "audio": {"bytes": b"x" * 1000, "path": None}}]
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "clips.parquet")
    with pytest.raises(ValueError, match="found path, tags"):
        entries(tmp_path, caption="audio")


words = st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=6)


@given(st.lists(st.tuples(st.lists(words, max_size=3), words | st.none()), min_size=1, max_size=6))
def test_any_words_survive_the_table(
    tmp_path_factory: pytest.TempPathFactory, rows: list[tuple[list[str], str | None]]
) -> None:
    root = tmp_path_factory.mktemp("corpus")
    lines = [{"path": f"{n}.wav", "tags": tags, "caption": caption} for n, (tags, caption) in enumerate(rows)]
    (root / "clips.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    found = entries(root)
    assert [entry.caption for entry in found] == [caption for _, caption in rows]
    assert [entry.tags for entry in found] == [tuple(dict.fromkeys(tag.lower() for tag in tags)) for tags, _ in rows]


@pytest.mark.parametrize(
    ("file", "num"), [("validated.old_schema.tsv", 20), ("validated.pl.cv17plus.tsv", 30)], ids=["old", "new"]
)
def test_common_voice_of_any_age_is_a_manifest(shared: Path, file: str, num: int) -> None:
    found = list(
        PLUGIN.entries(
            str(shared / "data/formats/common_voice"),
            "all",
            {
                "file": file,
                "transcript": "sentence",
                "attributes": "gender,age",
                "group": "client_id",
                "folder": "clips",
            },
        )
    )
    assert len(found) == num
    assert all(entry.transcript and not entry.transcript.startswith('"') for entry in found)
    assert all(entry.parts[0].path.startswith("clips/") for entry in found)


def test_fsd50k_is_a_manifest(shared: Path) -> None:
    options = {"file": "dev.RECONSTRUCTED.csv", "path": "fname", "tags": "labels", "separator": ",", "suffix": ".wav"}
    found = list(PLUGIN.entries(str(shared / "data/formats/fsd50k"), "train", options))
    assert found[0].tags[:2] == ("electric guitar", "guitar")
    assert found[0].parts[0].path == "64760.wav"

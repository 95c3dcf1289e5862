"""What a table file holds, or which line of it is wrong."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from upath import UPath

from balsa_core.ingest.tables import read_table


def write(folder: Path, name: str, data: bytes) -> UPath:
    (folder / name).write_bytes(data)
    return UPath(folder / name)


def test_a_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    assert read_table(write(tmp_path, "a.csv", b"\xef\xbb\xbfpath,tags\r\na.wav,dog\r\n"), "utf-8") == (
        ["path", "tags"],
        [{"path": "a.wav", "tags": "dog"}],
    )


def test_a_quoted_cell_may_hold_commas_and_lines(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "a.csv", b'path,caption\na.wav,"one,\ntwo ""three"""\n'), "utf-8")
    assert table.rows == [{"path": "a.wav", "caption": 'one,\ntwo "three"'}]


def test_a_stray_quote_in_a_tsv_is_text(tmp_path: Path) -> None:
    table = read_table(write(tmp_path, "a.tsv", b'path\tsentence\na.mp3\t"Oh no\nb.mp3\tYes\n'), "utf-8")
    assert [row["sentence"] for row in table.rows] == ['"Oh no', "Yes"]


def test_another_encoding_has_to_be_said(tmp_path: Path) -> None:
    file = write(tmp_path, "a.csv", "path,tags\na.wav,Geräusch\n".encode("latin-1"))
    assert read_table(file, "latin-1").rows[0]["tags"] == "Geräusch"
    with pytest.raises(ValueError, match="is not utf-8: say its encoding"):
        read_table(file, "utf-8")
    with pytest.raises(ValueError, match="no encoding 'klingon'"):
        read_table(file, "klingon")


@pytest.mark.parametrize(
    ("name", "data", "message"),
    [
        ("a.csv", b"path,tags\na.wav\n", "line 2: 1 values for 2 columns"),
        ("a.csv", b'path,tags\n"a.wav,dog\n', "line 2: "),
        ("a.csv", b"path,path\na,b\n", "names a column twice"),
        ("a.jsonl", b'{"path": "a"}\n{\n', "line 2: "),
        ("a.jsonl", b"[1]\n", "line 1: wants an object, found list"),
        ("a.parquet", b"PAR1", "a.parquet: "),
        ("a.xlsx", b"", "is no table: choose a file that ends in .csv, .tsv, .jsonl, .parquet"),
    ],
)
def test_a_wrong_table_says_where(tmp_path: Path, name: str, data: bytes, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read_table(write(tmp_path, name, data), "utf-8")


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl"])
def test_an_empty_file_is_an_empty_table(tmp_path: Path, name: str) -> None:
    assert read_table(write(tmp_path, name, b""), "utf-8") == ([], [])


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.parquet"])
@given(data=st.binary(max_size=60) | st.text('",\t\n{}ab\\', max_size=60).map(str.encode))
def test_any_bytes_are_a_table_or_a_value_error(
    tmp_path_factory: pytest.TempPathFactory, name: str, data: bytes
) -> None:
    file = write(tmp_path_factory.getbasetemp(), name, data)
    try:
        table = read_table(file, "utf-8")
    except ValueError:
        return
    assert all(set(row) <= set(table.columns) for row in table.rows)

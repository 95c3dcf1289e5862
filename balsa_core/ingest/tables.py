"""A CSV, TSV, JSONL or Parquet table in, its columns and rows out."""

import csv
import io
import json
from typing import Any, Literal, NamedTuple

import pyarrow as pa
import pyarrow.parquet as pq
from upath import UPath

SUFFIXES = (".csv", ".tsv", ".jsonl", ".parquet")


class Table(NamedTuple):
    """Column names in order, and one dict a row; an absent value may be absent, None or ""."""

    columns: list[str]
    rows: list[dict[str, Any]]


def read_table(file: UPath, encoding: str) -> Table:
    """The table in a file, by its suffix; ValueError says which line is wrong."""
    suffix = file.suffix.lower()
    if suffix not in SUFFIXES:
        raise ValueError(f"{file} is no table: choose a file that ends in {', '.join(SUFFIXES)}")
    if suffix == ".parquet":
        return _read_parquet(file)
    text = _read_text(file, encoding)
    if suffix == ".jsonl":
        return _read_jsonl(text, file)
    return _read_tsv(text, file) if suffix == ".tsv" else _read_delimited(text, file, ",", csv.QUOTE_MINIMAL)


def _read_text(file: UPath, encoding: str) -> str:
    try:
        return file.read_bytes().decode(encoding).removeprefix("\ufeff")
    except UnicodeDecodeError as exc:
        raise ValueError(f"{file} is not {encoding}: say its encoding, such as encoding=latin-1") from exc
    except LookupError as exc:
        raise ValueError(f"there is no encoding {encoding!r}: choose utf-8 or latin-1") from exc


def _read_tsv(text: str, file: UPath) -> Table:
    """New releases of Common Voice quote their sentences, old ones have stray quotes: quoting is tried first."""
    try:
        return _read_delimited(text, file, "\t", csv.QUOTE_MINIMAL)
    except ValueError:
        return _read_delimited(text, file, "\t", csv.QUOTE_NONE)


def _read_delimited(text: str, file: UPath, delimiter: str, quoting: Literal[0, 3]) -> Table:
    lines = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, quoting=quoting, strict=True)
    try:
        columns = next(lines, [])
        if len(set(columns)) < len(columns):
            raise ValueError(f"{file} names a column twice: {', '.join(columns)}")
        rows = []
        for values in filter(None, lines):
            if len(values) != len(columns):
                raise ValueError(f"{file}, line {lines.line_num}: {len(values)} values for {len(columns)} columns")
            rows.append(dict(zip(columns, values, strict=True)))
    except csv.Error as exc:
        raise ValueError(f"{file}, line {lines.line_num}: {exc}") from exc
    return Table(columns, rows)


def _read_jsonl(text: str, file: UPath) -> Table:
    rows = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as exc:
            raise ValueError(f"{file}, line {number}: {exc}") from exc
        if not isinstance(row, dict):
            raise ValueError(f"{file}, line {number}: wants an object, found {type(row).__name__}")
        rows.append(row)
    return Table(list(dict.fromkeys(name for row in rows for name in row)), rows)


def _read_parquet(file: UPath) -> Table:
    with file.open("rb") as opened:
        try:
            table = pq.ParquetFile(opened)
        except pa.ArrowInvalid as exc:
            raise ValueError(f"{file}: {exc}") from exc
        # Columns of bytes and structs hold audio, which is not read from here.
        columns = [field.name for field in table.schema_arrow if not _holds_audio(field.type)]
        return Table(columns, table.read(columns=columns).to_pylist())


def _holds_audio(kind: pa.DataType) -> bool:
    return pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_struct(kind)

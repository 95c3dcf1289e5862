"""A table of your own: one row a clip, in CSV, TSV, JSONL or Parquet, with a mapping of its columns.

    path,labels,sentence,gender,subset
    a/rex.wav,Dog;Rain,,,train

is read with tags=labels transcript=sentence attributes=gender split=subset, and its row becomes tags ("dog", "rain").
Options that name a column: id, path, tags, caption, transcript, attributes (several, by commas), split, group,
licence, start_s, end_s; a column of the same name needs no option. Other options: file (the table, relative to the
root), separator (of tags, ";"), encoding (utf-8), folder and suffix (put before and after each path).
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from upath import UPath

from balsa_core.audio import Waveform
from balsa_core.ingest.files import Stamps, find_root, load_file
from balsa_core.ingest.readers import Options
from balsa_core.ingest.splits import HASH_SPLITS, refuse_options, refuse_split, split_of
from balsa_core.ingest.tables import SUFFIXES, Table, read_table
from balsa_core.labels import canonical_label
from balsa_core.records import Entry, Pairs, Part

FIELDS = ("id", "path", "tags", "caption", "transcript", "split", "group", "licence", "start_s", "end_s")
SETTINGS = ("attributes", "file", "separator", "encoding", "folder", "suffix")


class Manifest:
    """Clips as a table lists them."""

    name = "manifest"
    version = "1"
    licence = "that of your recordings"
    citation = "none"
    splits = (*HASH_SPLITS, "all")  # without a column split; with one, its values and "all"

    def identity(self) -> str:
        """`name@version`."""
        return f"{self.name}@{self.version}"

    def entries(self, root: str | None, split: str, options: Options) -> Iterator[Entry]:
        """The rows of a split, in the order of the table."""
        refuse_options(self.name, options, (*FIELDS, *SETTINGS))
        folder = find_root(root, self.name)
        table = read_table(_find_table(folder, options), str(options.get("encoding", "utf-8")))
        columns = _map_columns(table, options)
        stamps = Stamps(folder)
        entries = [_entry(row, number, columns, options) for number, row in enumerate(table.rows, start=1)]
        refuse_split(self.name, split, (*_known_splits(entries, "split" in columns), "all"))
        for entry in entries:
            if split in ("all", entry.split):
                yield replace(entry, stamp=stamps.of(entry.parts[0].path))

    def load(self, root: str | None, part: Part) -> Waveform:
        """A file, or a span of it."""
        return load_file(root, part)


def _find_table(folder: UPath, options: Options) -> UPath:
    if "file" in options:
        file = folder / str(options["file"])
        if not file.is_file():
            raise ValueError(f"manifest found no table at {file}")
        return file
    tables = sorted((path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES), key=lambda path: path.name)
    if len(tables) != 1:
        found = ", ".join(path.name for path in tables) or "none"
        raise ValueError(f"manifest wants one table in {folder}, found {found}: say which with file=")
    return tables[0]


def _map_columns(table: Table, options: Options) -> dict[str, str]:
    """Which column holds which field."""
    named = {field: str(options[field]) for field in FIELDS if field in options}
    wanted = list(named.items()) + [("attributes", column) for column in _attribute_columns(options)]
    for field, column in wanted:
        if column not in table.columns:
            raise ValueError(f"manifest has no column {column!r} for {field}: found {', '.join(table.columns)}")
    columns = {field: field for field in FIELDS if field in table.columns} | named
    if "path" not in columns:
        raise ValueError(f"manifest has no column 'path': say which it is with path=, found {', '.join(table.columns)}")
    return columns


def _attribute_columns(options: Options) -> list[str]:
    return [column.strip() for column in str(options.get("attributes", "")).split(",") if column.strip()]


def _entry(row: Mapping[str, Any], number: int, columns: Mapping[str, str], options: Options) -> Entry:
    texts = {field: _text(row.get(column)) for field, column in columns.items()}
    start_s, end_s = (_seconds(texts.get(field), field, number) for field in ("start_s", "end_s"))
    path = texts["path"]
    span = "" if start_s is None and end_s is None else f"#{start_s or 0.0:g}-{'' if end_s is None else f'{end_s:g}'}"
    group = texts.get("group") or path or f"row {number}"
    return Entry(
        id=texts.get("id") or (f"{path}{span}" if path else f"row {number}"),
        corpus=Manifest.name,
        split=(texts["split"] or "") if "split" in columns else split_of(group),
        parts=(Part(path=_file_path(path, options), start_s=start_s or 0.0, end_s=end_s),),
        tags=_tags(row.get(columns.get("tags", "")), str(options.get("separator", ";"))),
        caption=texts.get("caption"),
        transcript=texts.get("transcript"),
        attributes=_attributes(row, options),
        group=group,
        licence=texts.get("licence"),
    )


def _file_path(path: str | None, options: Options) -> str:
    if path is None:
        return ""
    folder = str(options.get("folder", "")).rstrip("/")
    return f"{folder}/{path}{options.get('suffix', '')}" if folder else f"{path}{options.get('suffix', '')}"


def _tags(value: Any, separator: str) -> tuple[str, ...]:
    values = value if isinstance(value, list) else (_text(value) or "").split(separator)
    return tuple(dict.fromkeys(filter(None, (canonical_label(_text(item) or "") for item in values))))


def _attributes(row: Mapping[str, Any], options: Options) -> Pairs:
    texts = {column: _text(row.get(column)) for column in _attribute_columns(options)}
    return tuple((_title(column), text) for column, text in texts.items() if text)


def _title(column: str) -> str:
    """How an attribute is named in a seed text: "accent_region" -> "Accent region"."""
    words = column.replace("_", " ").strip()
    return words[:1].upper() + words[1:]


def _text(value: Any) -> str | None:
    """A cell as text; None for an empty one (pandas writes an absent text as NaN)."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return None
    return str(value).strip() or None


def _seconds(text: str | None, field: str, number: int) -> float | None:
    if text is None:
        return None
    try:
        seconds = float(text)
    except ValueError:
        seconds = math.nan
    if not (math.isfinite(seconds) and seconds >= 0):
        raise ValueError(f"manifest, row {number}: {field} is {text!r}, wants seconds")
    return seconds


def _known_splits(entries: list[Entry], named: bool) -> tuple[str, ...]:
    return tuple(sorted({entry.split for entry in entries if entry.split})) if named else HASH_SPLITS


PLUGIN = Manifest()

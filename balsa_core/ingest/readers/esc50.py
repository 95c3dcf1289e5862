"""ESC-50 and its subset ESC-10 as downloaded: five-second recordings of fifty everyday sounds, in five folds.

Reads the layout of the ESC-50 repository (meta/esc50.csv, audio/*.wav) and flat copies (esc10.csv or esc50.csv,
audio/). A row: `1-100032-A-0.wav,1,0,dog,True,100032,A`, which becomes tags ("dog",), group "100032". A copy may say
in a column `redistributable` that a recording is not part of it: such a row is left out unless its file is there.
Option: esc10=1 takes the ten classes of ESC-10 only.
"""

import csv
import io
from collections.abc import Iterator

from upath import UPath

from balsa_core.audio import Waveform
from balsa_core.ingest.files import MISSING, Stamps, find_file, find_root, load_file
from balsa_core.ingest.readers import Options
from balsa_core.ingest.splits import refuse_options, refuse_split
from balsa_core.labels import canonical_label
from balsa_core.records import Entry, Part

TABLES = ("meta/esc50.csv", "esc10.csv", "esc50.csv")
COLUMNS = {"filename", "fold", "category", "esc10", "src_file"}
FOLDS = {f"fold{fold}": (fold,) for fold in range(1, 6)}
SPLITS = {"train": (1, 2, 3, 4), "test": (5,), **FOLDS, "all": (1, 2, 3, 4, 5)}


class Esc50:
    """Environmental sounds with one class each."""

    name = "esc50"
    version = "1"
    licence = "CC BY-NC 3.0; the ESC-10 subset CC BY 3.0; single recordings CC0, CC BY or Sampling+"
    citation = "Piczak, ESC: Dataset for Environmental Sound Classification, ACM Multimedia 2015"
    splits = tuple(SPLITS)

    def identity(self) -> str:
        """`name@version`."""
        return f"{self.name}@{self.version}"

    def entries(self, root: str | None, split: str, options: Options) -> Iterator[Entry]:
        """The recordings of some folds, in the order of the table."""
        refuse_split(self.name, split, self.splits)
        refuse_options(self.name, options, ("esc10",))
        folder = find_root(root, self.name)
        stamps = Stamps(folder)
        for row in _read_rows(find_file(folder, TABLES, self.name)):
            if int(row["fold"]) not in SPLITS[split] or (options.get("esc10") and row["esc10"] != "True"):
                continue
            path = f"audio/{row['filename']}"
            stamp = stamps.of(path)
            if stamp != MISSING or row.get("redistributable") != "no":
                yield _entry(row, split, path, stamp)

    def load(self, root: str | None, part: Part) -> Waveform:
        """One recording."""
        return load_file(root, part)


def _read_rows(table: UPath) -> list[dict[str, str]]:
    reader = csv.DictReader(io.StringIO(table.read_text(encoding="utf-8-sig"), newline=""))
    missing = COLUMNS - set(reader.fieldnames or ())
    if missing:
        raise ValueError(f"{table} has no column {', '.join(sorted(missing))}: is it the table of ESC-50?")
    return list(reader)


def _entry(row: dict[str, str], split: str, path: str, stamp: str) -> Entry:
    return Entry(
        id=row["filename"].rsplit(".", 1)[0],
        corpus=Esc50.name,
        split=split,
        parts=(Part(path=path),),
        tags=(canonical_label(row["category"]),),
        group=row["src_file"],
        licence=row.get("source_licence") or ("CC BY 3.0" if row["esc10"] == "True" else "CC BY-NC 3.0"),
        stamp=stamp,
    )


PLUGIN = Esc50()

"""A small corpus for each reader."""

import csv
from pathlib import Path
from typing import NamedTuple

import numpy as np

from balsa_core.ingest.readers import Options
from tests.sounds import tone, write


class Corpus(NamedTuple):
    """Where a corpus is, how its reader is asked, and how many entries it has in all."""

    root: str | None
    options: Options
    num_entries: int


def esc50(folder: Path) -> Corpus:
    """Ten recordings in five folds, as the ESC-50 repository lays them out."""
    (folder / "meta").mkdir(parents=True)
    rows = [
        (f"{fold}-{source}-A-{target}.wav", fold, target, category, esc10, f"{fold}{source}", "A")
        for fold in range(1, 6)
        for source, target, category, esc10 in ((1, 0, "dog", True), (2, 30, "door_wood_knock", False))
    ]
    with (folder / "meta" / "esc50.csv").open("w", newline="") as file:
        table = csv.writer(file)
        table.writerow(("filename", "fold", "target", "category", "esc10", "src_file", "take"))
        table.writerows(rows)
    for number, row in enumerate(rows):
        write(folder / "audio" / row[0], tone(100.0 + 50 * number, 0.3))
    return Corpus(str(folder), {}, len(rows))


def folders(folder: Path) -> Corpus:
    """Three classes of ten recordings; some of them in two takes."""
    for number in range(30):
        kind = ("Dog", "crackling_fire", "rain")[number % 3]
        write(folder / kind / f"{number:02d}.wav", tone(100.0 + 50 * number, 0.3))
    (folder / "dog_licences.txt").write_text("mine")
    return Corpus(str(folder), {}, 30)


def manifest(folder: Path) -> Corpus:
    """A table of twenty files with tags."""
    lines = ["path,tags,group"]
    for number in range(20):
        write(folder / "audio" / f"{number}.flac", tone(100.0 + 50 * number, 0.3))
        lines.append(f"audio/{number}.flac,Dog;Rain,speaker {number // 2}")
    (folder / "clips.csv").write_text("\n".join(lines))
    return Corpus(str(folder), {}, 20)


def soundscapes(folder: Path) -> Corpus:
    """Three made scenes a split."""
    return Corpus(None, {"num_clips": 3}, 6)


CORPORA = {"esc50": esc50, "folders": folders, "manifest": manifest, "soundscapes": soundscapes}


def silence(duration_s: float = 0.3) -> np.ndarray:
    """Digital silence."""
    return np.zeros(round(duration_s * 16_000), dtype=np.float32)

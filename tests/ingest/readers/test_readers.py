"""What every reader promises, whatever its corpus."""

import inspect
from collections import Counter
from pathlib import Path
from typing import get_type_hints

import numpy as np
import pytest

from balsa_core.audio import BadAudio
from balsa_core.ingest.readers import Reader
from balsa_core.records import Entry, Part
from balsa_core.registry import load_plugin, plugin_names
from tests.ingest.corpora import CORPORA, Corpus

READERS = "balsa_core.ingest.readers"
NAMES = plugin_names(READERS)


@pytest.fixture(params=sorted(CORPORA))
def known(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Reader, Corpus]:
    """A reader with a small corpus of its kind."""
    return load_plugin(READERS, request.param), CORPORA[request.param](tmp_path / request.param)


def entries_of(reader: Reader, corpus: Corpus, split: str) -> list[Entry]:
    return list(reader.entries(corpus.root, split, corpus.options))


@pytest.mark.parametrize("name", NAMES)
def test_a_reader_says_what_it_is(name: str) -> None:
    reader = load_plugin(READERS, name)
    assert reader.name == name
    assert reader.identity() == f"{name}@{reader.version}"
    assert reader.licence
    assert reader.citation
    assert {"train", "test"} <= set(reader.splits)


@pytest.mark.parametrize("name", NAMES)
def test_a_reader_tells_its_story(name: str) -> None:
    module = inspect.getmodule(type(load_plugin(READERS, name)))
    assert module is not None
    assert len((module.__doc__ or "").splitlines()) > 3


@pytest.mark.parametrize("name", NAMES)
def test_a_reader_has_the_signatures_of_the_contract(name: str) -> None:
    reader = load_plugin(READERS, name)
    for method in ("identity", "entries", "load"):
        assert get_type_hints(getattr(type(reader), method)) == get_type_hints(getattr(Reader, method))


def test_the_splits_hold_all_entries_and_share_no_group(known: tuple[Reader, Corpus]) -> None:
    reader, corpus = known
    train, test = (entries_of(reader, corpus, split) for split in ("train", "test"))
    assert train
    assert test
    assert len(train) + len(test) == corpus.num_entries
    assert not {entry.group for entry in train} & {entry.group for entry in test}


def test_entries_come_in_the_same_order_again(known: tuple[Reader, Corpus]) -> None:
    assert entries_of(*known, "train") == entries_of(*known, "train")


def test_ids_are_unique_and_tags_canonical(known: tuple[Reader, Corpus]) -> None:
    entries = entries_of(*known, "train") + entries_of(*known, "test")
    assert max(Counter(entry.id for entry in entries).values()) == 1
    assert all(tag == tag.strip().lower() and "_" not in tag for entry in entries for tag in entry.tags)
    assert all(entry.tags for entry in entries)


def test_an_entry_loads_as_sound(known: tuple[Reader, Corpus]) -> None:
    reader, corpus = known
    entry = entries_of(reader, corpus, "train")[0]
    waveform = reader.load(corpus.root, entry.parts[0])
    assert waveform.dtype == np.float32
    assert waveform.ndim == 1
    assert np.abs(waveform).max() > 0.1
    assert np.array_equal(waveform, reader.load(corpus.root, entry.parts[0]))


def test_a_missing_sound_has_a_reason(known: tuple[Reader, Corpus]) -> None:
    reader, corpus = known
    with pytest.raises(BadAudio) as caught:
        reader.load(corpus.root, Part(path="nowhere/nothing.wav"))
    assert caught.value.reason == "missing"


def test_an_unknown_split_is_answered_with_the_known_ones(known: tuple[Reader, Corpus]) -> None:
    reader, corpus = known
    with pytest.raises(ValueError, match=f"{reader.name} has no split 'holdout': choose .*train"):
        entries_of(reader, corpus, "holdout")


def test_an_unknown_option_is_answered_with_the_known_ones(known: tuple[Reader, Corpus]) -> None:
    reader, corpus = known
    with pytest.raises(ValueError, match=f"{reader.name} has no option colour: choose "):
        list(reader.entries(corpus.root, "train", {**corpus.options, "colour": "red"}))


@pytest.mark.parametrize("name", ["esc50", "folders", "manifest"])
def test_a_corpus_without_a_root_is_an_error(name: str, tmp_path: Path) -> None:
    reader = load_plugin(READERS, name)
    with pytest.raises(ValueError, match="say where with root"):
        list(reader.entries(None, "train", {}))
    with pytest.raises(ValueError, match="found no folder"):
        list(reader.entries(str(tmp_path / "nowhere"), "train", {}))


@pytest.mark.parametrize("name", ["esc50", "folders", "manifest"])
def test_an_empty_root_is_an_error(name: str, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=str(tmp_path)):
        list(load_plugin(READERS, name).entries(str(tmp_path), "train", {}))


@pytest.mark.parametrize("name", ["esc50", "folders", "manifest"])
def test_a_changed_file_is_a_changed_entry(name: str, tmp_path: Path) -> None:
    reader, corpus = load_plugin(READERS, name), CORPORA[name](tmp_path / "corpus")
    before = entries_of(reader, corpus, "train")
    path = Path(str(corpus.root)) / before[0].parts[0].path
    path.write_bytes(path.read_bytes() + b"\0\0")
    after = entries_of(reader, corpus, "train")
    assert [one.id for one, other in zip(before, after, strict=True) if one != other] == [before[0].id]


@pytest.mark.parametrize("name", ["esc50", "folders", "manifest"])
def test_a_corpus_on_s3_reads_like_the_local_one(name: str, tmp_path: Path, bucket: str) -> None:
    reader, corpus = load_plugin(READERS, name), CORPORA[name](tmp_path / "corpus")
    upload(Path(str(corpus.root)), bucket)
    remote = corpus._replace(root=f"{bucket}/corpus")
    here, there = entries_of(reader, corpus, "train"), entries_of(reader, remote, "train")
    assert [(entry.id, entry.tags, entry.group) for entry in there] == [
        (entry.id, entry.tags, entry.group) for entry in here
    ]
    assert [entry.stamp.split("@")[0] for entry in there] == [entry.stamp.split("@")[0] for entry in here]
    for one, other in zip(here[:3], there[:3], strict=True):
        assert np.array_equal(reader.load(corpus.root, one.parts[0]), reader.load(remote.root, other.parts[0]))
    with pytest.raises(BadAudio) as caught:
        reader.load(remote.root, Part(path="nothing.wav"))
    assert caught.value.reason == "missing"


def upload(folder: Path, bucket: str) -> None:
    """Copy a corpus to <bucket>/corpus."""
    import s3fs

    s3fs.S3FileSystem().put(f"{folder}/", f"{bucket}/corpus/", recursive=True)

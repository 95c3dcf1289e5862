"""The records that travel between the steps, and their Arrow schemas.

One frozen record per arrow of the pipeline; a change is a copy. Nothing else in the library defines a schema.
"""

import dataclasses
import types
import typing
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

import pyarrow as pa

RATE_HZ = 16_000

Pairs = tuple[tuple[str, str], ...]  # ordered key-value pairs, e.g. (("Gender", "female"),)


@dataclass(frozen=True, kw_only=True)
class Part:
    """One piece of audio inside a clip: a file (or a made sound), where it starts and how loud it is."""

    path: str  # relative to the corpus root, or the reader's own address such as "made:siren:17"
    gain_db: float = 0.0
    onset_s: float = 0.0
    start_s: float = 0.0
    end_s: float | None = None


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What a corpus says of one clip before its audio is decoded."""

    id: str
    corpus: str
    split: str
    parts: tuple[Part, ...]
    tags: tuple[str, ...] = ()
    caption: str | None = None
    transcript: str | None = None
    attributes: Pairs = ()
    group: str = ""  # what must stay together: source recording, speaker
    licence: str | None = None
    stamp: str = ""  # size and time of the files, so that a changed file is a changed entry


@dataclass(frozen=True, kw_only=True)
class Clip:
    """A decoded clip: what is heard in it (the metadata) and which audio it is (the hash)."""

    id: str
    corpus: str
    split: str
    tags: tuple[str, ...]
    caption: str | None
    transcript: str | None
    attributes: Pairs
    group: str
    licence: str | None
    num_samples: int  # at RATE_HZ, mono
    audio_sha256: str  # of the little-endian 16-bit PCM
    shard: int = 0  # which input of the clips artifact holds the audio

    @property
    def duration_s(self) -> float:
        """Length in seconds."""
        return self.num_samples / RATE_HZ


@dataclass(frozen=True, kw_only=True)
class Example:
    """A training example: the instruction, the clips it is about, and the target the backbone wrote."""

    id: str
    recipe: str  # name@version
    clip_ids: tuple[str, ...]
    prompt: str  # the user message, one prompt.AUDIO place holder per clip
    seeds: tuple[str, ...]  # the text that stood in each audio span while the backbone wrote the target
    target: str
    system: str | None
    present: tuple[str, ...]
    absent: tuple[str, ...]
    backbone: str  # identity of the model that wrote the target
    finish_reason: str
    num_tokens: int
    attempt: int


@dataclass(frozen=True, kw_only=True)
class Reject:
    """A row that did not pass, and why. `reason` is one word of a short list, `detail` is for people."""

    id: str
    reason: str
    detail: str


@dataclass(frozen=True, kw_only=True)
class Question:
    """A benchmark item: what is asked about which clips, and the right answer."""

    id: str
    benchmark: str
    clip_ids: tuple[str, ...]
    prompt: str  # one prompt.AUDIO place holder per clip
    seeds: tuple[str, ...]  # the text that replaces the audio when the text ceiling is measured
    answer: str
    kind: str  # a stratum of the benchmark: present, absent, ...
    cluster: str  # questions of one cluster are not independent
    facts: Pairs = ()  # what the scorer needs besides the answer


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """What a model said to a question. Never changed: scoring again does not generate again."""

    question_id: str
    response: str
    finish_reason: str


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What a scorer says of a prediction. `parsed` is None when the response could not be read."""

    question_id: str
    scorer: str
    parsed: str | None
    correct: bool
    value: float | None = None


Record = TypeVar("Record", Entry, Clip, Example, Reject, Question, Prediction, Verdict)

_SCALARS: dict[Any, pa.DataType] = {
    str: pa.string(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
}


def schema_of(record: type[Any]) -> pa.Schema:
    """The Arrow schema of a record type; a field is nullable exactly when its annotation allows None."""
    return pa.schema([_field(name, hint) for name, hint in typing.get_type_hints(record).items()])


def to_table(records: Iterable[Any], record: type[Any]) -> pa.Table:
    """Records as an Arrow table of `schema_of(record)`."""
    return pa.Table.from_pylist([dataclasses.asdict(row) for row in records], schema=schema_of(record))


def from_table(table: pa.Table, record: type[Record]) -> list[Record]:
    """The records of an Arrow table; columns that the record does not have are left out."""
    hints = typing.get_type_hints(record)
    columns = table.select(list(hints))
    return [record(**{name: _value(row[name], hints[name]) for name in hints}) for row in columns.to_pylist()]


def _field(name: str, hint: Any) -> pa.Field:
    inner = _without_none(hint)
    return pa.field(name, _arrow_type(inner), nullable=inner is not hint)


def _without_none(hint: Any) -> Any:
    if isinstance(hint, types.UnionType):
        (inner,) = [arg for arg in typing.get_args(hint) if arg is not type(None)]
        return inner
    return hint


def _arrow_type(hint: Any) -> pa.DataType:
    if hint in _SCALARS:
        return _SCALARS[hint]
    if hint == tuple[str, str]:
        return pa.struct([pa.field("key", pa.string()), pa.field("value", pa.string())])
    if typing.get_origin(hint) is tuple:
        return pa.list_(_arrow_type(typing.get_args(hint)[0]))
    return schema_struct(hint)


def schema_struct(record: type[Any]) -> pa.DataType:
    """The Arrow struct of a record nested in another one."""
    return pa.struct(list(schema_of(record)))


def _value(value: Any, hint: Any) -> Any:
    hint = _without_none(hint)
    if value is None or hint in _SCALARS:
        return value
    if hint == tuple[str, str]:
        return (value["key"], value["value"])
    if typing.get_origin(hint) is tuple:
        inner = typing.get_args(hint)[0]
        return tuple(_value(item, inner) for item in value)
    return hint(**value)

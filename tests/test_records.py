"""Records survive the way to Arrow and Parquet and back."""

import io
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from balsa_core.records import (
    Clip,
    Entry,
    Example,
    Part,
    Prediction,
    Question,
    Reject,
    Verdict,
    from_table,
    schema_of,
    to_table,
)

RECORDS = [Entry, Clip, Example, Reject, Question, Prediction, Verdict]
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
numbers = st.floats(allow_nan=False)
for kind, strategy in ((str, texts), (int, st.integers(-(2**63), 2**63 - 1)), (float, numbers)):
    st.register_type_strategy(kind, strategy)


@pytest.mark.parametrize("record", RECORDS)
@given(data=st.data())
def test_records_survive_arrow(record: type[Any], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.builds(record), max_size=3))
    assert from_table(to_table(rows, record), record) == rows


@pytest.mark.parametrize("record", RECORDS)
@given(data=st.data())
def test_records_survive_parquet(record: type[Any], data: st.DataObject) -> None:
    rows = data.draw(st.lists(st.builds(record), max_size=2))
    file = io.BytesIO()
    pq.write_table(to_table(rows, record), file)
    assert from_table(pq.read_table(file), record) == rows


@pytest.mark.parametrize("record", RECORDS)
def test_an_empty_table_has_the_schema_of_a_full_one(record: type[Any]) -> None:
    assert to_table([], record).schema == schema_of(record)


def test_a_field_is_nullable_exactly_when_none_is_allowed() -> None:
    nullable = {field.name for field in schema_of(Clip) if field.nullable}
    assert nullable == {"caption", "transcript", "licence"}


def test_columns_a_record_does_not_have_are_left_out() -> None:
    table = to_table([Reject(id="a", reason="silent", detail="")], Reject)
    wider = table.append_column("pcm", table["id"].cast("binary"))
    assert from_table(wider, Reject) == [Reject(id="a", reason="silent", detail="")]


def test_a_clip_knows_its_length() -> None:
    clip = Clip(
        id="a",
        corpus="c",
        split="train",
        tags=(),
        caption=None,
        transcript=None,
        attributes=(),
        group="",
        licence=None,
        num_samples=8000,
        audio_sha256="",
    )
    assert clip.duration_s == 0.5


def test_a_part_is_by_default_a_whole_file_as_it_is() -> None:
    assert Part(path="a.wav") == Part(path="a.wav", gain_db=0.0, onset_s=0.0, start_s=0.0, end_s=None)

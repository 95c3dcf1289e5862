"""A fingerprint is equal exactly when the thing is."""

import dataclasses
import json
import math
import subprocess
import sys
from enum import StrEnum
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from balsa_core.identity import canonical, canonical_json, differences, fingerprint, seed_of, sha256_file, sha256_text

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
scalars = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | texts
plain = st.recursive(scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3))


@dataclasses.dataclass
class Point:
    x: int
    y: float


class Named:
    def identity(self) -> str:
        return "named@1"


class Colour(StrEnum):
    RED = "red"


@given(plain)
def test_canonical_data_is_json_and_stays_itself(value: Any) -> None:
    once = canonical(value)
    assert canonical(once) == once
    assert canonical_json(json.loads(canonical_json(value))) == canonical_json(value)


@given(st.dictionaries(texts, scalars, max_size=5))
def test_the_order_of_keys_does_not_matter(value: dict[str, Any]) -> None:
    assert fingerprint(dict(reversed(value.items()))) == fingerprint(value)


@given(st.sets(texts, max_size=5))
def test_the_order_of_a_set_does_not_matter(value: set[str]) -> None:
    assert fingerprint(value) == fingerprint(frozenset(sorted(value, reverse=True)))


@given(plain, plain)
def test_two_values_differ_exactly_when_their_fingerprints_do(one: Any, other: Any) -> None:
    assert (differences(one, other) == []) == (fingerprint(one) == fingerprint(other))


@given(st.dictionaries(texts, scalars, min_size=1, max_size=4), st.data())
def test_one_changed_value_is_one_difference(value: dict[str, Any], data: st.DataObject) -> None:
    key = data.draw(st.sampled_from(sorted(value)))
    changed = value | {key: data.draw(scalars)}
    assume(canonical_json(changed) != canonical_json(value))
    (line,) = differences(value, changed)
    assert line.startswith(f"{key or 'value'}: ")


@pytest.mark.parametrize(
    ("one", "other"), [(1, True), (0, False), (0, None), ("", None), ([], {}), ("1", 1), ([1, 2], [2, 1]), (0.1, 0.2)]
)
def test_what_differs_has_another_fingerprint(one: Any, other: Any) -> None:
    assert fingerprint(one) != fingerprint(other)
    assert differences(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (1, 1.0),
        ((1, 2), [1, 2]),
        (0.0, -0.0),
        (Point(1, 2.0), {"x": 1, "y": 2}),
        (Named(), "named@1"),
        (Colour.RED, "red"),
    ],
)
def test_two_spellings_of_one_thing_have_one_fingerprint(one: Any, other: Any) -> None:
    assert fingerprint(one) == fingerprint(other)


@pytest.mark.parametrize(
    "value",
    [math.nan, math.inf, b"bytes", object(), len, lambda: 1, Path("/tmp"), {1: "a"}, Named, Point, 1j, iter([])],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_stable_text_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        fingerprint(value)
    with pytest.raises(TypeError):
        fingerprint({"deep": [value]})


def test_a_key_that_is_absent_differs_from_one_that_is_none() -> None:
    assert differences({"a": None}, {}) == ["a: null -> absent"]
    assert differences({}, {"a": 1}) == ["a: absent -> 1"]


def test_a_difference_says_where() -> None:
    old, new = {"training": {"steps": 100, "seed": 0}}, {"training": {"steps": 200, "seed": 0}}
    assert differences(old, new) == ["training.steps: 100 -> 200"]


def test_a_long_difference_is_cut() -> None:
    assert len(differences("a" * 1000, "b" * 1000)[0]) < 150


@given(st.lists(texts | st.integers(), min_size=1, max_size=4))
def test_a_seed_fits_every_generator(parts: list[str | int]) -> None:
    assert 0 <= seed_of(*parts) < 2**63


def test_seeds_of_different_parts_differ() -> None:
    assert len({seed_of("a", 1), seed_of("a", 2), seed_of("b", 1), seed_of("a1"), seed_of("a", "1")}) == 5


def test_a_fingerprint_is_the_same_in_another_process() -> None:
    code = "from balsa_core.identity import fingerprint; print(fingerprint({'b', 'a', 'ü'}), fingerprint({'x': 0.1}))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": "7"}
    )
    assert done.stdout.split() == [fingerprint({"b", "a", "ü"}), fingerprint({"x": 0.1})]


def test_a_file_has_the_digest_of_its_content(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("abc")
    assert sha256_file(tmp_path / "a.txt") == sha256_text("abc")
    assert sha256_text("abc").startswith("ba7816bf")

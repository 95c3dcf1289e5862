"""A split that depends on the group's name only."""

import pytest

from balsa_core.ingest.splits import split_of


@pytest.mark.parametrize(
    ("group", "split"),
    [("dog/rex", "train"), ("1-100032-A-0", "test"), ("speaker 7", "train"), ("11", "test"), ("a", "train")],
)
def test_the_splits_of_some_names_are_for_ever(group: str, split: str) -> None:
    assert split_of(group) == split


def test_about_one_group_in_five_is_test() -> None:
    assert 150 < sum(split_of(str(number)) == "test" for number in range(1000)) < 250

"""Equal replies to text alone, and what is said when they are not."""

import pytest

from balsa_core.evaluation.canary import compare_texts


def test_equal_tokens_pass() -> None:
    canary = compare_texts(["Hello.", "Bye."], [([1, 2], [1, 2]), ([], [])])
    assert (canary.passed, canary.num_equal, canary.different) == (True, 2, ())


def test_one_other_token_fails_and_names_its_prompt() -> None:
    canary = compare_texts(["Hello.", "Bye."], [([1, 2], [1, 2]), ([3], [4])])
    assert (canary.passed, canary.num_equal, canary.different) == (False, 1, ("Bye.",))


def test_no_prompt_proves_nothing() -> None:
    assert not compare_texts([], []).passed


def test_a_missing_reply_is_an_error() -> None:
    with pytest.raises(ValueError, match="shorter"):
        compare_texts(["Hello."], [])

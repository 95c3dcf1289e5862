"""The parsers on tricky responses, and the official metrics against a plain count."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from balsa_core.evaluation import yes_no
from balsa_core.evaluation.yes_no import count_rows, official_parse, official_percentages, strict_parse

RESPONSES = [
    # response, official, strict
    ("Yes", "yes", "yes"),
    ("Yes.", "yes", "yes"),
    ("yes, there is.", "yes", "yes"),
    ("No", "no", "no"),
    ("No.", "no", "no"),
    ("no", None, "no"),
    ("no.", None, "no"),
    ("NO", None, "no"),
    ("YES", None, "yes"),
    ("", None, None),
    ("   ", None, None),
    ("Nothing", "no", None),
    ("Not sure", "no", None),
    ("None", "no", None),
    ("yesterday it rained", "yes", None),
    ("Eyes", "yes", None),
    ("The audio contains no dog", "yes", "no"),
    ("There is a dog barking.", None, None),
    ("there is no sound of a dog.", "no", "no"),
    ("It does not contain a dog.", "no", None),
    ("It doesn't contain a dog.", "no", None),
    ("It contains a dog.", "yes", None),
    ("It may contain a dog.", "yes", None),
    ("It may contain a dog or not.", "yes", None),
    ("I am unable to hear a dog.", "no", None),
    ("I can't hear a dog.", "no", None),
    ("I do not hear a dog.", "no", None),
    ("Yes, there is no doubt.", "yes", "yes"),
    ("No, yes, maybe.", "yes", "no"),
    ("I say yes and no", "yes", None),
    ("Well, yes!", "yes", "yes"),
    ("*No*", "no", "no"),
    ("I know it", None, None),
    ("Notice the dog", "no", None),
    ("It is, No.", "no", "no"),
    ("cannot tell", "no", None),
    ("“Yes”", "yes", "yes"),
]


@pytest.mark.parametrize(("response", "official", "strict"), RESPONSES)
def test_a_response_is_read_as_each_scorer_reads_it(response: str, official: str | None, strict: str | None) -> None:
    assert official_parse(response) == official
    assert strict_parse(response) == strict


Pairs = list[tuple[str, str | None]]
pairs_of_label_and_answer = st.lists(
    st.tuples(st.sampled_from(["yes", "no"]), st.sampled_from(["yes", "no", None])), min_size=1, max_size=60
)


def plain_official(pairs: Pairs) -> dict[str, float | None]:
    """The official metrics from their definitions, row by row, with Python's own rounding."""
    right = sum(answer == label for label, answer in pairs)
    right_no = sum(answer == label == "no" for label, answer in pairs)
    num_no, not_yes = sum(label == "no" for label, _ in pairs), sum(answer != "yes" for _, answer in pairs)
    precision = round(right_no / not_yes * 100, 2) if not_yes else None
    recall = round(right_no / num_no * 100, 2) if num_no else None
    f1 = round(2 * precision * recall / (precision + recall), 2) if precision and recall else None
    return {
        "accuracy": round(right / len(pairs) * 100, 2),
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "yes_rate": round((len(pairs) - not_yes) / len(pairs) * 100, 2),
    }


@given(pairs_of_label_and_answer)
def test_the_official_metrics_are_bit_exact(pairs: Pairs) -> None:
    counts = count_rows([label for label, _ in pairs], [answer for _, answer in pairs]).sum(axis=0)
    with np.errstate(all="ignore"):
        assert official_percentages(counts) == plain_official(pairs)


def test_the_official_f1_comes_from_rounded_precision_and_recall() -> None:
    counts = np.array([0, 5, 0, 4, 2, 0], dtype=float)  # precision 2/7, recall 2/6
    assert official_percentages(counts)["f1"] == round(2 * 28.57 * 33.33 / (28.57 + 33.33), 2)


def test_an_unparsed_response_lowers_the_official_precision_and_not_ours() -> None:
    counts = count_rows(["no", "yes"], ["no", None]).sum(axis=0)
    assert yes_no.official_precision(counts) == 0.5
    assert yes_no.precision_no(counts) == 1.0


@pytest.mark.parametrize(
    ("labels", "answers", "expected"),
    [
        (["yes", "no"], ["yes", "no"], 1.0),
        (["yes", "no"], ["yes", "yes"], 1 / 3),  # F1 2/3 on yes, 0 on no
        (["yes", "no"], [None, None], 0.0),
        (["yes", "yes", "no", "no"], ["yes", None, "no", "yes"], (2 / 4 + 2 / 3) / 2),
        (["yes", "yes", "yes", "no"], ["yes", "yes", "no", "no"], (3 * 4 / 5 + 2 / 3) / 4),
    ],
)
def test_weighted_f1_counts_an_unparsed_response_against_its_class(
    labels: list[str], answers: list[str | None], expected: float
) -> None:
    assert yes_no.weighted_f1(count_rows(labels, answers).sum(axis=0)) == pytest.approx(expected)


def test_metrics_take_many_resamples_at_once() -> None:
    counts = np.random.default_rng(0).integers(1, 9, size=(5, 6)).astype(float)
    for metric in (yes_no.accuracy, yes_no.weighted_f1, yes_no.f1_no, yes_no.official_f1, yes_no.yes_rate):
        assert metric(counts).tolist() == pytest.approx([float(metric(row)) for row in counts])

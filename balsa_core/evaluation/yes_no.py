"""A response to a yes/no question in, "yes", "no" or None out; and the metrics over many of them.

A row of COUNTS has a 1 in the one cell of label x answer that a question fell into. Metrics are functions of the sums
of such rows, shape (..., 6), so that a bootstrap runs all resamples at once. The positive class is "no": the benchmark
is about sounds that are not there.
"""

import re
from collections.abc import Callable, Sequence

import numpy as np

from balsa_core.evaluation.statistics import Floats

Metric = Callable[[Floats], Floats]

LABELS = ("yes", "no")
ANSWERS = ("yes", "no", None)
COUNTS = tuple((label, answer) for label in LABELS for answer in ANSWERS)
YES_YES, YES_NO, YES_NONE, NO_YES, NO_NO, NO_NONE = range(len(COUNTS))  # label, then answer


def official_parse(response: str) -> str | None:
    """The official parser: case-sensitive substrings in this order, so "Eyes" is yes, "NO" and "no" are nothing.

    Source: kuan2jiu99/audio-hallucination, evaluation.py; there, what can't be read is "".
    """
    rules = (("yes", ("Yes", "yes")), ("no", ("No", "there is no", "does not contain", "doesn't contain")))
    for answer, marks in (*rules, ("yes", ("contain",)), ("no", ("not", "unable", "can't"))):
        if any(mark in response for mark in marks):
            return answer
    return None


def strict_parse(response: str) -> str | None:
    """The first word when it is yes or no, else the only one of the two that occurs as a word, else None."""
    words = re.findall(r"[^\W_]+", response.lower())
    found = {word for word in words if word in LABELS}
    if words and words[0] in LABELS:
        return words[0]
    return found.pop() if len(found) == 1 else None


def count_rows(labels: Sequence[str], answers: Sequence[str | None]) -> Floats:
    """The rows of COUNTS of labels ("yes" or "no") and parsed answers, shape (N, 6)."""
    rows_NK = np.zeros((len(labels), len(COUNTS)))
    for row, cell in enumerate(zip(labels, answers, strict=True)):
        rows_NK[row, COUNTS.index(cell)] = 1
    return rows_NK


def accuracy(counts: Floats) -> Floats:
    """Share of right answers."""
    return (counts[..., YES_YES] + counts[..., NO_NO]) / counts.sum(-1)


def precision_no(counts: Floats) -> Floats:
    """Share of the answers "no" that are right."""
    return counts[..., NO_NO] / (counts[..., NO_NO] + counts[..., YES_NO])


def recall_no(counts: Floats) -> Floats:
    """Share of the absent sounds that are denied."""
    return counts[..., NO_NO] / counts[..., NO_YES:].sum(-1)


def f1_no(counts: Floats) -> Floats:
    """F1 of the class "no"; unparsed is neither answer. 0 when nothing is right."""
    return _f1(counts[..., NO_NO], counts[..., NO_YES:].sum(-1), counts[..., YES_NO])


def f1_yes(counts: Floats) -> Floats:
    """F1 of the class "yes"; unparsed is neither answer."""
    return _f1(counts[..., YES_YES], counts[..., :NO_YES].sum(-1), counts[..., NO_YES])


def weighted_f1(counts: Floats) -> Floats:
    """F1 of both classes, weighted by how often each is the label: sum of n_c * F1_c / n."""
    num_yes, num_no = counts[..., :NO_YES].sum(-1), counts[..., NO_YES:].sum(-1)
    f1 = np.nan_to_num(f1_yes(counts)) * num_yes + np.nan_to_num(f1_no(counts)) * num_no
    return f1 / (num_yes + num_no)


def yes_rate(counts: Floats) -> Floats:
    """Share of the answers "yes" among all questions."""
    return (counts[..., YES_YES] + counts[..., NO_YES]) / counts.sum(-1)


def official_precision(counts: Floats) -> Floats:
    """The official precision of "no": its denominator is every answer that is not "yes", unparsed ones too."""
    return counts[..., NO_NO] / counts[..., [YES_NO, YES_NONE, NO_NO, NO_NONE]].sum(-1)


def official_f1(counts: Floats) -> Floats:
    """The official F1 of "no" before any rounding; for intervals."""
    precision, recall = official_precision(counts), recall_no(counts)
    return 2 * precision * recall / (precision + recall)


def official_percentages(counts: Floats) -> dict[str, float | None]:
    """The official numbers, bit-exact, in percent: F1 comes from precision and recall that were rounded before.

    Guard (ours): where the official code divides by zero and stops, the number is None.
    """
    precision, recall = _percent(official_precision(counts)), _percent(recall_no(counts))
    f1 = None
    if precision is not None and recall is not None and precision + recall > 0:
        f1 = round((2 * precision * recall) / (precision + recall), 2)
    return {
        "accuracy": _percent(accuracy(counts)),
        "precision": precision,
        "recall": recall,
        "f1": f1,
        "yes_rate": _percent(yes_rate(counts)),
    }


def _percent(share: Floats) -> float | None:
    return round(float(share) * 100, 2) if np.isfinite(share) else None


def _f1(hits: Floats, labelled: Floats, wrongly_answered: Floats) -> Floats:
    return 2 * hits / (hits + labelled + wrongly_answered)

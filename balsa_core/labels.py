"""What sounds exist, how they relate, and which are absent: shared by synthesis and benchmarks.

A label is a sound's name: lower case, words separated by spaces ("crackling fire").
"""

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple

import numpy as np

Strategy = Literal["random", "popular", "adversarial", "mixed"]
STRATEGIES: tuple[Strategy, ...] = ("random", "popular", "adversarial")

_BE, _HEARD = r"(?:is|are|was|were)", r"(?:present|heard|audible|noticeable|there|in (?:the|this))"
# A predicate at the end of a clause: it speaks of the labels before it.
_IS_HEARD = re.compile(rf"\b(?:{_BE} (?:also |clearly )?|can be ){_HEARD}\b", re.IGNORECASE)
_IS_DENIED = re.compile(
    rf"\b(?:{_BE}(?: not|n't) (?:\w+ )?{_HEARD}|{_BE} (?:absent|missing|inaudible)|can(?:not|'t| not) be {_HEARD})\b",
    re.IGNORECASE,
)
# A word that speaks of the labels after it, up to the end of its clause.
_DENIES = re.compile(
    r"\b(?:no|not(?! only)|\w+n't|cannot|without|neither|nor|never|none|lacks?|absent|missing|unable"
    r"|instead of|rather than)\b",
    re.IGNORECASE,
)
_CLAUSE_END = re.compile(
    r"[.;!?\n]|\b(?:but|however|while|whereas|although|though|yet)\b|,(?= (?:and )?(?:i|there|it|the|we|you|this)\b)",
    re.IGNORECASE,
)


def canonical_label(text: str) -> str:
    """One spelling of a sound's name: "Crackling_Fire " -> "crackling fire"."""
    return re.sub(r"[\s_]+", " ", text).strip().lower()


def join_labels(labels: Sequence[str]) -> str:
    """Labels as a list in a sentence: "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, [", ".join(labels[:-1]), labels[-1] if labels else ""]))


def describe_tags(tags: Sequence[str]) -> str:
    """The text that stands for tags in an audio span: "(dog, rain)"."""
    return f"({', '.join(tags)})"


def mentioned(text: str, labels: Iterable[str]) -> tuple[str, ...]:
    """The labels that a text names as whole words, in order; a longer name hides the shorter inside it.

    A plural "s" is accepted: "dogs" names "dog".
    """
    names = sorted(labels, key=len, reverse=True)
    if not names:
        return ()
    pattern = re.compile(rf"\b({'|'.join(map(re.escape, names))})(?:e?s)?\b", re.IGNORECASE)
    return tuple(dict.fromkeys(found.group(1).lower() for found in pattern.finditer(text)))


class Polarity(NamedTuple):
    """The labels that a text says are heard, and those that it says are not; a text can say both of one label."""

    affirmed: tuple[str, ...]
    denied: tuple[str, ...]


def affirmed(text: str, labels: Sequence[str]) -> Polarity:
    """Which labels a text affirms and which it denies, clause by clause, each in order.

    "I hear dog, but there is no cat and no siren." affirms dog and denies cat and siren.
    """
    heard: list[str] = []
    denied: list[str] = []
    for clause in _clauses(text.replace("’", "'")):
        before, after = _around_denial(clause, labels)
        heard += before
        denied += after
    return Polarity(tuple(dict.fromkeys(heard)), tuple(dict.fromkeys(denied)))


def _clauses(text: str) -> list[str]:
    clauses = []
    for part in _CLAUSE_END.split(text):
        start = 0
        for found in sorted([*_IS_HEARD.finditer(part), *_IS_DENIED.finditer(part)], key=lambda match: match.end()):
            clauses.append(part[start : found.end()])
            start = found.end()
        clauses.append(part[start:])
    return clauses


def _around_denial(clause: str, labels: Sequence[str]) -> Polarity:
    """The labels of one clause; a denial without a label after it ("dog: absent") speaks of those before it."""
    names = mentioned(clause, labels)
    if _IS_DENIED.search(clause):
        return Polarity((), names)
    denial = _DENIES.search(clause)
    if denial is None:
        return Polarity(names, ())
    after = mentioned(clause[denial.end() :], labels)
    return Polarity(mentioned(clause[: denial.start()], labels), after) if after else Polarity((), names)


@dataclass(frozen=True)
class Ontology:
    """How labels relate: the parents of each, and the other names of each."""

    parents: dict[str, tuple[str, ...]] = field(default_factory=dict)
    synonyms: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def ancestors(self, label: str) -> frozenset[str]:
        """All labels above a label."""
        found: set[str] = set()
        queue = list(self.parents.get(label, ()))
        while queue:
            parent = queue.pop()
            if parent not in found:
                found.add(parent)
                queue += self.parents.get(parent, ())
        return frozenset(found)

    def related(self, one: str, other: str) -> bool:
        """Whether one label can't be called absent where the other is present: same, synonym, above or below."""
        return (
            one == other
            or other in self.synonyms.get(one, ())
            or one in self.synonyms.get(other, ())
            or one in self.ancestors(other)
            or other in self.ancestors(one)
        )


@dataclass(frozen=True)
class SoundIndex:
    """The labels of a corpus, how often each occurs, and how often two occur together."""

    ontology: Ontology
    counts: Counter[str]
    together: dict[str, Counter[str]]

    @property
    def labels(self) -> tuple[str, ...]:
        """All labels, sorted."""
        return tuple(sorted(self.counts))

    def absent(self, present: Sequence[str], caption: str | None = None) -> tuple[str, ...]:
        """The labels that are certainly not in a clip: unrelated to each present one and not named in its caption."""
        named = set(mentioned(caption, self.labels)) if caption else set()
        return tuple(
            label
            for label in self.labels
            if label not in named and not any(self.ontology.related(label, other) for other in present)
        )

    def draw_absent(
        self,
        present: Sequence[str],
        num: int,
        strategy: Strategy,
        rng: np.random.Generator,
        caption: str | None = None,
    ) -> tuple[str, ...]:
        """At most `num` absent labels, without repeats, by a strategy; fewer when the corpus has no more.

        random: evenly. popular: the more frequent in the corpus, the likelier. adversarial: the more often it occurs
        with a present one, the likelier. mixed: one of the three for each call.
        """
        pool = self.absent(present, caption)
        if strategy == "mixed":
            strategy = STRATEGIES[int(rng.integers(len(STRATEGIES)))]
        weights = np.array([self._weight(label, present, strategy) for label in pool])
        picked = (
            rng.choice(len(pool), size=min(num, len(pool)), replace=False, p=weights / weights.sum()) if pool else []
        )
        return tuple(pool[int(index)] for index in picked)

    def _weight(self, label: str, present: Sequence[str], strategy: Strategy) -> float:
        if strategy == "popular":
            return float(self.counts[label])
        if strategy == "adversarial":
            return 0.05 + sum(self.together.get(other, Counter())[label] for other in present)
        return 1.0


def index_sounds(tag_lists: Iterable[Sequence[str]], ontology: Ontology) -> SoundIndex:
    """Count the labels of a corpus, one list of tags a clip."""
    counts: Counter[str] = Counter()
    together: dict[str, Counter[str]] = {}
    for tags in tag_lists:
        counts.update(tags)
        for tag in tags:
            together.setdefault(tag, Counter()).update(other for other in tags if other != tag)
    return SoundIndex(ontology, counts, together)

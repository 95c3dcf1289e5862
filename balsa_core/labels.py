"""What sounds exist, how they relate, and which are absent: shared by synthesis and benchmarks.

A label is a sound's name: lower case, words separated by spaces ("crackling fire").
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

import numpy as np

from balsa_core.identity import fingerprint
from balsa_core.mentions import Lexicon
from balsa_core.polarity import claims

SHIPPED_ONTOLOGY = Path(__file__).parent / "ontology.json"
Strategy = Literal["random", "popular", "adversarial", "mixed"]
STRATEGIES: tuple[Strategy, ...] = ("random", "popular", "adversarial")


def canonical_label(text: str) -> str:
    """One spelling of a sound's name: "Crackling_Fire " -> "crackling fire"."""
    return re.sub(r"[\s_]+", " ", text).strip().lower()


def join_labels(labels: Sequence[str]) -> str:
    """Labels as a list in a sentence: "a", "a and b", "a, b and c"."""
    return " and ".join(filter(None, [", ".join(labels[:-1]), labels[-1] if labels else ""]))


def describe_tags(tags: Sequence[str]) -> str:
    """The text that stands for tags in an audio span: "(dog, rain)"."""
    return f"({', '.join(tags)})"


@dataclass(frozen=True, eq=False)
class Ontology:
    """How labels relate: the parents of each, and the other names of each."""

    parents: Mapping[str, Sequence[str]] = field(default_factory=dict)
    synonyms: Mapping[str, Sequence[str]] = field(default_factory=dict)
    kinds: frozenset[str] = frozenset()  # too wide to be one sound: "animal"

    def identity(self) -> str:
        """A digest of what it says."""
        return fingerprint({"parents": self.parents, "synonyms": self.synonyms, "kinds": self.kinds})

    @cached_property
    def labels(self) -> frozenset[str]:
        """All labels it speaks of, without the other names."""
        return frozenset(self.parents).union(self.synonyms, *self.parents.values())

    def names(self, label: str) -> frozenset[str]:
        """All names of a label, itself among them."""
        return self._reach(label, {})

    def ancestors(self, label: str) -> frozenset[str]:
        """All labels above a label or above one of its other names, and their other names."""
        return self._reach(label, self.parents) - self.names(label)

    @lru_cache(maxsize=4096)  # noqa: B019 - one or two ontologies live as long as the process
    def relatives(self, label: str) -> frozenset[str]:
        """What can't be called absent where a label is present: itself, its other names, all above and all below."""
        return self._reach(label, self.parents) | self._reach(label, self._children)

    def related(self, one: str, other: str) -> bool:
        """Whether one label can't be called absent where the other is present."""
        return one in self.relatives(other)

    def _reach(self, label: str, steps: Mapping[str, Sequence[str]]) -> frozenset[str]:
        found, queue = {label}, [label]
        while queue:
            here = queue.pop()
            for there in (*self._other_names.get(here, ()), *steps.get(here, ())):
                if there not in found:
                    found.add(there)
                    queue.append(there)
        return frozenset(found)

    @cached_property
    def _children(self) -> dict[str, list[str]]:
        return _turned_round(self.parents)

    @cached_property
    def _other_names(self) -> dict[str, list[str]]:
        back = _turned_round(self.synonyms)
        return {name: [*self.synonyms.get(name, ()), *back.get(name, ())] for name in {*self.synonyms, *back}}


def load_ontology(path: str | Path | None = None) -> Ontology:
    """The ontology of a JSON file; None: the shipped one.

    {"parents": {label: [...]}, "synonyms": {label: [...]}, "kinds": [...]}; without kinds, all parents are kinds.
    """
    file = SHIPPED_ONTOLOGY if path is None else Path(path)
    read = json.loads(file.read_text())
    unknown = sorted(set(read) - {"about", "parents", "synonyms", "kinds"})
    if unknown:
        raise ValueError(f"{file} has {', '.join(unknown)}: an ontology has only parents, synonyms and kinds")
    parents, synonyms = (
        {canonical_label(label): tuple(map(canonical_label, others)) for label, others in read.get(part, {}).items()}
        for part in ("parents", "synonyms")
    )
    kinds = read.get("kinds", [other for others in parents.values() for other in others])
    return Ontology(parents, synonyms, frozenset(map(canonical_label, kinds)))


def _turned_round(links: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    back: dict[str, list[str]] = {}
    for label, others in links.items():
        for other in others:
            back.setdefault(other, []).append(label)
    return back


@dataclass(frozen=True)
class SoundIndex:
    """The labels of a corpus, how often each occurs, and how often two occur together."""

    ontology: Ontology
    counts: Counter[str]
    together: dict[str, Counter[str]]

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """All labels, sorted."""
        return tuple(sorted(self.counts))

    @cached_property
    def lexicon(self) -> Lexicon:
        """The names to look for in a text: the corpus's labels and the ontology's."""
        labels = dict.fromkeys([*self.labels, *sorted(self.ontology.labels)])
        return Lexicon({label: self.ontology.synonyms.get(label, ()) for label in labels})

    def absent(self, present: Sequence[str], caption: str | None = None) -> tuple[str, ...]:
        """The labels that are certainly not in a clip: unrelated to each present one and not named in its caption."""
        heard = self.certain(present, caption)
        return tuple(label for label in self.labels if label not in heard)

    def certain(self, present: Sequence[str], caption: str | None = None) -> frozenset[str]:
        """What can't be called absent from a clip: all that is related to a present label or to one in its caption."""
        named = [mention.label for mention in self.lexicon.find(caption)] if caption else []
        return frozenset().union(*(self.ontology.relatives(label) for label in (*present, *named)))

    def named(self, caption: str) -> tuple[str, ...]:
        """The sounds that a caption says are heard, by the corpus's labels where it has one; no mere kinds."""
        said = dict.fromkeys(claim.label for claim in claims(caption, self.lexicon) if claim.heard)
        return tuple(dict.fromkeys(self._own_label(label) for label in said if self.is_sound(label)))

    def _own_label(self, label: str) -> str:
        wider = (self.ontology.names(label), self.ontology.ancestors(label))
        own = [sorted(self.counts.keys() & labels) for labels in ({label}, *wider)]
        return next((labels[0] for labels in own if labels), label)

    def is_sound(self, label: str) -> bool:
        """Whether a text that names a label claims a certain sound, not just one of a kind."""
        return label in self.counts or label not in self.ontology.kinds

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

"""Which sounds a text names: whole words, any form of them, in any order.

"Birds are chirping" names "chirping birds"; "a church bell" does not name "bell" where "church bell" is a name too.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

MAX_WORDS_BETWEEN = 2  # "typing on a keyboard" is "keyboard typing"
MIN_STEM = 3

_TOKEN = re.compile(r"[^\W_]+(?:['’][^\W_]+)*|[^\w\s'’]|_|\n")
_VOWEL = re.compile(r"[aeiouy]")
# Words that part two sounds: a name is never gathered from both sides of one.
_PARTING = frozenset({"and", "or", "nor", "but", "while", "whereas", "without", "no", "not", "neither", "with", "then"})


class Word(NamedTuple):
    """A word of a text: how it is written, its stem, and where it begins and ends."""

    text: str
    stem: str
    start: int
    end: int
    parted: bool  # punctuation stands between it and the word before


class Mention(NamedTuple):
    """A label that a text names, with the positions of the first and last word that name it."""

    label: str
    first: int
    last: int


class Match(NamedTuple):
    """A name found in a text; the better one comes first: more words, then as written, then earlier."""

    rank: tuple[int, bool, int]
    words: tuple[int, ...]
    label: str


class Lexicon:
    """The names by which labels may be called, ready to be looked for in texts."""

    def __init__(self, names: Mapping[str, Iterable[str]]) -> None:
        """names: each label with its other names; a name that is a label itself always means that label."""
        self.labels = tuple(names)
        meant = {name: label for label, others in names.items() for name in others} | {name: name for name in names}
        self._names: dict[tuple[Word, ...], str] = {tuple(split_words(name)): label for name, label in meant.items()}
        self._by_stem: dict[str, list[tuple[Word, ...]]] = defaultdict(list)
        for name in self._names:
            for stem in {word.stem for word in name}:
                self._by_stem[stem].append(name)

    def find(self, text: str) -> list[Mention]:
        """The mentions in a text, in order; positions count its words."""
        return self.find_in(split_words(text))

    def find_in(self, words: Sequence[Word]) -> list[Mention]:
        """The mentions in a split text, in order."""
        taken: set[int] = set()
        found: list[Mention] = []
        for match in sorted(self._matches(words)):
            if taken.isdisjoint(match.words):
                taken.update(match.words)
                found.append(Mention(match.label, min(match.words), max(match.words)))
        return sorted(found, key=lambda mention: mention.first)

    def _matches(self, words: Sequence[Word]) -> list[Match]:
        stems = {word.stem for word in words}
        matches = []
        for start, word in enumerate(words):
            for name in self._by_stem.get(word.stem, ()):
                if not stems.issuperset(part.stem for part in name):
                    continue
                if _as_written(words, start, name):
                    matches.append(Match((-len(name), False, start), _run(start, len(name)), self._names[name]))
                elif len(name) > 1 and (places := _gathered(words, start, name)):
                    matches.append(Match((-len(name), True, start), places, self._names[name]))
        return matches


def mentioned(text: str, labels: Iterable[str]) -> tuple[str, ...]:
    """The labels that a text names, each once, in order."""
    return tuple(dict.fromkeys(mention.label for mention in lexicon_of(tuple(labels)).find(text)))


@lru_cache(maxsize=64)
def lexicon_of(labels: tuple[str, ...]) -> Lexicon:
    """The lexicon of labels that have no other names."""
    return Lexicon(dict.fromkeys(labels, ()))


def split_words(text: str) -> list[Word]:
    """The words of a text with their stems."""
    words: list[Word] = []
    parted = False
    for token in _TOKEN.finditer(text):
        if not token.group()[0].isalnum():
            parted = parted or token.group() != "-"
            continue
        written = token.group().replace("’", "'").lower()
        words.append(Word(written, stem(written), token.start(), token.end(), parted))
        parted = False
    return words


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """What the forms of a word share: dogs -> dog, clapping -> clap, sneezes -> sneez."""
    base = re.sub(r"'s?$", "", word.lower())
    base = re.sub(r"i(?:es|ed)$", "y", base) if len(base) > 4 else base
    if len(base) > MIN_STEM and base.endswith("s") and not base.endswith(("ss", "us", "is")):
        base = base[:-1]
    for ending in ("ing", "ed"):
        rest = base.removesuffix(ending)
        if rest != base and len(rest) >= MIN_STEM and _VOWEL.search(rest) and not base.endswith("eed"):
            base = rest[:-1] if rest[-1] == rest[-2] and rest[-1] not in "lsz" else rest
            break
    return base[:-1] if len(base) > MIN_STEM and base.endswith("e") else base


def _as_written(words: Sequence[Word], start: int, name: tuple[Word, ...]) -> bool:
    run = words[start : start + len(name)]
    return [(word.stem, word.parted) for word in run[1:]] == [(word.stem, word.parted) for word in name[1:]] and (
        run[0].stem == name[0].stem
    )


def _gathered(words: Sequence[Word], start: int, name: tuple[Word, ...]) -> tuple[int, ...]:
    """The places of all words of a name in a short run that begins with one of them; () when one is missing."""
    wanted = [word.stem for word in name]
    places: list[int] = []
    for place in range(start, min(start + len(name) + MAX_WORDS_BETWEEN, len(words))):
        word = words[place]
        if place > start and (word.parted or word.text in _PARTING):
            break
        if word.stem in wanted:
            wanted.remove(word.stem)
            places.append(place)
    return () if wanted else tuple(places)


def _run(start: int, length: int) -> tuple[int, ...]:
    return tuple(range(start, start + length))

"""Which sounds a text affirms and which it denies, clause by clause, and of which of several clips it says so.

"I hear dog, but there is no cat." affirms dog and denies cat. The rules are of English and of short answers; they are
worth what the hand-written sets in tests/test_polarity.py and tests/synthesis/targets.py say.
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from balsa_core.clauses import Clause, clauses_of
from balsa_core.mentions import Lexicon, lexicon_of, split_words

_BE = r"(?:is|are|was|were|be|being|been)"
_HEARD = (
    r"(?:present|heard|audible|noticeable|detect(?:ed|able)|recogni[sz](?:ed|able)|perceptible|found|included|featured"
    r"|discernible|evident|there|here|(?:a )?part of|one of|among|in|on (?:the|this)|to be heard)"
)
_NOT = r"(?:not|n't|never|no longer)"
# A predicate that denies what stands before it in its clause; with nothing before it, what stands after it.
_DENIED = re.compile(
    rf"\b{_BE} ?{_NOT} (?:\w+ ){{0,2}}?{_HEARD}\b"
    r"|\b(?:can't|cannot|can not|couldn't|could not|do(?:es)?(?:n't| not)|did(?:n't| not)) (?:\w+ )?"
    r"(?:be|appear|occur|feature|seem)\b"
    rf"|\bnot (?:\w+ )?(?:{_HEARD}|hear)\b(?=\W*$| in | here| among | on )"
    r"|\b(?:absent|missing|inaudible|nowhere|undetected|unheard)\b",
    re.IGNORECASE,
)
# A word that denies what stands after it in its clause.
_DENIES = re.compile(
    r"\b(?:no|not|cannot|without|neither|nor|never|none|nothing|lacks?|lacking|unable|free of|devoid of"
    r"|(?:absence|lack) of|instead of|rather than|fails? to)\b|n't\b",
    re.IGNORECASE,
)
_BARE_DENIAL = re.compile(
    rf"(?:\b{_BE} ?{_NOT}|\b(?:do|does|did|can)(?:n't| not)|can't|cannot)(?: either| here)?\W*$", re.IGNORECASE
)
# What looks like a denial and is none.
_NO_DENIAL = re.compile(
    r"\b(?:not (?:only|just)|no doubt|without (?:a )?doubt|no fewer than|no less than|not to mention)\b"
    r"|\b(?:nothing else|no others?|none other)\b(?! than)"
    r"|\b(?:no|not|none|nothing|never|neither)\b(?:\W+\w+){0,4}?\W+(?:absent|missing|lacking)\b"
    r"|n't (?:absent|missing)\b",
    re.IGNORECASE,
)
# What follows is the opposite of what the clause says.
_EXCEPT = re.compile(
    r"\b(?:except(?:ing)?|apart from|aside from|other than|besides|with the exception of|save for)\b"
    r"|(?<=nothing )but\b|(?<=anything )but\b|(?<=everything )but\b|(?<=all )but\b|(?<=none )but\b"
    r"|(?<=of them )but\b|(?<=of these )but\b",
    re.IGNORECASE,
)
_VERB = re.compile(r"\b(?:is|are|was|were|can|cannot|can't)\b", re.IGNORECASE)
_ONLY = re.compile(r"\b(?:only|just|merely)\b", re.IGNORECASE)
_UNIVERSAL = re.compile(r"\b(?:all|every|everything|each|any|anything)\b", re.IGNORECASE)
_EVERY_CLIP = re.compile(r"\b(?:both|each|either|neither)\b", re.IGNORECASE)
_ORDINALS = tuple(
    re.compile(
        rf"\b(?:{names})\b(?! (?:sounds?|thing|few))|\b(?:clip|recording|audio|track|sample|file) (?:{marks})\b",
        re.IGNORECASE,
    )
    for names, marks in (
        ("first|1st|former", "1|one|a"),
        ("second|2nd|latter", "2|two|b"),
        ("third|3rd", "3|three|c"),
        ("fourth|4th", "4|four|d"),
    )
)


class Claim(NamedTuple):
    """What a text says of a label: heard or not; of which clip (0 is the first) or of every one, where it says so."""

    label: str
    heard: bool
    clip: int | None = None
    every: bool = False


class Polarity(NamedTuple):
    """The labels that a text says are heard, and those that it says are not; a text can say both of one label."""

    affirmed: tuple[str, ...]
    denied: tuple[str, ...]


class Placed(NamedTuple):
    """A label and where in the text it is named."""

    label: str
    start: int


def affirmed(text: str, labels: Sequence[str]) -> Polarity:
    """Which labels a text affirms and which it denies, each in order."""
    said = claims(text, lexicon_of(tuple(labels)))
    heard = dict.fromkeys(claim.label for claim in said if claim.heard)
    denied = dict.fromkeys(claim.label for claim in said if not claim.heard)
    return Polarity(tuple(heard), tuple(denied))


def claims(text: str, lexicon: Lexicon) -> list[Claim]:
    """What a text says of the labels of a lexicon, in order."""
    text = plain(text)
    words = split_words(text)
    placed = [Placed(mention.label, words[mention.first].start) for mention in lexicon.find_in(words)]
    return [claim for clause in clauses_of(text, [one.start for one in placed]) for claim in _claims_of(clause, placed)]


def plain(text: str) -> str:
    """A text with plain apostrophes and without Markdown marks, of the same length."""
    return re.sub(r"[*`_#•|]", " ", text.replace("’", "'"))


def is_denial(text: str) -> bool:
    """Whether a heading or a verdict such as "Not heard" or "no" denies."""
    said = _NO_DENIAL.sub(" ", text)
    return bool(_DENIED.search(said) or _DENIES.search(said))


def _claims_of(clause: Clause, placed: Sequence[Placed]) -> Iterator[Claim]:
    inside = [one for one in placed if clause.start <= one.start < clause.end]
    denied = _denied_places(clause, [one.start - clause.start for one in inside])
    for one in inside:
        place = one.start - clause.start
        clip = _clip_of(clause.text, place)
        yield Claim(one.label, place not in denied, clip, clip is None and bool(_EVERY_CLIP.search(clause.text)))


def _denied_places(clause: Clause, places: list[int]) -> set[int]:
    """Which of the mentions of a clause, given by their places in it, it denies."""
    if clause.verdict is not None:
        return set(places) if is_denial(clause.verdict) else set()
    text = _blank(_NO_DENIAL, clause.text)
    scope = _exception(text)
    excepted = {place for place in places if scope is not None and scope[0] <= place < scope[1]}
    outside = text if scope is None else text[: scope[0]] + " " * (scope[1] - scope[0]) + text[scope[1] :]
    others = [place for place in places if place not in excepted]
    if clause.heading is not None and not _DENIES.search(outside) and not _DENIED.search(outside):
        return set(others) if is_denial(clause.heading) else set()
    denied = _denied_in(outside, others)
    says_no = bool(_DENIES.search(outside) or _DENIED.search(outside))
    return denied | (excepted if not says_no and _UNIVERSAL.search(outside) else set())


def _denied_in(text: str, places: list[int]) -> set[int]:
    denied: set[int] = set()
    for found in _DENIED.finditer(text):
        before = {place for place in places if place < found.start()}
        denied |= before or {place for place in places if place >= found.end()}
    text = _blank(_DENIED, text)
    first = _DENIES.search(text)
    if first is not None:
        denied |= {place for place in places if place > first.start()}
    if _BARE_DENIAL.search(text):
        denied |= set(places)
    return denied


def _exception(text: str) -> tuple[int, int] | None:
    """From where to where a clause says the opposite: "no sound [except rain]", "[Besides rain], nothing"."""
    found = _EXCEPT.search(text)
    only = _ONLY.search(text)
    if only is not None and _DENIES.search(text[: only.start()]):
        found = only if found is None or only.start() < found.start() else found
    if found is None:
        return None
    if text[: found.start()].strip():
        verb = _VERB.search(text, found.end())
        return found.start(), len(text) if verb is None else verb.start()
    comma = text.find(",", found.end())
    return found.start(), comma if comma >= 0 else len(text)


def _clip_of(text: str, place: int) -> int | None:
    """The clip that a clause speaks of at a place: its only ordinal, or the nearest one in the same piece of a list."""
    found = [(index, match.start()) for index, pattern in enumerate(_ORDINALS) for match in pattern.finditer(text)]
    if len({index for index, _ in found}) > 1:
        piece = re.compile(r",|\band\b")
        bounds = [0, *(match.start() for match in piece.finditer(text)), len(text)]
        start = max(bound for bound in bounds if bound <= place)
        end = min(bound for bound in bounds if bound > place)
        found = [(index, where) for index, where in found if start <= where < end]
    return found[0][0] if len({index for index, _ in found}) == 1 else None


def _blank(pattern: re.Pattern[str], text: str) -> str:
    return pattern.sub(lambda match: " " * len(match.group()), text)

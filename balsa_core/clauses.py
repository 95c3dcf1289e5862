"""A text in, its clauses out: pieces that say one thing each, and under which heading they stand.

"I hear dog, but the cat and the siren are absent." -> "I hear dog", "the cat and the siren are absent".
"""

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

_SENTENCE_END = re.compile(r"[.!?](?=\s|$|[\"')])|;|\n+")
_TURN = re.compile(
    r"(?<!nothing )(?<!anything )(?<!everything )(?<!\ball )(?<!none )(?<!of them )(?<!of these )"
    r"\b(?:but|while|whereas|however|although|though|yet|instead(?! of))\b",
    re.IGNORECASE,
)
_JOINT = re.compile(rf"{_TURN.pattern}|,\s*(?:and|or|nor)\b|,|\s[-–—]\s|—|[():]|\b(?:and|or|nor)\b", re.IGNORECASE)
_VERB = re.compile(
    r"(?<!that )(?<!which )\b(?:is|are|was|were|there's|it's|\w+n't|cannot|can|could|do|does|did|has|have|had|hears?"
    r"|contain(?:s|ed)?|features?|includes?|consists?|captures?|detect|notice|recogni[sz]e|lacks?|appears?|occurs?)\b",
    re.IGNORECASE,
)
_BARE = re.compile(r"\b(?:present|absent|missing|audible|inaudible|heard|unheard|detected)\b", re.IGNORECASE)
_VERDICT = re.compile(
    r"\W*(?:yes|no|not|never|present|absent|missing|heard|unheard|audible|inaudible|detected|undetected|included|there"
    r"|true|false|✓|✗|x)\b",
    re.IGNORECASE,
)


class Clause(NamedTuple):
    """A piece of a text that says one thing, and where it begins and ends.

    heading: what stands before a colon and governs it ("Not heard: cat"); verdict: what stands after the names and
    judges them ("cat: absent", "cat (not heard)"). None where there is none.
    """

    text: str
    start: int
    end: int
    heading: str | None = None
    verdict: str | None = None


class Piece(NamedTuple):
    """What stands between two joints of a sentence."""

    joint: str  # what stands before it, lower case
    text: str
    start: int
    end: int
    name: int | None  # where the first sound is named in it

    @property
    def verb(self) -> int | None:
        """Where it says something of its own: "dog is there" does, "dog" does not."""
        found = _VERB.search(self.text)
        return None if found is None else self.start + found.start()

    @property
    def judges(self) -> bool:
        """Whether it is a name with a verdict and no verb: "cat absent"."""
        return self.verb is None and self.name is not None and bool(_BARE.search(self.text))


def clauses_of(text: str, places: Sequence[int]) -> Iterator[Clause]:
    """The clauses of a text; `places` are where the sounds are named in it."""
    carried: str | None = None
    for start, end in _sentences(text):
        pieces = _pieces(text, start, end, places)
        if not pieces:
            continue
        headed = any(":" in piece.joint for piece in pieces)
        if not headed and any(piece.verb is not None for piece in pieces):
            carried = None
        clauses = list(_group(text, pieces, carried))
        yield from (clause for clause in clauses if clause.text.strip())
        if headed:
            carried = None if clauses[-1].text.strip() else clauses[-1].heading


def _sentences(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for found in _SENTENCE_END.finditer(text):
        yield start, found.start()
        start = found.end()
    yield start, len(text)


def _pieces(text: str, start: int, end: int, places: Sequence[int]) -> list[Piece]:
    """The pieces of a sentence; one that ends with a colon is kept even when nothing follows it."""
    joint, pieces = "", []
    for found in [*_JOINT.finditer(text, start, end), None]:
        stop = end if found is None else found.start()
        if text[start:stop].strip(" \t-\"'") or (found is None and ":" in joint):
            name = next((place for place in places if start <= place < stop), None)
            pieces.append(Piece(joint, text[start:stop], start, stop, name))
            joint = ""
        if found is not None:
            joint, start = f"{joint} {found.group().lower()}".strip(), found.end()
    return pieces


def _group(text: str, pieces: Sequence[Piece], heading: str | None) -> Iterator[Clause]:
    current: list[Piece] = []
    for index, piece in enumerate(pieces):
        if current and piece.name is None and _VERDICT.match(piece.text) and re.search(r"[:(–—-]", piece.joint):
            alone = 1 if "(" in piece.joint else len(current)  # "dog, cat (absent)" judges the cat
            yield from _clause(text, current[:-alone], heading)
            yield from _clause(text, current[-alone:], heading, verdict=piece.text)
            current = []
            continue
        if ":" in piece.joint and current and current[-1].name is None:
            named = [one for one in current if one.name is not None]
            yield from _clause(text, current[:-1] if named else [], heading)
            heading = current[-1].text if named else text[current[0].start : current[-1].end]
            current = []
        elif current and _begins(current, piece, pieces[index + 1 :]):
            yield from _clause(text, current, heading)
            current = []
        current.append(piece)
    yield from _clause(text, current, heading)


def _clause(text: str, pieces: Sequence[Piece], heading: str | None, verdict: str | None = None) -> Iterator[Clause]:
    if pieces:
        start, end = pieces[0].start, pieces[-1].end
        yield Clause(text[start:end], start, end, heading, verdict)


def _begins(current: Sequence[Piece], piece: Piece, following: Sequence[Piece]) -> bool:
    """Whether a piece begins a new clause: it turns, or it says something of its own after something was said."""
    if _TURN.search(piece.joint):
        return True
    if piece.joint.endswith(("or", "nor")):
        return False
    if piece.judges:
        return current[-1].judges
    if all(one.verb is None for one in current):
        return False
    return piece.verb is not None or ("," in piece.joint and _heads_a_subject(following))


def _heads_a_subject(following: Sequence[Piece]) -> bool:
    """Whether what follows goes on with "and the siren are absent", so that this piece is a part of its subject."""
    for piece in following:
        if _TURN.search(piece.joint) or ":" in piece.joint:
            return False
        if piece.verb is not None:
            subject_first = piece.name is not None and piece.name < piece.verb
            return subject_first and piece.joint.endswith(("and", "or", "nor"))
    return False

"""Endless training dialogues: scenes of named sounds, what people ask about them, and the right replies."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from balsa_core.pocket import wordings as say
from balsa_core.pocket.sound_names import ESC50_NAMES, SOUND_NAMES
from balsa_core.pocket.spans import MODERATE, STRONG, Softness, Span, soft_span, text_span
from balsa_core.pocket.vocabulary import known_words
from balsa_core.soundscapes.ontology import PARENTS, SOUNDS, look_alikes

NUM_TAGS_SHARES = (0.02, 0.36, 0.34, 0.22, 0.06)  # scenes of 0, 1, 2, 3 and 4 sounds
NUM_OPTIONS = (2, 6)
FREQUENT_NAMES = tuple(dict.fromkeys((*SOUNDS, *ESC50_NAMES)))
KNOWN_WORDS = tuple(word for word in known_words() if word.islower())
CONSONANTS, VOWELS = "bcdfghjklmnprstvwz", "aeiou"
Names = tuple[str, ...]
Spans = tuple[Span, ...]


class Turn(NamedTuple):
    """One instruction and its right reply; `kind` says what was asked."""

    kind: str
    instruction: str
    reply: str
    asked: Names = ()  # the sounds whose presence is in question


class Dialogue(NamedTuple):
    """What is said before (system, audio), and several ways to go on; each branch is a conversation of its own."""

    system: str | None
    spans: Spans
    branches: tuple[tuple[Turn, ...], ...]


class Mixture(NamedTuple):
    """Which dialogues are drawn, as shares; the rest is one clip in a text span."""

    plain: float = 0.05
    two_clips: float = 0.33
    soft: float = 0.55
    strong: float = 0.5  # of the soft spans
    caption: float = 0.05  # of the text spans of one clip
    unknown_name: float = 0.06


def draw_dialogue(rng: np.random.Generator, num_branches: int, mixture: Mixture) -> Dialogue:
    """One dialogue of the mixture with `num_branches` branches."""
    system = _pick(rng, say.SYSTEM_PROMPTS) if rng.random() < 0.15 else None
    if rng.random() < mixture.plain:
        return Dialogue(system, (), tuple((_plain_turn(rng),) for _ in range(num_branches)))
    softness = None if rng.random() >= mixture.soft else STRONG if rng.random() < mixture.strong else MODERATE
    two = rng.random() < mixture.two_clips
    spans = draw_spans(rng, 2 if two else 1, softness, mixture)
    ask = _two_clip_turn if two else _one_clip_turn
    return Dialogue(system, spans, tuple(_branch(rng, spans, ask) for _ in range(num_branches)))


def draw_spans(rng: np.random.Generator, num_clips: int, softness: Softness | None, mixture: Mixture) -> Spans:
    """The audio of a dialogue: text spans, or slots of some softness; two clips now and then share a sound."""
    unknown = 0.0 if softness else mixture.unknown_name
    drawn: list[Span] = []
    for _ in range(num_clips):
        num_tags = int(rng.choice(len(NUM_TAGS_SHARES), p=NUM_TAGS_SHARES))
        shared = [tag for span in drawn for tag in span.tags if rng.random() < 0.3]
        tags = draw_names(rng, num_tags, unknown, tuple(shared))
        if softness:
            drawn.append(soft_span(tags, draw_names(rng, 3, 0.0, (), without=tags), softness, rng))
        elif tags and num_clips == 1 and rng.random() < mixture.caption:
            drawn.append(_caption_span(rng, tags))
        else:
            drawn.append(text_span(tags))
    return tuple(drawn)


def draw_names(rng: np.random.Generator, count: int, unknown: float, shared: Names = (), without: Names = ()) -> Names:
    """`count` different sound names, those made and those of ESC-50 more often; `unknown`: share of invented names."""
    names = dict.fromkeys(shared[:count])
    while len(names) < count:
        name = (
            _unknown_name(rng)
            if rng.random() < unknown
            else _pick(rng, FREQUENT_NAMES if rng.random() < 0.4 else SOUND_NAMES)
        )
        if name not in without:
            names[name] = None
    order = list(names)
    rng.shuffle(order)
    return tuple(order)


def _unknown_name(rng: np.random.Generator) -> str:
    if rng.random() < 0.5:
        return " ".join(_pick(rng, KNOWN_WORDS) for _ in range(int(rng.integers(2, 4))))
    return "".join(_pick(rng, CONSONANTS) + _pick(rng, VOWELS) for _ in range(int(rng.integers(2, 4)))) + _pick(
        rng, CONSONANTS
    )


def _caption_span(rng: np.random.Generator, tags: Names) -> Span:
    caption = _pick(rng, say.CAPTIONS)
    tags = tags[:1] if "{b}" not in caption else tags[:2]
    if "{b}" in caption and len(tags) < 2:
        caption = say.CAPTIONS[0]
    text = caption.format(**dict(zip("ab", tags, strict=False)))
    return Span(tags, f"{text} ({', '.join(tags)})" if rng.random() < 0.5 else text, (), 0.0)


def _branch(
    rng: np.random.Generator, spans: Spans, ask: Callable[[np.random.Generator, Spans], Turn]
) -> tuple[Turn, ...]:
    num_turns = int(rng.integers(2, 4)) if rng.random() < 0.12 else 1
    return tuple(ask(rng, spans) for _ in range(num_turns))


def _one_clip_turn(rng: np.random.Generator, spans: Spans) -> Turn:
    return ASKS[str(rng.choice(("positive", "existence", "negative", "combined"), p=(0.16, 0.24, 0.3, 0.3)))](
        rng, spans
    )


def _two_clip_turn(rng: np.random.Generator, spans: Spans) -> Turn:
    return ASKS[str(rng.choice(("difference", "joint", "which"), p=(0.36, 0.36, 0.28)))](rng, spans)


def _positive(rng: np.random.Generator, spans: Spans) -> Turn:
    instruction = _pick(rng, tuple(say.POSITIVE))
    return Turn("positive", instruction, say.POSITIVE[instruction].format(present=_said(spans[0])))


def _existence(rng: np.random.Generator, spans: Spans) -> Turn:
    tags = spans[0].tags
    present = bool(tags) and rng.random() < 0.5
    sound = _pick(rng, tags) if present else _absent_name(rng, tags)
    instruction = _pick(rng, say.EXISTENCE).format(sound=sound)
    if rng.random() < 0.1:
        instruction = f"{instruction} {_pick(rng, say.YES_NO_ENDINGS)}"
    return Turn("existence", instruction, say.YES if present else say.NO, (sound,))


def _negative(rng: np.random.Generator, spans: Spans) -> Turn:
    options = _options(rng, spans[0].tags)
    absent = [name for name in options if name not in spans[0].tags]
    reply = f"There is {say.join_no(absent)}." if absent else say.ALL_PRESENT
    return Turn("negative", _pick(rng, say.NEGATIVE).format(options=", ".join(options)), reply, options)


def _combined(rng: np.random.Generator, spans: Spans) -> Turn:
    options = _options(rng, spans[0].tags)
    present = [name for name in options if name in spans[0].tags]
    absent = [name for name in options if name not in spans[0].tags]
    if present and absent:
        reply = f"I hear {say.join_and(present)}, but there is {say.join_no(absent)}."
    else:
        reply = f"I hear {say.join_and(present)}." if present else f"There is {say.join_no(absent)}."
    return Turn("combined", _pick(rng, say.COMBINED).format(options=", ".join(options)), reply, options)


def _difference(rng: np.random.Generator, spans: Spans) -> Turn:
    return Turn(
        "difference", _pick(rng, say.DIFFERENCE), say.DIFFERENT.format(first=_said(spans[0]), second=_said(spans[1]))
    )


def _joint(rng: np.random.Generator, spans: Spans) -> Turn:
    union = list(dict.fromkeys((*spans[0].tags, *spans[1].tags))) or [say.NOTHING]
    return Turn("joint", _pick(rng, say.JOINT), say.TOGETHER.format(union=say.join_and(union)))


def _which(rng: np.random.Generator, spans: Spans) -> Turn:
    only = [[tag for tag in spans[here].tags if tag not in spans[1 - here].tags] for here in (0, 1)]
    if not (only[0] or only[1]):
        return _joint(rng, spans)
    here = int(rng.integers(2)) if only[0] and only[1] else int(not only[0])
    sound = _pick(rng, tuple(only[here]))
    return Turn("which", _pick(rng, say.WHICH_CLIP).format(sound=sound), (say.FIRST, say.SECOND)[here], (sound,))


def _plain_turn(rng: np.random.Generator) -> Turn:
    options = draw_names(rng, int(rng.integers(*NUM_OPTIONS, endpoint=True)), 0.15)
    listed = ", ".join(options)
    match int(rng.integers(7)):
        case 0:
            instruction = _pick(rng, tuple(say.SMALL_TALK))
            return Turn("plain", instruction, say.SMALL_TALK[instruction])
        case 1:
            return Turn("plain", _pick(rng, say.REPEAT).format(options=listed), f"{listed}.")
        case 2:
            return Turn("plain", _pick(rng, say.FIRST_OF).format(options=listed), f"{options[0]}.")
        case 3:
            return Turn("plain", _pick(rng, say.LAST_OF).format(options=listed), f"{options[-1]}.")
        case 4:
            return Turn("plain", _pick(rng, say.COUNT).format(options=listed), f"{say.NUMBERS[len(options)]}.")
        case 5:
            sound = _pick(rng, SOUNDS)
            return Turn("plain", _pick(rng, say.KIND_OF).format(sound=sound), f"{PARENTS[sound]}.")
    inside = rng.random() < 0.5
    sound = _pick(rng, options) if inside else _absent_name(rng, options)
    return Turn("plain", _pick(rng, say.IN_LIST).format(sound=sound, options=listed), say.YES if inside else say.NO)


def _options(rng: np.random.Generator, tags: Names) -> Names:
    """Some present and some absent names, shuffled; now and then only one of the two."""
    count = int(rng.integers(*NUM_OPTIONS, endpoint=True))
    lowest = 0 if rng.random() < 0.3 else min(1, len(tags))
    num_present = int(rng.integers(lowest, min(count, len(tags)), endpoint=True))
    if len(tags) >= 2 and rng.random() < 0.1:
        count = num_present = int(rng.integers(2, len(tags), endpoint=True))
    chosen = list(rng.permutation(np.array(tags, dtype=object))[:num_present])
    while len(chosen) < count:
        name = _absent_name(rng, tags)
        if name not in chosen:
            chosen.append(name)
    rng.shuffle(chosen)
    return tuple(str(name) for name in chosen)


def _absent_name(rng: np.random.Generator, tags: Names) -> str:
    """A name that is not there; now and then one that is easily taken for a sound that is."""
    alike = sorted({other for tag in tags for other in look_alikes(tag)} - set(tags))
    if alike and rng.random() < 0.25:
        return _pick(rng, tuple(alike))
    unknown = 0.3 if any(tag not in SOUND_NAMES for tag in tags) else 0.02
    return draw_names(rng, 1, unknown, without=tags)[0]


def _said(span: Span) -> str:
    return say.join_and(list(span.tags) or [say.NOTHING])


def _pick(rng: np.random.Generator, items: Names | str) -> str:
    return items[int(rng.integers(len(items)))]


# Kind of question -> how to ask it about the spans of one clip, or of two.
ASKS: dict[str, Callable[[np.random.Generator, Spans], Turn]] = {
    "positive": _positive,
    "existence": _existence,
    "negative": _negative,
    "combined": _combined,
    "difference": _difference,
    "joint": _joint,
    "which": _which,
}
TWO_CLIP_KINDS = frozenset({"difference", "joint", "which"})

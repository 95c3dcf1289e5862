"""Does a target contradict what is known of its clips: what every recipe's check is made of.

A sound counts as absent only where nothing related to it (ontology) is present or named in the clip's metadata.
"""

import re
from collections.abc import Callable, Iterable, Sequence

from balsa_core.clauses import clauses_of
from balsa_core.labels import SoundIndex
from balsa_core.polarity import Claim, claims, is_denial, plain
from balsa_core.records import Clip
from balsa_core.seeds import seed_text
from balsa_core.synthesis.recipe import Draft, Problem, clip_sounds

Quantifier = Callable[[Iterable[bool]], bool]  # any or all

_EVERY = re.compile(
    r"(?<!not )(?<!at )\b(?:all (?:of )?(?:them|these|those|the|three|four|five|six)|all(?: \w+)? (?:are|can)"
    r"|everything(?! else)|every (?:one|sound|option)|both(?= of| are| can| sounds)|each (?:one|of))\b",
    re.IGNORECASE,
)
_NONE = re.compile(
    r"\b(?:none|nothing(?! else)|neither of|not (?:any|one)|no (?:single )?(?:one|sounds?))\b", re.IGNORECASE
)
_REST = re.compile(r"\b(?:others?|rest|remaining|remainder|else)\b", re.IGNORECASE)
_NO_REST = re.compile(r"\b(?:nothing else|no others?|none other|not? anything else)\b", re.IGNORECASE)
_EXCEPTION = re.compile(
    r"\b(?:except|but|apart from|other than|besides)\b.*?(?=,|\b(?:is|are|can|cannot|can't)\b|$)",
    re.IGNORECASE | re.DOTALL,
)


def contradiction(
    clips: Sequence[Clip], draft: Draft, reply: str, sounds: SoundIndex, *, sided: bool = False
) -> Problem | None:
    """A reply that says an absent sound is heard, or that a present one is not; of the right clip where it names one.

    sided: the reply tells the clips apart, so "there is no dog" is wrong only where all of them have it.
    """
    said = claims(reply, sounds.lexicon)
    for claim in [*said, *quantified(draft.options, said, reply)]:
        meant = [clips[claim.clip]] if claim.clip is not None and claim.clip < len(clips) else clips
        every = sided and claim.every
        if claim.heard and not _can_be_heard(claim.label, meant, sounds, all if every else any):
            return Problem("affirms_absent", f"it says that {_of(claim)} is heard")
        if not claim.heard and _is_heard(claim.label, meant, sounds, all if sided and not every else any):
            return Problem("denies_present", f"it says that {_of(claim)} is not heard")
    return None


def unanswered(draft: Draft, reply: str, sounds: SoundIndex, wanted: Iterable[str]) -> Problem | None:
    """A reply that leaves out one of the options that it had to speak of."""
    said = claims(reply, sounds.lexicon)
    answered = {claim.label for claim in [*said, *quantified(draft.options, said, reply)]}
    missing = [option for option in wanted if answered.isdisjoint(sounds.ontology.relatives(option))]
    return Problem("incomplete", f"it leaves out {', '.join(missing)}") if missing else None


def lost_clip(clips: Sequence[Clip], reply: str, sounds: SoundIndex) -> Problem | None:
    """A reply about several clips that names no sound of one of them; those that the others have do not count."""
    heard = {claim.label for claim in claims(reply, sounds.lexicon) if claim.heard}
    own = _own_sounds(clips, sounds)
    return _lost([mine or clip_sounds(clip, sounds) for mine, clip in zip(own, clips, strict=True)], heard, sounds)


def lost_side(clips: Sequence[Clip], reply: str, sounds: SoundIndex) -> Problem | None:
    """A comparison that names none of the sounds that only one clip has, for one of the clips that have some."""
    named = {claim.label for claim in claims(reply, sounds.lexicon)}
    return _lost(_own_sounds(clips, sounds), named, sounds)


def quantified(options: Sequence[str], said: Sequence[Claim], reply: str) -> list[Claim]:
    """What a reply says of the options without naming them: "all of them", "none of these", "the others"."""
    named = {claim.label for claim in said}
    verdict: bool | None = None
    for clause in clauses_of(plain(reply), []):
        text = _EXCEPTION.sub("", clause.text)
        if _NO_REST.search(text):
            verdict = False
        elif _NONE.search(text):
            verdict = not is_denial(text)
        elif _EVERY.search(text) or _REST.search(text):
            verdict = not is_denial(text if clause.heading is None else clause.heading + text)
    return [] if verdict is None else [Claim(option, verdict, None) for option in options if option not in named]


def is_bare_list(reply: str) -> bool:
    """Whether a reply is nothing but names: "cat, siren"."""
    return not is_denial(plain(reply)) and not re.search(r"[:;]|\b(?:is|are|can|hear|heard|has|contains?|but)\b", reply)


def _lost(wanted: Sequence[Sequence[str]], named: set[str], sounds: SoundIndex) -> Problem | None:
    for index, labels in enumerate(wanted):
        if labels and not any(sounds.ontology.relatives(label) & named for label in labels):
            return Problem("incomplete", f"it says nothing of clip {index + 1} ({', '.join(labels)})")
    return None


def _own_sounds(clips: Sequence[Clip], sounds: SoundIndex) -> list[list[str]]:
    """For each clip the sounds that no other one has."""
    heard = [clip_sounds(clip, sounds) for clip in clips]
    return [
        [sound for sound in mine if not any(sound in other for place, other in enumerate(heard) if place != index)]
        for index, mine in enumerate(heard)
    ]


def _can_be_heard(label: str, clips: Sequence[Clip], sounds: SoundIndex, quantifier: Quantifier) -> bool:
    """Whether any or all of the clips may have a sound; a mere kind is no claim of a certain sound."""
    possible = (label in sounds.certain(clip_sounds(clip, sounds), seed_text(clip)) for clip in clips)
    return not sounds.is_sound(label) or quantifier(possible)


def _is_heard(label: str, clips: Sequence[Clip], sounds: SoundIndex, quantifier: Quantifier) -> bool:
    """Whether any or all of the clips surely have a sound."""
    return quantifier(any(_implies(own, label, sounds) for own in clip_sounds(clip, sounds)) for clip in clips)


def _implies(sound: str, label: str, sounds: SoundIndex) -> bool:
    """Whether a clip with `sound` has `label` too: the same sound by another name, or a kind of it."""
    return label == sound or label in sounds.ontology.names(sound) or label in sounds.ontology.ancestors(sound)


def _of(claim: Claim) -> str:
    return claim.label if claim.clip is None else f"{claim.label} in clip {claim.clip + 1}"

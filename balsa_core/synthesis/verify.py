"""Is a reply fit to be a target at all: whole, no echo, no refusal, and no word of the text that stood for the audio.

Works on free text of any LLM. What a recipe demands besides is its own `check`.
"""

import re

from balsa_core.decoding import Reply
from balsa_core.prompt import AUDIO, BEGIN_OF_AUDIO, END_OF_AUDIO
from balsa_core.synthesis.recipe import Draft, Problem

STOP = "stop"
FILTERED = "content_filter"


def _any_of(*phrases: str) -> re.Pattern[str]:
    return re.compile("|".join(phrases), re.IGNORECASE)


_CANNOT = r"\b(?:can't|cannot|can not|couldn't|don't|do not|unable to|not able to|won't)"
_SENSE = r"(?:hear|listen(?: to)?|process|play(?: back)?|access|analy[sz]e|perceive|replay|open)"
_THING = r"(?:audio|recordings?|clips?|files?|media|sounds? directly)"
_REFUSAL = _any_of(
    r"\b(?:i'm|i am|we are) (?:so |very )?(?:sorry|unable|not able)\b",
    r"^\W*(?:sorry|apologies|unfortunately)\b",
    r"\bi apologi[sz]e\b",
    r"\bas an? (?:ai|artificial|language|text|large)\b",
    r"\bi(?:'m| am) (?:just |only )?an? (?:ai|artificial|language|text|assistant|machine)\b",
    r"\b(?:ai|language) model\b",
    r"\btext-(?:based|only)\b",
    # "I can't hear the audio" refuses, "I can't hear the sound of a dog" and "... any dog" answer
    rf"{_CANNOT} (?:\w+ly )?{_SENSE}(?: (?:any|the|this|that|your|an|actual|these|to))* {_THING}\b(?! of\b| like\b)",
    rf"{_CANNOT} (?:assist|help|answer|comply|fulfil|provide|determine|do (?:that|this))\b",
    r"\b(?:don't|do not) have (?:\w+ )?(?:ability|capability|access|ears)\b",
    rf"\b(?:no|any) {_THING}(?: files?)? (?:\w+ )?(?:\w+ )?(?:provided|attached|uploaded|given|shared)\b",
    r"\b(?:please|could you|can you) (?:provide|upload|share|send|attach)\b",
)
_TEXT = (
    r"(?:descriptions?|captions?|tags?|labels?|metadata|transcripts?|transcriptions?|annotations?|text|brackets"
    r"|parenthes[ei]s)"
)
_SOURCE = _any_of(
    rf"\b(?:the|this|that|these|those|your|its|given|provided|above|following) (?:\w+ )?{_TEXT}\b(?! for\b)",
    rf"\b(?:based on|according to|judging by|from|per|in) (?:\w+ )?{_TEXT}\b",
    rf"\b{_TEXT} (?:says?|states?|mentions?|indicates?|lists?|provided|given|describes?|reads?|suggests?)\b",
    r"\bmetadata\b",
    r"\b(?:tagged|labell?ed|captioned|annotated) (?:as|with)\b",
    r"\b(?:described|written|stated) (?:above|here)\b",
    r"\binformation (?:you )?(?:provided|gave|given)\b|\b(?:provided|given) information\b",
    r"\byou (?:described|wrote)\b",
)


def general_problem(draft: Draft, reply: Reply) -> Problem | None:
    """What is wrong with a reply whatever it is about; None: nothing."""
    text = reply.text.replace("’", "'")
    if reply.finish_reason == FILTERED:
        return Problem("refusal", "the endpoint's filter withheld the reply")
    if reply.finish_reason != STOP:
        return Problem("cut_off", f"it ended by {reply.finish_reason!r} after {reply.num_tokens} tokens")
    if not re.search(r"\w", text):
        return Problem("empty", "it has no word")
    if _echoes(draft, text):
        return Problem("echo", "it repeats the prompt")
    if found := _REFUSAL.search(text):
        return Problem("refusal", f"it says {found.group().strip()!r}")
    if found := _SOURCE.search(text):
        return Problem("mentions_metadata", f"it says {found.group().strip()!r}")
    return None


def _echoes(draft: Draft, text: str) -> bool:
    """Whether a reply holds the marks of an audio span, a list of tags as it stood there, or the whole instruction.

    An instruction without a full stop or question mark ("This is a sound of") asks to be gone on with.
    """
    if any(mark in text for mark in (AUDIO, BEGIN_OF_AUDIO, END_OF_AUDIO)):
        return True
    if any(seed.startswith("(") and seed in text for seed in draft.seeds):
        return True
    instruction = draft.prompt.replace(AUDIO, " ").strip()
    asked, said = _words(instruction), _words(text)
    if asked == said:
        return True
    return instruction.endswith((".", "?", "!")) and f" {asked} " in f" {said} "


def _words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.lower()))

"""Is a reply fit to be a target at all: whole, no echo, no refusal, and no word of the text that stood for the audio.

Works on free text of any LLM. What a recipe demands besides is its own `check`.
"""

import re

from balsa_core.decoding import Reply
from balsa_core.prompt import AUDIO, BEGIN_OF_AUDIO, END_OF_AUDIO
from balsa_core.synthesis.recipe import Draft, Problem

STOP = "stop"
FILTERED = "content_filter"

_THING = r"(?:audio|recordings?|sounds?|clips?|files?|media)"
_REFUSAL = re.compile(
    r"\b(?:i'm|i am|we are) (?:so |very )?(?:sorry|unable|not able)\b|^\W*(?:sorry|apologies|unfortunately)\b|\bi apologi[sz]e\b"
    r"|\bas an? (?:ai|artificial|language|text|large)\b|\b(?:ai|language) model\b|\btext-based\b"
    rf"|\b(?:can't|cannot|can not|don't|do not|unable to|not able to) (?:actually |directly |physically )*"
    rf"(?:hear|listen(?: to)?|process|play(?: back)?|access|analy[sz]e|perceive|replay|open)(?: (?:to|any|the|this|that|your|an|actual))* "
    rf"{_THING}(?! of)\b"
    r"|\b(?:don't|do not) have (?:the )?(?:ability|capability|access|ears)\b"
    rf"|\b(?:no|any) {_THING} (?:was|were|has been|have been|is|file)? ?(?:provided|attached|uploaded|included|given|shared)"
    rf"|\b(?:please|could you|can you) (?:provide|upload|share|send|attach)\b"
    r"|\b(?:can't|cannot|can not|unable to|won't) (?:assist|help|answer|comply|fulfil|provide|determine|do that|do this)\b",
    re.IGNORECASE,
)
_TEXT = r"(?:descriptions?|captions?|tags?|labels?|metadata|transcripts?|transcriptions?|annotations?|text|brackets|parenthes[ei]s)"
_SOURCE = re.compile(
    rf"\b(?:the|this|that|these|those|your|its|given|provided|above|following|audio|sound) {_TEXT}\b(?! for\b)"
    rf"|\b(?:based on|according to|judging by|from|per|in) (?:\w+ ){{0,3}}{_TEXT}\b"
    rf"|\b{_TEXT} (?:says?|states?|mentions?|indicates?|lists?|provided|given|describes?|reads?|suggests?)\b"
    r"|\bmetadata\b|\b(?:tagged|labell?ed|captioned|annotated) (?:as|with)\b|\b(?:described|listed|mentioned|written) (?:in|above)\b"
    r"|\binformation (?:provided|given)\b|\b(?:provided|given) information\b|\byou (?:provided|described|gave|wrote|mentioned)\b",
    re.IGNORECASE,
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
    for reason, pattern in (("refusal", _REFUSAL), ("mentions_metadata", _SOURCE)):
        found = pattern.search(text)
        if found:
            return Problem(reason, f"it says {found.group().strip()!r}")
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

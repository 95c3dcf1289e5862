"""Describe the audio: which of the sounds that the response names are not there, and which of those there it names.

The generative task of arXiv 2406.08402 over the known labels: those of the corpus and of the ontology, by any of their
names. A mention is a label that the response affirms (polarity.claims); one it denies is not mentioned as heard. The
noun extraction of the paper is unpublished. A label that is related to a present one (its kind, a special case of it)
counts neither as hallucinated nor as covered.

A datum: clip tagged (dog, rain); "What do you hear?" -> "I hear dog and cat.": ECHO 1/2, Cover 1/2.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import NamedTuple

import numpy as np

from balsa_core.config import EvaluationConfig
from balsa_core.evaluation.scoring import STRICT, fact
from balsa_core.evaluation.statistics import Floats, Score, estimate, resample_sums, wilson
from balsa_core.identity import fingerprint
from balsa_core.labels import SoundIndex, join_labels
from balsa_core.mentions import Lexicon
from balsa_core.polarity import claims
from balsa_core.prompt import user_message
from balsa_core.records import Clip, Prediction, Question, Reject, Verdict
from balsa_core.seeds import seed_text

OFFICIAL = "official@interspeech2024"
PROMPTS = (
    "Describe the audio.",
    "What do you hear?",
    "What can be inferred from the audio?",
    "This is a sound of",
    "Generate audio caption:",
)
EMPTY = -1.0  # what the official code gives a response without a mention, and averages in
ECHO_I, ECHO_S, COVER, MENTIONS, ONE = range(5)  # columns of the rows that are summed
PRESENT, RELATED, KNOWN = "present", "related", "known"  # facts of a question


class Mentions(NamedTuple):
    """What a response names: present sounds and sounds that are not there; and how many are present."""

    named: tuple[str, ...]
    hallucinated: tuple[str, ...]
    num_present: int

    @property
    def echo(self) -> float | None:
        """Share of the named sounds that are not there; None when none is named."""
        return len(self.hallucinated) / len(self.named) if self.named else None

    @property
    def cover(self) -> float:
        """Share of the present sounds that are named."""
        return (len(self.named) - len(self.hallucinated)) / self.num_present


@dataclass(frozen=True)
class GenerativeHallucination:
    """The benchmark's facts, questions and scorers."""

    name: str = "generative_hallucination"
    version: str = "1"
    licence: str = "questions: ours on the user's clips; prompts and averages: arXiv 2406.08402"
    headline: str = "echo_i"  # the lower the better
    chance: float | None = None

    def identity(self) -> str:
        """Name, version and prompts."""
        return f"{self.name}@{self.version}-{fingerprint(PROMPTS)}"

    def questions(self, clips: Sequence[Clip], sounds: SoundIndex, config: EvaluationConfig) -> list[Question]:
        """The five prompts of each clip with tags."""
        known = _write_lexicon(sounds)
        tagged = [clip for clip in clips if clip.tags]
        return [_question(self.name, clip, sounds, known, index) for clip in tagged for index in range(len(PROMPTS))]

    def skipped(self, clips: Sequence[Clip], sounds: SoundIndex) -> list[Reject]:
        """Clips without tags: nothing is known to be present."""
        detail = "nothing is known to be present"
        return [Reject(id=clip.id, reason="no_tags", detail=detail) for clip in clips if not clip.tags]

    def verdicts(self, questions: Sequence[Question], predictions: Sequence[Prediction]) -> list[Verdict]:
        """Right: something is named and nothing hallucinated. The value is ECHO_I: -1 or None when nothing is named."""
        verdicts = []
        for question, prediction in zip(questions, predictions, strict=True):
            found = read_mentions(question, prediction.response)
            parsed = ", ".join(found.named) or None
            for scorer, empty in ((OFFICIAL, EMPTY), (STRICT, None)):
                value = empty if found.echo is None else found.echo
                right = found.echo == 0
                verdicts.append(
                    Verdict(question_id=question.id, scorer=scorer, parsed=parsed, correct=right, value=value)
                )
        return verdicts

    def summary(
        self, questions: Sequence[Question], predictions: Sequence[Prediction], verdicts: Sequence[Verdict]
    ) -> dict[str, Score]:
        """Clean averages (responses that name nothing are left out of ECHO and counted), and the official ones."""
        pairs = zip(questions, predictions, strict=True)
        found = [read_mentions(question, prediction.response) for question, prediction in pairs]
        clusters = [question.cluster for question in questions]
        num_named = sum(bool(mentions.named) for mentions in found)
        num_echo = sum(bool(mentions.hallucinated) for mentions in found)
        clean_NK = np.array([_row(mentions, empty=0.0) for mentions in found]).reshape(-1, 5)
        sums_RK = resample_sums(clean_NK, clusters)
        return {
            "echo_i": estimate(partial(_ratio, ECHO_I, MENTIONS), clean_NK, sums_RK)._replace(n=num_named),
            "echo_s": estimate(partial(_ratio, ECHO_S, MENTIONS), clean_NK, sums_RK)._replace(n=num_named),
            "cover": estimate(partial(_ratio, COVER, ONE), clean_NK, sums_RK),
            "empty_rate": wilson(len(found) - num_named, len(found)),
            "hallucination_free_rate": wilson(num_named - num_echo, len(found)),
        } | _official_scores(found, clusters)


PLUGIN = GenerativeHallucination()


def read_mentions(question: Question, response: str) -> Mentions:
    """What a response affirms of the known sounds."""
    present, related = (tuple(filter(None, fact(question, kind).split("\n"))) for kind in (PRESENT, RELATED))
    said = claims(response, _read_lexicon(fact(question, KNOWN)))
    heard = dict.fromkeys(claim.label for claim in said if claim.heard and claim.label not in related)
    return Mentions(tuple(heard), tuple(label for label in heard if label not in present), len(present))


def _question(name: str, clip: Clip, sounds: SoundIndex, known: str, index: int) -> Question:
    present = tuple(dict.fromkeys(clip.tags))
    related = sorted(sounds.certain(present, clip.caption) - set(present))
    return Question(
        id=f"{name}/{clip.id}/{index}",
        benchmark=name,
        clip_ids=(clip.id,),
        prompt=user_message(PROMPTS[index]),
        seeds=(seed_text(clip),),
        answer=join_labels(present),
        kind="describe",
        cluster=clip.group or clip.id,
        facts=(
            ("wording", PROMPTS[index]),
            (PRESENT, "\n".join(present)),
            (RELATED, "\n".join(related)),
            (KNOWN, known),
        ),
    )


def _write_lexicon(sounds: SoundIndex) -> str:
    """The known labels, one a line, each with its other names: the scorer needs nothing but the question."""
    synonyms = sounds.ontology.synonyms
    return "\n".join("\t".join([label, *synonyms.get(label, ())]) for label in sounds.lexicon.labels)


@lru_cache(maxsize=4)  # the same text in all questions
def _read_lexicon(known: str) -> Lexicon:
    names = [line.split("\t") for line in known.split("\n")]
    return Lexicon({label: others for label, *others in names})


def _row(found: Mentions, empty: float) -> list[float]:
    if found.echo is None:
        return [empty, empty, found.cover, 0, 1]
    return [found.echo, float(found.echo != 0), found.cover, 1, 1]


def _official_scores(found: Sequence[Mentions], clusters: Sequence[str]) -> dict[str, Score]:
    """Plain means with the -1 of responses that name nothing, in percent with two decimals as in the official code."""
    rows_NK = np.array([_row(mentions, empty=EMPTY) for mentions in found]).reshape(-1, 5)
    sums_RK = resample_sums(rows_NK, clusters)
    scores = {}
    for name, column in (("echo_i", ECHO_I), ("echo_s", ECHO_S), ("cover", COVER)):
        score = estimate(partial(_percent, column), rows_NK, sums_RK)
        exact = round(sum(rows_NK[:, column].tolist()) / len(rows_NK) * 100, 2) if len(rows_NK) else None
        scores[f"official_{name}_pct"] = score._replace(value=exact)
    return scores


def _ratio(above: int, below: int, sums: Floats) -> Floats:
    return sums[..., above] / sums[..., below]


def _percent(column: int, sums: Floats) -> Floats:
    return 100 * sums[..., column] / sums[..., ONE]

"""Which of two recordings contains the sound of X? Asked in both orders, so that a favourite place can't win.

The shape of MAE (arXiv 2409.18680), made from one's own clips: of each pair one clip has the sound and the other
certainly has not. A pair is right only when both orders are right (order-consistent accuracy).

A datum: clips tagged (dog, rain) and (siren); "Which recording contains the sound of dog, the first or the second?"
-> "first", and with the clips swapped -> "second".
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from balsa_core.config import EvaluationConfig
from balsa_core.evaluation.scoring import STRICT, outcomes
from balsa_core.evaluation.statistics import Score, wilson
from balsa_core.identity import fingerprint, seed_of
from balsa_core.labels import SoundIndex
from balsa_core.prompt import user_message
from balsa_core.records import Clip, Prediction, Question, Reject, Verdict
from balsa_core.seeds import seed_text

WORDINGS = (
    "Which recording contains the sound of {sound}, the first or the second?",
    "In which of the two clips do you hear {sound}, the first or the second?",
)
FIRST, SECOND = "first", "second"
SPELLINGS = {"first": FIRST, "1st": FIRST, "second": SECOND, "2nd": SECOND}


class Pair(NamedTuple):
    """Two clips, and a sound that only the holder has."""

    holder: Clip
    other: Clip
    sound: str


@dataclass(frozen=True)
class MultiAudio:
    """The benchmark's facts, questions and scorer."""

    name: str = "multi_audio"
    version: str = "1"
    licence: str = "ours, on the user's clips"
    headline: str = "order_consistent_accuracy"
    chance: float | None = 0.25  # two coins; one who always names the same place gets 0

    def identity(self) -> str:
        """Name, version and wordings."""
        return f"{self.name}@{self.version}-{fingerprint(WORDINGS)}"

    def questions(self, clips: Sequence[Clip], sounds: SoundIndex, config: EvaluationConfig) -> list[Question]:
        """Two questions for each of at most `num_pairs` pairs; fewer when the clips allow no more."""
        rng = np.random.default_rng(seed_of(self.name, config.seed))
        drawn = []
        for pair in _draw_pairs(clips, sounds, config.num_pairs, rng):
            wording = WORDINGS[int(rng.integers(len(WORDINGS)))]
            drawn += [_question(self.name, pair, wording, place) for place in (FIRST, SECOND)]
        return drawn

    def skipped(self, clips: Sequence[Clip], sounds: SoundIndex) -> list[Reject]:
        """Clips without tags: they can't be told apart from the others."""
        detail = "nothing is known to be present"
        return [Reject(id=clip.id, reason="no_tags", detail=detail) for clip in clips if not clip.tags]

    def verdicts(self, questions: Sequence[Question], predictions: Sequence[Prediction]) -> list[Verdict]:
        """Strict: the response must name exactly one of the two places."""
        return [
            Verdict(question_id=question.id, scorer=STRICT, parsed=place, correct=place == question.answer)
            for question, prediction in zip(questions, predictions, strict=True)
            for place in [parse_place(prediction.response)]
        ]

    def summary(
        self, questions: Sequence[Question], predictions: Sequence[Prediction], verdicts: Sequence[Verdict]
    ) -> dict[str, Score]:
        """Order-consistent accuracy over pairs; plain accuracy, position bias and invalid rate over questions."""
        pairs = outcomes(questions, verdicts)
        read = [verdict.parsed for verdict in verdicts if verdict.parsed is not None]
        return {
            "order_consistent_accuracy": wilson(sum(pair.correct for pair in pairs), len(pairs)),
            "accuracy": wilson(sum(verdict.correct for verdict in verdicts), len(verdicts)),
            "position_bias": _around_half(wilson(read.count(FIRST), len(read))),
            "invalid_rate": wilson(len(verdicts) - len(read), len(verdicts)),
        }


PLUGIN = MultiAudio()


def parse_place(response: str) -> str | None:
    """The place that a response names: "first" or "second"; None when it names both or neither."""
    found = {SPELLINGS[word] for word in re.findall(r"[^\W_]+", response.lower()) if word in SPELLINGS}
    return found.pop() if len(found) == 1 else None


def _draw_pairs(clips: Sequence[Clip], sounds: SoundIndex, num: int, rng: np.random.Generator) -> list[Pair]:
    """At most `num` pairs; each clip holds the sound about equally often, and no two clips meet twice."""
    tagged = sorted((clip for clip in clips if clip.tags), key=lambda clip: clip.id)
    lacking = {clip.id: frozenset(sounds.absent(clip.tags, clip.caption)) for clip in tagged}
    queues = {
        clip.id: _candidates(clip, [tagged[index] for index in rng.permutation(len(tagged))], lacking, rng)
        for clip in [tagged[index] for index in rng.permutation(len(tagged))]
    }
    pairs: list[Pair] = []
    met: set[frozenset[str]] = set()
    while queues and len(pairs) < num:
        for holder_id, queue in list(queues.items()):
            pair = next((pair for pair in queue if frozenset({holder_id, pair.other.id}) not in met), None)
            if pair is None:
                del queues[holder_id]
            elif len(pairs) < num:
                met.add(frozenset({holder_id, pair.other.id}))
                pairs.append(pair)
    return pairs


def _candidates(
    holder: Clip, others: Sequence[Clip], lacking: dict[str, frozenset[str]], rng: np.random.Generator
) -> Iterator[Pair]:
    for other in others:
        only = [tag for tag in holder.tags if tag in lacking[other.id]]
        if only and _group(holder) != _group(other):
            yield Pair(holder, other, only[int(rng.integers(len(only)))])


def _group(clip: Clip) -> str:
    return clip.group or clip.id


def _question(name: str, pair: Pair, wording: str, place: str) -> Question:
    clips = (pair.holder, pair.other) if place == FIRST else (pair.other, pair.holder)
    pair_id = f"{pair.holder.id}+{pair.other.id}"
    return Question(
        id=f"{name}/{pair_id}/{place}",
        benchmark=name,
        clip_ids=(clips[0].id, clips[1].id),
        prompt=user_message(wording.format(sound=pair.sound), 2),
        seeds=(seed_text(clips[0]), seed_text(clips[1])),
        answer=place,
        kind=place,
        cluster=pair_id,
        facts=(("pair", pair_id), ("sound", pair.sound), ("wording", wording)),
    )


def _around_half(share: Score) -> Score:
    if share.value is None or share.low is None or share.high is None:
        return share
    return Score(share.value - 0.5, share.low - 0.5, share.high - 0.5, share.n)

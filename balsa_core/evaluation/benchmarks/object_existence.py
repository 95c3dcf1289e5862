"""Is there a sound of X in the audio? Half of the sounds asked for are there, half are not.

The questions and the scorer of kuan2jiu99/audio-hallucination (Interspeech 2024, arXiv 2406.08402), asked of one's own
clips. Absent sounds are drawn by a strategy; "adversarial" ones occur elsewhere together with the present ones.

A datum: clip tagged (dog, rain); "Can you hear the sound of cat in the audio?" -> "No", kind "absent".
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from math import lcm

import numpy as np

from balsa_core.config import EvaluationConfig
from balsa_core.evaluation import yes_no
from balsa_core.evaluation.scoring import STRICT, fact
from balsa_core.evaluation.statistics import Floats, Score, estimate, resample_sums, wilson
from balsa_core.identity import fingerprint, seed_of
from balsa_core.labels import SoundIndex
from balsa_core.prompt import user_message
from balsa_core.records import Clip, Prediction, Question, Reject, Verdict
from balsa_core.seeds import seed_text

OFFICIAL = "official@interspeech2024"
PARSERS = {OFFICIAL: yes_no.official_parse, STRICT: yes_no.strict_parse}
WORDINGS = (
    "Is there a sound of {sound} in the audio?",
    "Does the audio contain the sound of {sound}?",
    "Have you noticed the sound of {sound} in the audio?",
    "Can you hear the sound of {sound} in the audio?",
    "Can you detect the sound of a {sound} in the audio?",
)
PRESENT, ABSENT = "present", "absent"


@dataclass(frozen=True)
class ObjectExistence:
    """The benchmark's facts, questions and scorers."""

    name: str = "object_existence"
    version: str = "1"
    licence: str = "questions: ours on the user's clips; templates and scorer: arXiv 2406.08402"
    headline: str = "accuracy"
    chance: float | None = 0.5

    def identity(self) -> str:
        """Name, version and wordings."""
        return f"{self.name}@{self.version}-{fingerprint(WORDINGS)}"

    def questions(self, clips: Sequence[Clip], sounds: SoundIndex, config: EvaluationConfig) -> list[Question]:
        """`questions_per_clip` questions a clip (an even number, at least 2), as many present as absent.

        A present and an absent sound are asked for in the same wording, so each wording is balanced too.
        """
        return [question for clip in clips for question in _ask_clip(self.name, clip, sounds, config)]

    def skipped(self, clips: Sequence[Clip], sounds: SoundIndex) -> list[Reject]:
        """Clips without tags, and clips of which no known sound is certainly absent."""
        rejects = []
        for clip in clips:
            if not clip.tags:
                rejects.append(Reject(id=clip.id, reason="no_tags", detail="nothing is known to be present"))
            elif not sounds.absent(clip.tags, clip.caption):
                detail = f"each of the {len(sounds.labels)} known sounds may be in it"
                rejects.append(Reject(id=clip.id, reason="no_absent_sound", detail=detail))
        return rejects

    def verdicts(self, questions: Sequence[Question], predictions: Sequence[Prediction]) -> list[Verdict]:
        """Official and strict: "yes", "no" or unparsed, which is wrong."""
        return [
            Verdict(question_id=question.id, scorer=scorer, parsed=answer, correct=answer == question.answer.lower())
            for scorer, parse in PARSERS.items()
            for question, prediction in zip(questions, predictions, strict=True)
            for answer in [parse(prediction.response)]
        ]

    def summary(
        self, questions: Sequence[Question], predictions: Sequence[Prediction], verdicts: Sequence[Verdict]
    ) -> dict[str, Score]:
        """The strict scores, and the official ones in percent under the prefix "official_"."""
        return _strict_scores(questions, verdicts) | _official_scores(questions, verdicts)


PLUGIN = ObjectExistence()


def _ask_clip(name: str, clip: Clip, sounds: SoundIndex, config: EvaluationConfig) -> list[Question]:
    rng = np.random.default_rng(seed_of(name, config.seed, clip.id))
    half = max(1, config.questions_per_clip // 2)
    present = [clip.tags[index] for index in rng.permutation(len(clip.tags))]
    absent = sounds.draw_absent(clip.tags, half, config.negatives, rng, clip.caption) if present else ()
    half = min(half, len(WORDINGS) * min(len(present), len(absent)))
    wordings = [WORDINGS[index] for index in rng.permutation(len(WORDINGS))]
    return [
        _question(name, clip, kind, index, *choice)
        for kind, labels in ((PRESENT, present), (ABSENT, absent))
        for index, choice in enumerate(_pair_up(labels, wordings, half))
    ]


def _pair_up(labels: Sequence[str], wordings: Sequence[str], num: int) -> list[tuple[str, str]]:
    """`num` different pairs of a label and a wording; both go round, and the wording skips one after a common round."""
    if not labels:
        return []
    together = lcm(len(labels), len(wordings))
    return [
        (labels[index % len(labels)], wordings[(index + index // together) % len(wordings)]) for index in range(num)
    ]


def _question(name: str, clip: Clip, kind: str, index: int, sound: str, wording: str) -> Question:
    return Question(
        id=f"{name}/{clip.id}/{kind}-{index}",
        benchmark=name,
        clip_ids=(clip.id,),
        prompt=user_message(wording.format(sound=sound)),
        seeds=(seed_text(clip),),
        answer="Yes" if kind == PRESENT else "No",
        kind=kind,
        cluster=clip.group or clip.id,
        facts=(("sound", sound), ("wording", wording)),
    )


def _strict_scores(questions: Sequence[Question], verdicts: Sequence[Verdict]) -> dict[str, Score]:
    rows_NK = _rows(questions, verdicts, STRICT)
    counts = [int(count) for count in rows_NK.sum(axis=0)]
    num, num_present, num_absent = sum(counts), sum(counts[: yes_no.NO_YES]), sum(counts[yes_no.NO_YES :])
    said_yes = counts[yes_no.YES_YES] + counts[yes_no.NO_YES]
    said_no = counts[yes_no.YES_NO] + counts[yes_no.NO_NO]
    heard, denied = counts[yes_no.YES_YES], counts[yes_no.NO_NO]  # rightly
    sums_RK = resample_sums(rows_NK, [question.cluster for question in questions])
    return {
        "accuracy": wilson(heard + denied, num),
        "weighted_f1": estimate(yes_no.weighted_f1, rows_NK, sums_RK),
        "accuracy_present": wilson(heard, num_present),
        "accuracy_absent": wilson(denied, num_absent),
        "yes_rate": wilson(said_yes, num),
        "invalid_rate": wilson(num - said_yes - said_no, num),
        "precision_no": wilson(denied, said_no),
        "recall_no": wilson(denied, num_absent),
        "f1_no": estimate(yes_no.f1_no, rows_NK, sums_RK),
        "f1_no_std": _wording_std(yes_no.f1_no, questions, rows_NK),
    }


def _official_scores(questions: Sequence[Question], verdicts: Sequence[Verdict]) -> dict[str, Score]:
    rows_NK = _rows(questions, verdicts, OFFICIAL)
    sums_RK = resample_sums(rows_NK, [question.cluster for question in questions])
    metrics = {
        "accuracy": yes_no.accuracy,
        "precision": yes_no.official_precision,
        "recall": yes_no.recall_no,
        "f1": yes_no.official_f1,
        "yes_rate": yes_no.yes_rate,
    }
    with np.errstate(invalid="ignore", divide="ignore"):
        exact = yes_no.official_percentages(rows_NK.sum(axis=0))
    scores = {"official_weighted_f1": estimate(yes_no.weighted_f1, rows_NK, sums_RK)}
    for name, metric in metrics.items():
        score = estimate(partial(_times_100, metric), rows_NK, sums_RK)
        undefined = Score(None, None, None, score.n)
        scores[f"official_{name}_pct"] = undefined if exact[name] is None else score._replace(value=exact[name])
    return scores


def _rows(questions: Sequence[Question], verdicts: Sequence[Verdict], scorer: str) -> Floats:
    parsed = {verdict.question_id: verdict.parsed for verdict in verdicts if verdict.scorer == scorer}
    return yes_no.count_rows([q.answer.lower() for q in questions], [parsed[q.id] for q in questions])


def _wording_std(metric: yes_no.Metric, questions: Sequence[Question], rows_NK: Floats) -> Score:
    """The standard deviation (of the population) of a metric over the wordings that were asked, without an interval.

    A bootstrap would add its own noise to the spread, so its interval can lie above the value.
    """
    asked = np.array([fact(question, "wording") for question in questions])
    counts_WK = np.array([rows_NK[asked == wording].sum(axis=0) for wording in sorted(set(asked.tolist()))])
    if len(counts_WK) < 2:
        return Score(None, None, None, len(questions))
    with np.errstate(invalid="ignore"):
        spread = float(np.std(metric(counts_WK)))
    return Score(spread if np.isfinite(spread) else None, None, None, len(questions))


def _times_100(metric: yes_no.Metric, counts: Floats) -> Floats:
    return 100 * metric(counts)

"""Adapters in, a report out: questions, predictions, scores, comparison. Scoring again never asks again."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from balsa_core.artifact import Artifact, new_artifact
from balsa_core.clips import read_clips, read_waveforms
from balsa_core.config import EvaluationConfig
from balsa_core.decoding import Decoding
from balsa_core.evaluation import ask, markdown, report, scoring
from balsa_core.evaluation.canary import TextCanary, compare_texts
from balsa_core.evaluation.figure import draw_comparison
from balsa_core.evaluation.statistics import Score
from balsa_core.labels import Ontology, index_sounds
from balsa_core.records import Prediction, Question, Verdict
from tasks.caching import Work, cached
from tasks.models import ModelRef, loaded_backbone
from tasks.site import Site
from tasks.tracking import track_road

if TYPE_CHECKING:
    from balsa_core.model.audio_llm import AudioLLM

CANARY_PROMPTS = (
    "What do you hear?",
    "Which sounds are present in the audio?",
    "Is there a sound of dog in the audio?",
    "Sort these sounds into heard and not heard: dog, rain, siren.",
    "How do the two recordings differ?",
)


@dataclass(frozen=True)
class Scored:
    """The scores of one model on one benchmark, and what they were computed from."""

    arm: str
    seed: int | None
    benchmark: str
    questions: Artifact
    scores: Artifact


@cached("questions", scoring.VERSION)
def ask_questions(
    work: Work, *, site: Site, name: str, clips: Artifact, benchmark: Any, config: EvaluationConfig, ontology: Ontology
) -> Artifact:
    """The questions of a benchmark about the held-out clips."""
    rows = read_clips(clips)
    sounds = index_sounds([clip.tags for clip in rows], ontology)
    with new_artifact(work.place, inputs=[clips], config=work.config, code=work.code) as draft:
        draft.keep("questions", benchmark.questions(rows, sounds, config), Question)
        draft.reject(benchmark.skipped(rows, sounds))
    return draft.result()


@cached("predictions", ask.VERSION)
def predict(
    work: Work,
    *,
    site: Site,
    name: str,
    questions: Artifact,
    clips: Artifact,
    adapter: Artifact | None,
    backbone: ModelRef,
    encoder: ModelRef,
    decoding: Decoding,
    batch_size: int,
) -> Artifact:
    """What a model answers; without an adapter the backbone reads the seed texts: the text ceiling."""
    asked = questions.records("questions", Question)
    if adapter is None:
        answerer = _text_answerer(backbone, site, decoding)
    else:
        answerer = _audio_answerer(asked, clips, adapter, backbone, encoder, site, decoding)
    inputs = [questions, clips, *([] if adapter is None else [adapter])]
    with new_artifact(work.place, inputs=inputs, config=work.config, code=work.code) as draft:
        draft.keep("predictions", ask.predict(asked, answerer, batch_size), Prediction)
    return draft.result()


@cached("scores", scoring.VERSION)
def score_predictions(
    work: Work, *, site: Site, name: str, questions: Artifact, predictions: Artifact, benchmark: Any
) -> Artifact:
    """The verdicts and scores of one model on one benchmark, by every scorer."""
    asked, said = questions.records("questions", Question), predictions.records("predictions", Prediction)
    scored = scoring.score(benchmark, asked, said)
    with new_artifact(work.place, inputs=[questions, predictions], config=work.config, code=work.code) as draft:
        draft.keep("verdicts", scored.verdicts, Verdict)
        scores = {name: score._asdict() for name, score in scored.scores.items()}
        (draft.folder / "scores.json").write_text(json.dumps(scores, indent=1, sort_keys=True))
    return draft.result()


@cached("canary", ask.VERSION)
def sing_canary(
    work: Work, *, site: Site, name: str, adapter: Artifact, backbone: ModelRef, encoder: ModelRef
) -> Artifact:
    """Whether the adapted model and its bare backbone answer text-only prompts with the same tokens."""
    from balsa_core.model.canary import text_canary

    model = _loaded_model(adapter, backbone.name, encoder.name, site.device)
    canary = compare_texts(CANARY_PROMPTS, text_canary(model, CANARY_PROMPTS))
    with new_artifact(work.place, inputs=[adapter], config=work.config, code=work.code) as draft:
        (draft.folder / "canary.json").write_text(json.dumps(canary._asdict()))
    return draft.result()


@cached("report", report.VERSION)
def write_report(
    work: Work,
    *,
    site: Site,
    name: str,
    scored: Sequence[Scored],
    baseline: str,
    canary: Artifact,
    notes: dict[str, str],
) -> Artifact:
    """The comparison of all arms: report.json, report.md, comparison.png, and the tables for a terminal."""
    results = [_result(entry) for entry in scored]
    compared = report.compare(results, baseline=baseline, canary=_read_canary(canary), notes=notes)
    inputs = [*(entry.scores for entry in scored), canary]
    with new_artifact(work.place, inputs=inputs, config=work.config, code=work.code) as draft:
        (draft.folder / "report.json").write_text(json.dumps(compared.to_dict(), indent=1))
        (draft.folder / "report.md").write_text(markdown.to_markdown(compared))
        tables = [markdown.main_table(compared), markdown.comparison_table(compared), markdown.spread_table(compared)]
        (draft.folder / "tables.json").write_text(json.dumps([table._asdict() for table in tables if table.rows]))
        draw_comparison(compared).savefig(draft.folder / "comparison.png")
        draft.rows = len(results)
    with track_road(site, notes) as road:
        road.metrics(_headlines(compared))
        road.folder(draft.result().local_folder(), "report")
        road.tags({f"balsa.step.{item.manifest['place']}": item.digest for item in inputs})
    return draft.result()


def _headlines(compared: report.Report) -> dict[str, float]:
    """The scores of every arm as metrics: "contrastive.object_existence.accuracy"."""
    return {
        f"{arm.replace(' ', '_')}.{benchmark}.{score}": cell.mean
        for arm, cells in compared.cells.items()
        for (benchmark, score), cell in cells.items()
        if cell.mean is not None
    }


def _result(entry: Scored) -> report.Result:
    scores = json.loads(entry.scores.path("scores.json").read_text())
    return report.Result(
        arm=entry.arm,
        benchmark=entry.benchmark,
        seed=entry.seed,
        questions=entry.questions.records("questions", Question),
        verdicts=entry.scores.records("verdicts", Verdict),
        scores={name: Score(**score) for name, score in scores.items()},
    )


def _read_canary(canary: Artifact) -> TextCanary:
    told = json.loads(canary.path("canary.json").read_text())
    return TextCanary(told["num_prompts"], told["num_equal"], tuple(told["different"]))


def _text_answerer(backbone: ModelRef, site: Site, decoding: Decoding) -> ask.Answerer:
    from balsa_core.evaluation.answerers import TextAnswerer

    return TextAnswerer(loaded_backbone(backbone.name, site.device), decoding)


def _audio_answerer(
    asked: Sequence[Question],
    clips: Artifact,
    adapter: Artifact,
    backbone: ModelRef,
    encoder: ModelRef,
    site: Site,
    decoding: Decoding,
) -> ask.Answerer:
    from balsa_core.evaluation.answerers import AudioAnswerer

    wanted = {clip_id for question in asked for clip_id in question.clip_ids}
    waveforms = read_waveforms(clips, [clip for clip in read_clips(clips) if clip.id in wanted])
    return AudioAnswerer(_loaded_model(adapter, backbone.name, encoder.name, site.device), waveforms, decoding)


@lru_cache(maxsize=1)  # the benchmarks of one adapter follow each other
def _loaded_model(adapter: Artifact, backbone: str, encoder: str, device: str) -> "AudioLLM":
    from balsa_core.model.saved import load_audio_llm

    return load_audio_llm(adapter.local_folder(), backbone, encoder, device)

"""Adapters in, the scores of every arm on every benchmark out, with the text ceiling of the backbone."""

from typing import NamedTuple

from prefect import flow

from balsa_core.artifact import Artifact
from balsa_core.config import RunConfig
from balsa_core.decoding import Decoding
from balsa_core.evaluation.scoring import load_benchmark
from balsa_core.labels import load_ontology
from flows.dataset import write_dataset
from flows.ingest import ingest_corpora
from flows.runs import demo
from flows.shown import show_step
from flows.training import Trained, train_arms
from tasks.evaluation import Scored, ask_questions, predict, score_predictions, sing_canary, write_report
from tasks.models import ModelRef
from tasks.progress import tell
from tasks.site import Site, site_of

TEXT_CEILING = "text ceiling"


class Evaluated(NamedTuple):
    """All scores of a run, and the report that compares them."""

    scored: list[Scored]
    report: Artifact


def evaluate_arms(run: RunConfig, trained: list[Trained], clips: Artifact, site: Site) -> Evaluated:
    """Ask every benchmark of the text ceiling and of each adapter, and compare the arms."""
    scored = _score_all(run, trained, clips, site)
    last = trained[-1]
    canary = sing_canary(
        site=site,
        name=f"{last.arm}-seed{last.seed}",
        adapter=last.adapter,
        backbone=ModelRef(run.backbone, "backbone"),
        encoder=ModelRef(run.encoder, "encoder"),
    )
    report = write_report(
        site=site,
        name=run.name,
        scored=scored,
        baseline=run.baseline or run.arms[0].name,
        canary=canary,
        notes={"run": run.name, "backbone": run.backbone, "encoder": run.encoder},
    )
    return Evaluated(scored, report)


@flow(name="evaluate")
def evaluate(run: RunConfig = demo()) -> Artifact:  # noqa: B008  # the default fills Prefect's form
    """Ask the benchmarks of a run of all its adapters; predictions are kept and scored by every scorer."""
    site = site_of(run)
    corpora = ingest_corpora(run, site)
    trained = train_arms(run, write_dataset(run, site, corpora), site)
    return evaluate_arms(run, trained, corpora.test, site).report


def _score_all(run: RunConfig, trained: list[Trained], clips: Artifact, site: Site) -> list[Scored]:
    backbone, encoder = ModelRef(run.backbone, "backbone"), ModelRef(run.encoder, "encoder")
    models: list[tuple[str, int | None, Artifact | None]] = [(TEXT_CEILING, None, None), *trained]
    scored: list[Scored] = []
    for arm, seed, adapter in models:
        for benchmark in map(load_benchmark, run.evaluation.benchmarks):
            label = f"{arm.replace(' ', '-')}{'' if seed is None else f'-seed{seed}'}-{benchmark.name}"
            questions = ask_questions(
                site=site,
                name=benchmark.name,
                clips=clips,
                benchmark=benchmark,
                config=run.evaluation.model_copy(update={"benchmarks": (benchmark.name,)}),
                ontology=load_ontology(),
            )
            said = predict(
                site=site,
                name=label,
                questions=questions,
                clips=clips,
                adapter=adapter,
                backbone=backbone,
                encoder=encoder,
                decoding=Decoding(run.evaluation.max_tokens),
                batch_size=run.evaluation.batch_size,
            )
            scores = score_predictions(
                site=site, name=label, questions=questions, predictions=said, benchmark=benchmark
            )
            scored.append(Scored(arm, seed, benchmark.name, questions, scores))
            tell("evaluate", len(scored), len(models) * len(run.evaluation.benchmarks), label)
    show_step("scores", *(entry.scores for entry in scored))
    return scored

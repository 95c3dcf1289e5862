"""The whole road: ingest, synthesis, dataset, training, evaluation, and the report at its end."""

from typing import Any, NamedTuple

from prefect import Flow, flow
from prefect.artifacts import create_markdown_artifact
from prefect.client.schemas.objects import FlowRun, State

from balsa_core.artifact import Artifact
from balsa_core.config import RunConfig
from flows.dataset import write_dataset
from flows.evaluation import Evaluated, evaluate_arms
from flows.finished import Finished, keep_finished
from flows.ingest import ingest_corpora
from flows.runs import demo
from flows.training import Trained, train_arms
from tasks.site import Site, site_of


class Road(NamedTuple):
    """What a road made."""

    dataset: Artifact
    trained: list[Trained]
    evaluated: Evaluated


def drive(run: RunConfig, site: Site) -> Road:
    """All steps in order; what is cached is not done again."""
    corpora = ingest_corpora(run, site)
    dataset = write_dataset(run, site, corpora)
    trained = train_arms(run, dataset, site)
    return Road(dataset, trained, evaluate_arms(run, trained, corpora.test, site))


def _close_tracked_run(flow: Flow[..., Any], flow_run: FlowRun, state: State[Any]) -> None:
    """A road that failed or was cancelled is not left running in MLflow."""
    from tasks.tracking import end_road

    run = RunConfig.model_validate(flow_run.parameters["run"])
    end_road(site_of(run), "KILLED" if state.is_cancelled() or state.is_cancelling() else "FAILED")


@flow(
    name="road",
    flow_run_name="{run.name}",
    on_failure=[_close_tracked_run],
    on_cancellation=[_close_tracked_run],
    on_crashed=[_close_tracked_run],
)
def road(run: RunConfig = demo()) -> Finished:  # noqa: B008  # the default fills Prefect's form
    """The whole road of a run: from corpus files to a comparison of adapters. What is cached is not done again."""
    site = site_of(run)
    finished = keep_finished(run, drive(run, site), site)
    create_markdown_artifact(finished.markdown, key="report", description=f"Comparison of the arms of {run.name}")
    return finished

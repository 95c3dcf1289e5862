"""The whole road in miniature, on a real Prefect server and a real MLflow file."""

import json
from pathlib import Path
from typing import Any

import mlflow
import pandas as pd
import pytest
import soundfile
from mlflow import MlflowClient
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import ArtifactFilter, ArtifactFilterKey

from balsa_core.clips import read_clips, read_waveforms
from balsa_core.config import RunConfig
from balsa_core.records import RATE_HZ
from balsa_core.registry import load_plugin
from flows.chat import ask_about
from flows.compare import compare_runs
from flows.finished import Finished
from flows.ingest import ingest_corpora
from flows.pipeline import road
from flows.runs import smoke
from tasks.site import site_of


@pytest.fixture(scope="module")
def workspace(module_workspace: Path) -> Path:
    return module_workspace


@pytest.fixture(scope="module")
def finished(workspace: Path) -> Finished:
    return road(smoke())


def manifests(workspace: Path) -> dict[str, float]:
    """When each artifact of the store was made."""
    return {
        path.parent.relative_to(workspace / "store").as_posix(): path.stat().st_mtime
        for path in (workspace / "store").glob("*/*/*/manifest.json")
    }


def made_since(workspace: Path, before: dict[str, float]) -> set[str]:
    return {"/".join(place.split("/")[:2]) for place, when in manifests(workspace).items() if before.get(place) != when}


def digests(finished: Finished) -> dict[str, Any]:
    road = finished.road
    return {
        "dataset": road["dataset"]["digest"],
        "adapters": [entry["digest"] for entry in road["adapters"]],
        "scores": [entry["digest"] for entry in road["predictions"]],
        "report": road["report"]["digest"],
    }


def test_the_road_ends_with_a_report_of_every_arm(finished: Finished) -> None:
    assert list(finished.report["arms"]) == ["text ceiling", "untrained", "positive", "contrastive", "multi"]
    assert set(finished.report["benchmarks"]) == {"object_existence", "generative_hallucination", "multi_audio"}
    assert finished.report["canary"]["passed"]
    assert (finished.folder / "comparison.png").stat().st_size > 10_000


def test_a_second_road_does_no_work(finished: Finished, workspace: Path) -> None:
    before = manifests(workspace)
    again = road(smoke())
    assert made_since(workspace, before) == set()
    assert digests(again) == digests(finished)


def test_mlflow_has_a_parent_with_a_child_per_step(finished: Finished, workspace: Path) -> None:
    client = MlflowClient(finished.road["tracking_uri"])
    experiment = client.get_experiment_by_name("balsa")
    assert experiment is not None
    runs = client.search_runs([experiment.experiment_id])
    (parent,) = [run for run in runs if "mlflow.parentRunId" not in run.data.tags]
    children = {run.info.run_name for run in runs if run.data.tags.get("mlflow.parentRunId") == parent.info.run_id}
    assert {"clips train", "clips test", "examples negative", "dataset smoke", "adapter contrastive-seed0"} <= children
    assert {run.info.status for run in runs} == {"FINISHED"}
    assert parent.data.metrics["text_ceiling.object_existence.accuracy"] > 0
    assert "report/comparison.png" in [file.path for file in client.list_artifacts(parent.info.run_id, "report")]


def test_the_losses_of_a_training_are_in_mlflow(finished: Finished) -> None:
    client = MlflowClient(finished.road["tracking_uri"])
    experiment = client.get_experiment_by_name("balsa")
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id], "tags.`mlflow.runName` = 'adapter positive-seed0'")
    losses = client.get_metric_history(run.info.run_id, "loss")
    assert [metric.step for metric in losses] == list(range(1, smoke().training.steps + 1))
    (dataset,) = run.inputs.dataset_inputs
    assert dataset.dataset.digest == finished.road["dataset"]["digest"]


def first_clip(workspace: Path, run: RunConfig) -> Path:
    clips = ingest_corpora(run, site_of(run)).test
    clip = read_clips(clips)[0]
    path = workspace / "clip.wav"
    soundfile.write(path, read_waveforms(clips, [clip])[clip.id], RATE_HZ)
    return path


def test_the_adapter_loads_with_pyfunc_and_answers_on_a_clip(finished: Finished, workspace: Path) -> None:
    from prefect import flow

    path = flow(lambda: first_clip(workspace, smoke()), name="first-clip")()
    client = MlflowClient(finished.road["tracking_uri"])
    mlflow.set_tracking_uri(finished.road["tracking_uri"])
    (model,) = [
        found
        for found in client.search_logged_models([client.get_experiment_by_name("balsa").experiment_id])  # type: ignore[union-attr]
        if found.source_run_id == run_of(client, "adapter contrastive-seed0")
    ]
    served = mlflow.pyfunc.load_model(model.model_uri)
    answers = served.predict(pd.DataFrame({"audio": [str(path)], "question": ["What do you hear?"]}))
    assert len(answers) == 1
    assert answers[0] == ask_about([path], "What do you hear?", "smoke", "contrastive")


def run_of(client: MlflowClient, name: str) -> str:
    experiment = client.get_experiment_by_name("balsa")
    assert experiment is not None
    (run,) = client.search_runs([experiment.experiment_id], f"tags.`mlflow.runName` = '{name}'")
    return run.info.run_id


def test_prefect_shows_a_table_per_step_and_the_report(finished: Finished) -> None:
    keys = ["ingest-train", "synthesis", "dataset", "adapters", "scores", "report"]
    with get_client(sync_client=True) as client:
        found = client.read_artifacts(artifact_filter=ArtifactFilter(key=ArtifactFilterKey(any_=keys)))
    assert {artifact.key for artifact in found} == set(keys)


def test_the_report_says_the_same_in_both_forms(finished: Finished) -> None:
    told = json.loads((finished.folder / "report.json").read_text())
    mean = told["arms"]["text ceiling"]["scores"]["object_existence"]["accuracy"]["mean"]
    assert f"| text ceiling | {mean:.3f} [" in finished.markdown


def test_a_changed_wording_recomputes_only_its_recipe_and_what_follows(
    finished: Finished, workspace: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = manifests(workspace)
    recipe = load_plugin("balsa_core.synthesis.recipes", "negative")
    changed = ("Which of these sounds can you not hear: {options}?", *recipe.wordings[1:])
    monkeypatch.setitem(recipe.__dict__, "wordings", changed)
    road(smoke())
    made = made_since(workspace, before)
    assert {place for place in made if place.startswith("targets/")} == {
        "targets/negative-0000",
        "targets/negative-0001",
    }
    assert {place for place in made if place.startswith("adapter/")} == {
        "adapter/contrastive-seed0",
        "adapter/multi-seed0",
    }
    assert not {place for place in made if place.startswith(("shard/", "clips/", "questions/", "untrained/"))}


def test_a_deleted_dataset_is_made_again_and_nothing_after_it(finished: Finished, workspace: Path) -> None:
    before = manifests(workspace)
    dataset = Path(finished.road["dataset"]["folder"])
    next(dataset.glob("examples/negative-*.parquet")).unlink()
    road(smoke())
    assert made_since(workspace, before) == {"dataset/smoke"}


def test_two_runs_are_compared(finished: Finished, workspace: Path) -> None:
    from rich.console import Console

    road(smoke().model_copy(update={"name": "twin"}))
    console = Console(width=200, record=True)
    console.print(compare_runs(["smoke", "twin"]))
    shown = console.export_text()
    assert "smoke / twin" in shown
    assert "1.000" in shown  # equal answers: McNemar p

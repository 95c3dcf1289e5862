"""What MLflow is told: a parent run per road, a child run per step that did work. The only module that imports mlflow.

Runs are found again by tag, so a resumed road goes on in the run it began. Metrics travel in batches (one call costs
10-65 ms). A step that came from the cache has its child run in the road that computed it; the parent links to it.
"""

import json
import threading
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

import mlflow
from mlflow import MlflowClient
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag
from mlflow.models import ModelSignature
from mlflow.types import ColSpec, Schema
from mlflow.utils.time import get_current_time_millis

from balsa_core.artifact import Artifact, Draft, Place
from balsa_core.identity import canonical
from tasks.site import EXPERIMENT, Site

METRICS_PER_BATCH = 1000  # MLflow's limits: 1,000 metrics and 100 params or tags a batch
PARAMS_PER_BATCH = 100
PARAM_CHARS = 6000
KEY_TAG, PARENT_TAG, NAME_TAG = "balsa.key", "mlflow.parentRunId", "mlflow.runName"

SERVED_SIGNATURE = ModelSignature(
    Schema([ColSpec("string", "audio"), ColSpec("string", "question")]), Schema([ColSpec("string", "answer")])
)

_parent_lock = threading.Lock()  # steps run in threads: only one of them creates the parent


@dataclass
class Step:
    """The MLflow run of one step: metrics are held back and sent in batches."""

    client: MlflowClient
    run_id: str
    waiting: list[Metric] = field(default_factory=list)

    def metrics(self, values: Mapping[str, float], step: int = 0) -> None:
        """Log numbers at a step."""
        now = get_current_time_millis()
        self.waiting += [Metric(name, float(value), now, step) for name, value in values.items()]
        if len(self.waiting) >= METRICS_PER_BATCH:
            self.flush()

    def flush(self) -> None:
        """Send what is waiting."""
        for start in range(0, len(self.waiting), METRICS_PER_BATCH):
            self.client.log_batch(self.run_id, metrics=self.waiting[start : start + METRICS_PER_BATCH])
        self.waiting.clear()

    def params(self, values: Mapping[str, Any]) -> None:
        """Log parameters; nested ones as "training.steps". Values already there are left as they are."""
        known = self.client.get_run(self.run_id).data.params
        flat = [Param(name, text[:PARAM_CHARS]) for name, text in _flatten(values) if name not in known]
        for start in range(0, len(flat), PARAMS_PER_BATCH):
            self.client.log_batch(self.run_id, params=flat[start : start + PARAMS_PER_BATCH])

    def tags(self, values: Mapping[str, str]) -> None:
        """Set tags."""
        self.client.log_batch(self.run_id, tags=[RunTag(name, value) for name, value in values.items()])

    def datasets(self, inputs: Mapping[str, Artifact]) -> None:
        """Name the artifacts that went in, with our digests."""
        entries = [
            DatasetInput(
                Dataset(name, item.digest, source_type="local", source=json.dumps({"uri": item.uri})),
                [InputTag("mlflow.data.context", name)],
            )
            for name, item in inputs.items()
        ]
        self.client.log_inputs(self.run_id, datasets=entries)

    def folder(self, path: Path, target: str | None = None) -> None:
        """Log the files of a local folder."""
        self.client.log_artifacts(self.run_id, str(path), target)

    def figure(self, figure: Any, name: str) -> None:
        """Log a matplotlib figure."""
        self.client.log_figure(self.run_id, figure, name)


def counts(draft: Draft) -> dict[str, float]:
    """Rows kept, and rejected by reason, as metrics."""
    return {"kept": draft.rows, **{f"rejected.{reason}": count for reason, count in sorted(draft.rejected.items())}}


@contextmanager
def track(site: Site, place: Place, params: Mapping[str, Any], inputs: Mapping[str, Artifact]) -> Iterator[Step]:
    """The child run of a step; it ends FINISHED, or FAILED when the block raises."""
    client = _client(site.tracking_uri)
    key = f"{place.step}/{place.name}/{place.fingerprint}"
    step = Step(client, _find_or_create(client, site, key, f"{place.step} {place.name}", _parent(client, site)))
    client.update_run(step.run_id, status="RUNNING")
    try:
        step.params(params)
        step.datasets(inputs)
        yield step
    except BaseException:
        step.flush()
        client.set_terminated(step.run_id, "FAILED")
        raise
    step.flush()
    client.set_terminated(step.run_id, "FINISHED")


@contextmanager
def track_road(site: Site, params: Mapping[str, Any]) -> Iterator[Step]:
    """The parent run of the road; it ends FINISHED when the block ends well."""
    client = _client(site.tracking_uri)
    step = Step(client, _parent(client, site))
    step.params(params)
    yield step
    step.flush()
    client.set_terminated(step.run_id, "FINISHED")


def end_road(site: Site, status: str) -> None:
    """Close the parent run of a road that failed or was cancelled (FAILED, KILLED), if it has one."""
    client = _client(site.tracking_uri)
    found = _find(client, site, site.road)
    if found is not None:
        client.set_terminated(found, status)


def _parent(client: MlflowClient, site: Site) -> str:
    with _parent_lock:
        return _find_or_create(client, site, site.road, site.run_name, None)


def _find_or_create(client: MlflowClient, site: Site, key: str, name: str, parent: str | None) -> str:
    found = _find(client, site, key)
    if found is not None:
        return found
    tags = {KEY_TAG: key, NAME_TAG: name, **{f"balsa.{part}": text for part, text in site.code.items()}}
    if parent is not None:
        tags[PARENT_TAG] = parent
    return client.create_run(_experiment(site.tracking_uri), tags=tags, run_name=name).info.run_id


def _find(client: MlflowClient, site: Site, key: str) -> str | None:
    query = f"tags.`{KEY_TAG}` = '{key}'"
    runs = client.search_runs([_experiment(site.tracking_uri)], query, max_results=1)
    return runs[0].info.run_id if runs else None


@cache
def _client(tracking_uri: str) -> MlflowClient:
    return MlflowClient(tracking_uri)


@cache
def _experiment(tracking_uri: str) -> str:
    client = _client(tracking_uri)
    found = client.get_experiment_by_name(EXPERIMENT)
    if found is not None:
        return found.experiment_id
    return client.create_experiment(EXPERIMENT, artifact_location=_artifact_folder(tracking_uri))


def _artifact_folder(tracking_uri: str) -> str | None:
    """Beside an SQLite file; a server has its own."""
    if not tracking_uri.startswith("sqlite:///"):
        return None
    return (Path(tracking_uri.removeprefix("sqlite:///")).parent / "mlartifacts").as_uri()


def _flatten(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, value in canonical(values).items():
        if isinstance(value, dict):
            yield from _flatten(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", _text(value)


def _text(value: Any) -> str:
    return ", ".join(map(_text, value)) if isinstance(value, Sequence) and not isinstance(value, str) else str(value)


def log_adapter(step: Step, folder: Path) -> None:
    """Log the adapter in a folder as a model that `mlflow.pyfunc.load_model` loads, without backbone and encoder."""
    requirements = [f"{package}=={version(package)}" for package in ("torch", "transformers", "safetensors")]
    mlflow.set_tracking_uri(step.client.tracking_uri)
    with mlflow.start_run(run_id=step.run_id), warnings.catch_warnings(action="ignore", category=UserWarning):
        # MLflow warns that there is no input example: it would run the model to try one
        mlflow.pyfunc.log_model(
            name="adapter",
            python_model=str(Path(__file__).with_name("served_adapter.py")),
            artifacts={"adapter": str(folder)},
            signature=SERVED_SIGNATURE,
            pip_requirements=requirements,  # stated: inferring them loads the model once more
        )

"""A dataset, a backbone and an encoder in; a trained adapter out."""

import hashlib
import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from balsa_core.config import Frozen, TrainingConfig
from balsa_core.dataset.read import ClipAudio, read_examples
from balsa_core.identity import canonical_json, sha256_file
from balsa_core.model.adapters import count_parameters
from balsa_core.model.audio_llm import AudioLLM
from balsa_core.model.saved import WEIGHTS, fill_adapter, open_audio_llm, save_adapter
from balsa_core.records import Example
from balsa_core.training.batches import Batches
from balsa_core.training.checkpoints import remove_checkpoints
from balsa_core.training.distributed import World, wait_for_all
from balsa_core.training.features import FeatureStore, open_features
from balsa_core.training.journal import Journal, final_loss
from balsa_core.training.launch import run_processes
from balsa_core.training.loop import Run, Step, train

OnMetrics = Callable[[int, dict[str, float]], None]

logger = logging.getLogger(__name__)


class TrainingRequest(Frozen):
    """All that a process needs to know to take part in a training."""

    dataset_uri: str
    config: TrainingConfig
    backbone: str
    encoder: str
    out: str
    recipes: tuple[str, ...]
    init_from: str | None
    device: str


class TrainingSummary(NamedTuple):
    """How a training went. The speeds are of the steps this call did; None when it did none."""

    steps: int
    resumed_from: int
    final_loss: float
    num_parameters: int
    num_examples: int
    tokens_per_s: float | None
    audio_s_per_s: float | None
    step_s: float | None


def fit_adapter(
    dataset_uri: str,
    config: TrainingConfig,
    *,
    backbone: str,
    encoder: str,
    out: Path,
    recipes: tuple[str, ...],
    init_from: Path | None = None,
    device: str = "auto",
    on_metrics: OnMetrics | None = None,
) -> TrainingSummary:
    """Train an adapter on the examples of these recipes; go on from a checkpoint in `out` if there is one.

    Writes `adapter.safetensors`, `adapter.json` and `metrics.jsonl` into `out`. on_metrics hears each step with its
    number, counted from 1; of several processes it hears the first.
    """
    if config.batch_size < config.num_processes:
        raise ValueError(f"a batch of {config.batch_size} can't be split among {config.num_processes} processes")
    request = TrainingRequest(
        dataset_uri=str(dataset_uri),
        config=config,
        backbone=backbone,
        encoder=encoder,
        out=str(Path(out).absolute()),
        recipes=recipes,
        init_from=None if init_from is None else str(init_from),
        device=device,
    )
    Path(out).mkdir(parents=True, exist_ok=True)
    listen = on_metrics or (lambda _step, _metrics: None)
    if config.num_processes == 1:
        summary = fit_in_process(request, World(), listen)
    else:
        told = run_processes(request.model_dump_json(), Path(out), config.num_processes, listen)
        summary = TrainingSummary(**told)
    remove_checkpoints(Path(out))
    return summary


def fit_in_process(request: TrainingRequest, world: World, on_metrics: OnMetrics) -> TrainingSummary:
    """This process's share of a training; the leading process writes the files."""
    config, out = request.config, Path(request.out)
    model = open_audio_llm(
        request.backbone,
        request.encoder,
        config.adapter,
        seed=config.seed,
        device=request.device,
        dtype=config.dtype,
    )
    if request.init_from is not None:
        fill_adapter(model, Path(request.init_from))
    batches = _open_batches(request, model)
    run = Run(model, batches, config, out, _facts(request, model, batches.examples), world)
    done = _train_and_record(run, on_metrics)
    if world.leads:
        save_adapter(out, model, backbone=request.backbone, encoder=request.encoder, dtype=config.dtype)
    wait_for_all(world)
    seconds = sum(step.seconds for step in done) or None
    return TrainingSummary(
        steps=config.steps,
        resumed_from=config.steps - len(done),
        final_loss=final_loss(out),
        num_parameters=count_parameters(model.adapter),
        num_examples=len(batches.examples),
        tokens_per_s=seconds and sum(step.counts.num_tokens for step in done) / seconds,
        audio_s_per_s=seconds and sum(step.counts.audio_s for step in done) / seconds,
        step_s=seconds and seconds / len(done),
    )


def _open_batches(request: TrainingRequest, model: AudioLLM) -> Batches:
    examples = read_examples(request.dataset_uri, request.recipes)
    silent = [example.id for example in examples if not example.clip_ids]
    if silent:
        raise ValueError(f"{len(silent)} examples have no clip, the first is {silent[0]}: an adapter learns from audio")
    clips = ClipAudio(request.dataset_uri)
    needed = dict.fromkeys(clip_id for example in examples for clip_id in example.clip_ids)
    num_samples = {clip_id: clips.clip(clip_id).num_samples for clip_id in needed}
    store = FeatureStore(model.encoder, model.taps, clips, num_samples, model.backbone.device)
    return Batches(model, examples, open_features(store, request.config.feature_cache_mb))


def _facts(request: TrainingRequest, model: AudioLLM, examples: Sequence[Example]) -> dict[str, Any]:
    """What this training is: checkpoints of another one are refused."""
    digest = hashlib.sha256()
    for example in examples:
        digest.update(canonical_json(example).encode())
    start = None if request.init_from is None else sha256_file(Path(request.init_from) / WEIGHTS)
    return {
        "config": request.config,
        "examples": digest.hexdigest(),
        "backbone": model.backbone.identity,
        "encoder": model.encoder.identity,
        "init_from": start,
    }


def _train_and_record(run: Run, on_metrics: OnMetrics) -> list[Step]:
    """The steps that were done by this call."""
    done: list[Step] = []
    if not run.world.leads:
        train(run, lambda _steps_done: None, done.append)
        return done
    with Journal(run.out) as journal:

        def record(step: Step) -> None:
            done.append(step)
            journal.write(step)
            on_metrics(step.step, step.facts() | step.speeds())

        train(run, journal.start, record)
    return done

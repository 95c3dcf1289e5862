"""An untrained adapter in, a trained one out, step by step; what each step says goes to a listener.

A step is: next-token cross-entropy on the targets, over all processes; clipped gradient; AdamW; warm-up, then cosine.
"""

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch.nn import Parameter
from torch.nn.utils import clip_grad_norm_

from balsa_core.config import TrainingConfig
from balsa_core.model.audio_llm import AudioLLM
from balsa_core.training.batches import Batches, Counts, step_examples
from balsa_core.training.checkpoints import resume, save_checkpoint
from balsa_core.training.distributed import World, sum_over_world, wait_for_all

BETAS = (0.9, 0.98)  # DeSTA2's

OnStep = Callable[["Step"], None]


class Step(NamedTuple):
    """What a step says, over all processes."""

    step: int  # steps done
    loss: float  # mean over target tokens
    learning_rate: float
    grad_norm: float  # before clipping
    counts: Counts
    seconds: float

    def facts(self) -> dict[str, float]:
        """What is the same whenever the step is done again."""
        return {
            "loss": self.loss,
            "learning_rate": self.learning_rate,
            "grad_norm": self.grad_norm,
            "num_targets": self.counts.num_targets,
            "padding": round(1 - self.counts.num_tokens / self.counts.num_positions, 4),
        }

    def speeds(self) -> dict[str, float]:
        """What depends on the machine."""
        return {
            "tokens_per_s": self.counts.num_tokens / self.seconds,
            "audio_s_per_s": self.counts.audio_s / self.seconds,
            "step_s": self.seconds,
        }


class Run(NamedTuple):
    """One training: what learns from what, where its files go, and what it is."""

    model: AudioLLM
    batches: Batches
    config: TrainingConfig
    out: Path
    facts: dict[str, Any]  # a checkpoint of a run with other facts is refused
    world: World


def train(run: Run, on_start: Callable[[int], None], on_step: OnStep) -> None:
    """Train the adapter in place, from the last checkpoint if there is one.

    on_start is told how many steps were done before; on_step hears every further one.
    """
    adapter, config = run.model.adapter, run.config
    optimizer = torch.optim.AdamW(
        adapter.parameters(), lr=config.learning_rate, betas=BETAS, weight_decay=config.weight_decay, fused=True
    )
    first = resume(run.out, adapter, optimizer, run.facts)
    on_start(first)
    for step in range(first, config.steps):
        on_step(_step(run, optimizer, step))
        if (step + 1) % config.checkpoint_every == 0 and step + 1 < config.steps:
            if run.world.leads:
                save_checkpoint(run.out, step + 1, adapter, optimizer, run.facts)
            wait_for_all(run.world)


def learning_rate(config: TrainingConfig, step: int) -> float:
    """Linear warm-up, then cosine to zero; `step` counts from 0."""
    if step < config.warmup_steps:
        return config.learning_rate * (step + 1) / config.warmup_steps
    progress = (step - config.warmup_steps) / max(1, config.steps - config.warmup_steps)
    return config.learning_rate * 0.5 * (1 + math.cos(math.pi * progress))


def _step(run: Run, optimizer: torch.optim.Optimizer, step: int) -> Step:
    started = time.perf_counter()
    rate = learning_rate(run.config, step)
    for group in optimizer.param_groups:
        group["lr"] = rate
    chosen = step_examples(len(run.batches.examples), run.config.batch_size, run.config.seed, step)
    batch = run.batches.draw(chosen[run.world.rank :: run.world.size])
    optimizer.zero_grad(set_to_none=False)
    loss = run.model.loss_sum(batch.layout, batch.features)
    loss.backward()
    parameters = list(run.model.adapter.parameters())
    loss_sum, counts = sum_over_world(run.world, parameters, loss, batch.counts)
    if not math.isfinite(loss_sum):
        ids = [run.batches.examples[index].id for index in chosen]
        raise FloatingPointError(f"step {step + 1}: the loss is {loss_sum}; its examples are {', '.join(ids)}")
    norm = _update(optimizer, parameters, counts.num_targets, run.config.clip_norm)
    return Step(step + 1, loss_sum / counts.num_targets, rate, norm, counts, time.perf_counter() - started)


def _update(optimizer: torch.optim.Optimizer, parameters: list[Parameter], num_targets: float, limit: float) -> float:
    for parameter in parameters:
        assert parameter.grad is not None
        parameter.grad /= num_targets
    norm = clip_grad_norm_(parameters, limit)
    optimizer.step()
    return float(norm)

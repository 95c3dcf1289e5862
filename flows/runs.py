"""Named runs: each function returns a whole configuration. A variant changes a few lines of its sibling."""

from collections.abc import Callable

from balsa_core.config import (
    AdapterConfig,
    ArmConfig,
    EvaluationConfig,
    IngestConfig,
    RunConfig,
    SynthesisConfig,
    TrainingConfig,
)

SINGLE = ("positive", "negative", "combined")
MULTI = ("difference", "joint")

ARMS = (
    ArmConfig(name="untrained"),
    ArmConfig(name="positive", recipes=("positive",)),
    ArmConfig(name="contrastive", recipes=SINGLE),
    ArmConfig(name="multi", recipes=(*SINGLE, *MULTI), init_from="contrastive", steps=200),
)

# Small models learn fast: at the papers' 1e-4 they would need ten times the steps.
POCKET_TRAINING = TrainingConfig(
    adapter=AdapterConfig(num_queries=8, num_layers=2, ffn_width=256),
    steps=400,
    batch_size=32,
    learning_rate=1e-3,
    warmup_steps=50,
    dtype="bfloat16",  # a pocket step takes 165 ms of CPU instead of 273
)


def demo() -> RunConfig:
    """Made sounds and the pocket models: the whole road in minutes on a laptop, nothing downloaded."""
    return RunConfig(
        name="demo",
        train=IngestConfig(reader="soundscapes", split="train", options={"num_clips": 800}),
        test=IngestConfig(reader="soundscapes", split="test", options={"num_clips": 200}),
        training=POCKET_TRAINING,
        arms=ARMS,
        baseline="positive",
    )


def esc10() -> RunConfig:
    """Real recordings: ESC-10 folds 1-4 and mixtures of two clips for training, fold 5 held out. Three seeds."""
    return demo().model_copy(
        update={
            "name": "esc10",
            "train": IngestConfig(reader="esc50", split="train", options={"esc10": 1}, num_mixtures=800),
            "test": IngestConfig(reader="esc50", split="test", options={"esc10": 1}, num_mixtures=200, seed=1),
            "training": POCKET_TRAINING.model_copy(
                update={
                    "adapter": POCKET_TRAINING.adapter.model_copy(update={"width": 256}),  # YAMNet's 1,024 is slow
                    "steps": 400,
                    "warmup_steps": 100,
                    "dtype": "float32",
                }
            ),
            "arms": ARMS[:3],
            "seeds": (0, 1, 2),
        }
    )


def own() -> RunConfig:
    """Your own clips: one folder a class (or --set train.reader=manifest), the pocket backbone."""
    return demo().model_copy(
        update={
            "name": "own",
            "train": IngestConfig(reader="folders", split="train"),
            "test": IngestConfig(reader="folders", split="test"),
        }
    )


def smoke() -> RunConfig:
    """The demo in miniature, for tests: every step in seconds, numbers without meaning."""
    return demo().model_copy(
        update={
            "name": "smoke",
            "train": IngestConfig(reader="soundscapes", split="train", options={"num_clips": 24}, shard_size=16),
            "test": IngestConfig(reader="soundscapes", split="test", options={"num_clips": 12}),
            "synthesis": SynthesisConfig(per_clip=1),
            "training": POCKET_TRAINING.model_copy(update={"steps": 6, "batch_size": 8, "checkpoint_every": 3}),
            "arms": tuple(arm.model_copy(update={"steps": None}) for arm in ARMS),
            "evaluation": EvaluationConfig(questions_per_clip=2, num_pairs=8),
        }
    )


RUNS: dict[str, Callable[[], RunConfig]] = {run.__name__: run for run in (demo, esc10, own, smoke)}


def named_run(name: str) -> RunConfig:
    """The configuration of a named run; ValueError lists the known names."""
    if name not in RUNS:
        raise ValueError(f"there is no run {name!r}: choose {', '.join(RUNS)}")
    return RUNS[name]()

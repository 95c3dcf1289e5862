import json
import math
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from balsa_core.config import TrainingConfig
from balsa_core.decoding import Decoding
from balsa_core.model.saved import load_audio_llm, open_audio_llm, save_adapter
from balsa_core.prompt import conversation, user_message
from balsa_core.training import fit
from balsa_core.training.checkpoints import FOLDER
from balsa_core.training.distributed import World
from balsa_core.training.fit import TrainingRequest, fit_in_process
from balsa_core.training.journal import read_steps
from balsa_core.weights import model_identity
from tests.training.data import CONFIG, NUM_EXAMPLES, Corpus

KILLED = """
import os, signal, sys
from pathlib import Path
from tests.training.data import Corpus
corpus, out, step = Corpus(*sys.argv[1:4]), Path(sys.argv[4]), int(sys.argv[5])
corpus.fit(out, on_metrics=lambda done, _metrics: os.kill(os.getpid(), signal.SIGKILL) if done == step else None)
"""


def write_untrained(corpus: Corpus, out: Path) -> None:
    """The adapter before its first step."""
    names = {"backbone": corpus.backbone, "encoder": corpus.encoder, "dtype": "float32"}
    save_adapter(out, open_audio_llm(config=CONFIG.adapter, seed=CONFIG.seed, device="cpu", **names), **names)


def losses(out: Path) -> list[float]:
    return [line["loss"] for line in read_steps(out)]


def test_a_run_leaves_the_adapter_and_its_journal_only(unbroken: Path) -> None:
    assert {path.name for path in unbroken.iterdir()} == {"adapter.safetensors", "adapter.json", "metrics.jsonl"}


def test_the_loss_goes_down(unbroken: Path) -> None:
    found = losses(unbroken)
    assert len(found) == CONFIG.steps
    assert sum(found[-3:]) < sum(found[:3])


def test_each_step_is_heard_with_its_speeds(corpus: Corpus, tmp_path: Path) -> None:
    heard: list[tuple[int, dict[str, float]]] = []
    summary = corpus.fit(tmp_path, on_metrics=lambda step, metrics: heard.append((step, metrics)))
    assert [step for step, _ in heard] == list(range(1, CONFIG.steps + 1))
    assert all(metrics["tokens_per_s"] > 0 and metrics["audio_s_per_s"] > 0 for _, metrics in heard)
    assert [metrics["loss"] for _, metrics in heard] == losses(tmp_path)
    assert (summary.steps, summary.resumed_from, summary.num_examples) == (CONFIG.steps, 0, NUM_EXAMPLES)
    assert summary.final_loss == pytest.approx(sum(losses(tmp_path)) / CONFIG.steps)


def test_equal_runs_write_equal_bytes(corpus: Corpus, unbroken: Path, tmp_path: Path) -> None:
    corpus.fit(tmp_path)
    for name in ("adapter.safetensors", "adapter.json", "metrics.jsonl"):
        assert (tmp_path / name).read_bytes() == (unbroken / name).read_bytes()


def test_another_seed_gives_another_adapter(corpus: Corpus, unbroken: Path, tmp_path: Path) -> None:
    corpus.fit(tmp_path, CONFIG.model_copy(update={"seed": 2}))
    assert (tmp_path / "adapter.safetensors").read_bytes() != (unbroken / "adapter.safetensors").read_bytes()


@pytest.mark.parametrize("killed_at", [3, 5, 8, 12])
def test_a_killed_run_goes_on_as_if_nothing_had_happened(
    corpus: Corpus, unbroken: Path, tmp_path: Path, killed_at: int
) -> None:
    done = subprocess.run([sys.executable, "-c", KILLED, *corpus, str(tmp_path), str(killed_at)], capture_output=True)
    assert done.returncode == -9, done.stderr.decode()[-2000:]
    assert not (tmp_path / "adapter.safetensors").exists()
    summary = corpus.fit(tmp_path)
    assert summary.resumed_from == killed_at // CONFIG.checkpoint_every * CONFIG.checkpoint_every - (
        CONFIG.checkpoint_every if killed_at == 5 else 0
    )
    assert losses(tmp_path) == losses(unbroken), "to the last digit"
    for name in ("adapter.safetensors", "metrics.jsonl"):
        assert (tmp_path / name).read_bytes() == (unbroken / name).read_bytes()


def interrupted(corpus: Corpus, out: Path, config: TrainingConfig = CONFIG) -> None:
    """A run that an exception ends in its seventh step."""

    def stop(step: int, _metrics: dict[str, float]) -> None:
        if step == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        corpus.fit(out, config, on_metrics=stop)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"config": CONFIG.model_copy(update={"learning_rate": 1e-2})}, "config.learning_rate"),
        ({"config": CONFIG.model_copy(update={"steps": 20})}, "config.steps"),
        ({"recipes": ("positive",)}, "examples"),
    ],
    ids=["rate", "steps", "recipes"],
)
def test_a_checkpoint_of_another_run_is_refused(
    corpus: Corpus, tmp_path: Path, change: dict[str, object], told: str
) -> None:
    interrupted(corpus, tmp_path)
    with pytest.raises(ValueError, match=told):
        corpus.fit(tmp_path, **change)


@pytest.mark.parametrize("change", [{"feature_cache_mb": 7}, {"checkpoint_every": 2}])
def test_what_only_changes_place_and_speed_may_change_on_resume(
    corpus: Corpus, unbroken: Path, tmp_path: Path, change: dict[str, int]
) -> None:
    interrupted(corpus, tmp_path)
    corpus.fit(tmp_path, CONFIG.model_copy(update=change))
    assert losses(tmp_path) == losses(unbroken)


def test_a_checkpoint_that_was_cut_short_is_not_there(corpus: Corpus, unbroken: Path, tmp_path: Path) -> None:
    interrupted(corpus, tmp_path)
    half = tmp_path / FOLDER / ".writing-1"
    half.mkdir()
    (half / "adapter.safetensors").write_bytes(b"half")
    with (tmp_path / "metrics.jsonl").open("a") as file:
        file.write('{"step": 8, "lo')
    corpus.fit(tmp_path)
    assert losses(tmp_path) == losses(unbroken)


@pytest.mark.parametrize("cache_mb", [0, 1])
def test_features_computed_at_each_step_give_the_same_losses(
    corpus: Corpus, unbroken: Path, tmp_path: Path, cache_mb: int
) -> None:
    corpus.fit(tmp_path, CONFIG.model_copy(update={"feature_cache_mb": cache_mb}))
    torch.testing.assert_close(losses(tmp_path), losses(unbroken), rtol=1e-4, atol=1e-4)


def test_frozen_parts_are_bit_equal_after_training(
    corpus: Corpus, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = []

    def remember(*args: str, **kwargs: object) -> object:
        opened.append(open_audio_llm(*args, **kwargs))
        return opened[-1]

    monkeypatch.setattr(fit, "open_audio_llm", remember)
    corpus.fit(tmp_path)
    (model,) = opened
    fresh = open_audio_llm(corpus.backbone, corpus.encoder, CONFIG.adapter, seed=0, device="cpu", dtype="float32")
    for trained, untouched in (
        (model.backbone.model, fresh.backbone.model),
        (model.encoder.model, fresh.encoder.model),
    ):
        assert not trained.training
        for (name, tensor), wanted in zip(trained.state_dict().items(), untouched.state_dict().values(), strict=True):
            assert torch.equal(tensor, wanted), name
        assert all(parameter.grad is None for parameter in trained.parameters())
    assert all(parameter.grad is not None for parameter in model.adapter.parameters())


def test_every_tensor_of_the_adapter_learns(corpus: Corpus, unbroken: Path, tmp_path: Path) -> None:
    write_untrained(corpus, tmp_path)
    before, after = (load_file(out / "adapter.safetensors") for out in (tmp_path, unbroken))
    assert before.keys() == after.keys()
    # A bias of keys moves all scores of a query alike: the softmax cannot tell.
    silent = {name for name in before if torch.allclose(before[name], after[name], atol=1e-7)}
    assert {name for name in silent if not name.endswith("key.bias")} == set()


def test_a_trained_adapter_answers(corpus: Corpus, unbroken: Path) -> None:
    import numpy as np

    model = load_audio_llm(unbroken, device="cpu")
    clip = np.zeros(8000, dtype=np.float32)
    (reply,) = model.answer([(conversation(user_message("What do you hear?")), [clip])], Decoding(max_tokens=8))
    assert reply.num_tokens > 0


def test_an_adapter_says_what_it_belongs_to(corpus: Corpus, unbroken: Path) -> None:
    facts = json.loads((unbroken / "adapter.json").read_text())
    assert facts["backbone"]["identity"] == model_identity(corpus.backbone, "backbone")
    assert facts["encoder"]["identity"] == model_identity(corpus.encoder, "encoder")


def test_a_run_may_start_from_another_adapter(corpus: Corpus, unbroken: Path, tmp_path: Path) -> None:
    corpus.fit(tmp_path, init_from=unbroken)
    assert losses(tmp_path)[0] < losses(unbroken)[0]


def test_starting_from_an_adapter_of_another_shape_is_refused(corpus: Corpus, unbroken: Path, tmp_path: Path) -> None:
    wider = CONFIG.adapter.model_copy(update={"num_queries": 5})
    with pytest.raises(ValueError, match="another shape"):
        corpus.fit(tmp_path, CONFIG.model_copy(update={"adapter": wider}), init_from=unbroken)


def test_an_mlp_learns_too(corpus: Corpus, tmp_path: Path) -> None:
    mlp = CONFIG.adapter.model_copy(update={"kind": "mlp", "stack": 5})
    corpus.fit(tmp_path, CONFIG.model_copy(update={"adapter": mlp}))
    assert sum(losses(tmp_path)[-3:]) < sum(losses(tmp_path)[:3])


def test_bfloat16_learns_nearly_the_same(corpus: Corpus, unbroken: Path, tmp_path: Path) -> None:
    corpus.fit(tmp_path, CONFIG.model_copy(update={"dtype": "bfloat16"}))
    assert losses(tmp_path)[0] == pytest.approx(losses(unbroken)[0], rel=0.02)
    assert all(tensor.dtype == torch.float32 for tensor in load_file(tmp_path / "adapter.safetensors").values())


def test_a_loss_that_is_no_number_stops_the_run_and_names_the_examples(corpus: Corpus, tmp_path: Path) -> None:
    request = TrainingRequest(
        dataset_uri=corpus.dataset,
        config=CONFIG.model_copy(update={"learning_rate": 1e30, "clip_norm": 1e30, "warmup_steps": 0}),
        backbone=corpus.backbone,
        encoder=corpus.encoder,
        out=str(tmp_path),
        recipes=("positive",),
        init_from=None,
        device="cpu",
    )
    with pytest.raises(FloatingPointError, match="example-"):
        fit_in_process(request, World(), lambda _step, _metrics: None)


def test_a_recipe_that_the_dataset_does_not_have_is_refused(corpus: Corpus, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="negative"):
        corpus.fit(tmp_path, recipes=("negative",))


def test_an_untrained_adapter_is_where_training_starts(corpus: Corpus, unbroken: Path, tmp_path: Path) -> None:
    write_untrained(corpus, tmp_path / "start")
    corpus.fit(tmp_path / "run", init_from=tmp_path / "start")
    assert losses(tmp_path / "run") == losses(unbroken)


def test_losses_are_per_token(unbroken: Path) -> None:
    """A random model of 260 tokens knows nothing: about log(260) plus what its large initial weights add."""
    assert math.log(260) * 0.8 < losses(unbroken)[0] < 20


def test_checkpoints_survive_a_full_disk(corpus: Corpus, unbroken: Path, tmp_path: Path) -> None:
    """What is written aside may fail; the last whole checkpoint stays and is used."""
    interrupted(corpus, tmp_path)
    assert [path.name for path in (tmp_path / FOLDER).iterdir()] == ["step-00000005"]
    shutil.copytree(tmp_path / FOLDER / "step-00000005", tmp_path / FOLDER / ".writing-2")
    corpus.fit(tmp_path)
    assert losses(tmp_path) == losses(unbroken)

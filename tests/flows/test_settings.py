import pytest

from flows.runs import RUNS, named_run
from flows.settings import configure, option_changes


@pytest.mark.parametrize("name", RUNS)
def test_a_named_run_is_named_after_its_function(name: str) -> None:
    assert named_run(name).name == name


def test_an_unknown_run_lists_the_known_ones() -> None:
    with pytest.raises(ValueError, match="there is no run 'dmo': choose demo, esc10"):
        configure("dmo")


def test_a_dotted_change_reaches_its_field() -> None:
    run = configure("demo", ["training.steps=7", "training.adapter.kind=mlp", "train.options.num_clips=3"])
    assert (run.training.steps, run.training.adapter.kind, run.train.options["num_clips"]) == (7, "mlp", 3)


def test_the_options_of_the_command_are_changes() -> None:
    run = configure("esc10", option_changes(root="/data/esc10", encoder="org/model", backbone=None, name="mine"))
    assert (run.train.root, run.test.root) == ("/data/esc10", "/data/esc10")
    assert (run.encoder, run.backbone, run.name) == ("org/model", "pocket", "mine")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ("training.stepz=7", "no field 'stepz', choose"),
        ("trainig.steps=7", "no group 'trainig', choose name, backbone"),
        ("training.steps", "write FIELD=VALUE"),
        ("training.steps=-1", "training.steps: .* found -1"),
        ("training.dtype=int8", "training.dtype: .*'float32' or 'bfloat16'"),
        ("baseline=nobody", "baseline 'nobody' is no arm"),
        ('synthesis.recipes=["positive"]', "wants recipes .*combined.* synthesis does not write"),
    ],
)
def test_a_wrong_change_says_what_is_allowed(change: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        configure("demo", [change])

import pytest
from typer.testing import CliRunner

from flows.cli import app

COMMANDS = (
    "run",
    "ingest",
    "synthesize",
    "materialize",
    "train",
    "evaluate",
    "compare",
    "chat",
    "runs",
    "deploy",
    "ui",
)


def invoke(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, arguments)
    return result.exit_code, " ".join(result.output.split())


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_a_command_shows_an_example(command: str) -> None:
    code, output = invoke(command, "--help")
    assert code == 0
    assert f"Example: balsa {command}" in output


def test_all_commands_are_listed() -> None:
    listed = invoke("--help")[1]
    assert [command for command in COMMANDS if f" {command} " not in listed] == []


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("run", "dmo"), "there is no run 'dmo': choose demo"),
        (("ingest", "demo", "--set", "train.reader=wavs"), "readers has no 'wavs': choose esc50"),
        (("ingest", "esc10", "--data-root", "/nowhere"), "/nowhere"),
        (("compare", "demo"), "no finished run 'demo'"),
        (("chat", "dog.wav", "What do you hear?"), "no finished run 'demo'"),
    ],
)
def test_a_mistake_is_one_line_and_exit_1(
    arguments: tuple[str, ...], message: str, workspace: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    code, output = invoke(*arguments)
    assert code == 1
    assert message in output
    assert "Traceback" not in output


def test_the_named_runs_are_listed_with_what_they_are_for() -> None:
    code, output = invoke("runs")
    assert code == 0
    assert "demo Made sounds and the pocket models" in output

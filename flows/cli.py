"""The `balsa` command: the road, each of its steps, and what came out, from a terminal."""

from pathlib import Path
from typing import Annotated

import typer

from flows.terminal import fail_clearly, prepare, road_progress, say

app = typer.Typer(no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode="rich", add_completion=False)

Run = Annotated[str, typer.Argument(help="Named run, see [bold]balsa runs[/].")]
DataRoot = Annotated[Path | None, typer.Option(help="Folder of the corpus; sets train.root and test.root.")]
Encoder = Annotated[str | None, typer.Option(help="Audio encoder: pocket, a model folder or a Hugging Face id.")]
Backbone = Annotated[str | None, typer.Option(help="Causal LM: pocket, a model folder or a Hugging Face id.")]
Changes = Annotated[
    list[str] | None, typer.Option("--set", help="Change a field, such as training.steps=200; may be repeated.")
]
Name = Annotated[str | None, typer.Option(help="Name of this run in reports and MLflow; none: the named run's.")]
Workspace = Annotated[
    Path | None, typer.Option(help="Folder of all outputs.", envvar="BALSA_WORKSPACE", show_default="./workspace")
]


def _run_flow(
    step: str,
    run: str,
    data_root: Path | None,
    encoder: str | None,
    backbone: str | None,
    changes: list[str] | None,
    name: str | None,
    workspace: Path | None,
) -> None:
    prepare(workspace)
    with fail_clearly():
        from flows.settings import configure, option_changes
        from flows.steps import STEPS

        options = option_changes(root=data_root, encoder=encoder, backbone=backbone, name=name)
        config = configure(run, [*options, *(changes or ())])

        with road_progress():
            outcome = STEPS[step](config)
        say(outcome)


def _add_step(step: str, summary: str) -> None:
    """Steps take the same options: each runs the road up to itself, and what is cached is not done again."""

    @app.command(step, help=f"{summary} What is cached is not done again.\n\nExample: [bold]balsa {step} demo[/]")
    def command(
        run: Run = "demo",
        data_root: DataRoot = None,
        encoder: Encoder = None,
        backbone: Backbone = None,
        changes: Changes = None,
        name: Name = None,
        workspace: Workspace = None,
    ) -> None:
        _run_flow(step, run, data_root, encoder, backbone, changes, name, workspace)


_add_step("run", "Run the whole road: ingest, synthesis, dataset, training, evaluation, report.")
_add_step("ingest", "Read, check and resample the audio.")
_add_step("synthesize", "Let the backbone write the training targets.")
_add_step("materialize", "Write the Parquet dataset.")
_add_step("train", "Train the adapter of each arm.")
_add_step("evaluate", "Ask the benchmarks' questions and score the answers.")


@app.command(help="Compare finished runs, with exact McNemar tests.\n\nExample: [bold]balsa compare demo esc10[/]")
def compare(
    runs: Annotated[list[str], typer.Argument(help="Names of finished runs.")], workspace: Workspace = None
) -> None:
    """Show the scores of finished runs side by side."""
    prepare(workspace)
    with fail_clearly():
        from flows.compare import compare_runs

        say(compare_runs(runs))


@app.command(help='Ask a trained adapter about a clip.\n\nExample: [bold]balsa chat dog.wav "What do you hear?"[/]')
def chat(
    clip: Annotated[Path, typer.Argument(help="Sound file.")],
    question: Annotated[str, typer.Argument(help="What to ask.")],
    second: Annotated[Path | None, typer.Option(help="Another sound file, for a question about both.")] = None,
    run: Annotated[str, typer.Option(help="Finished run whose adapter answers.")] = "demo",
    arm: Annotated[str | None, typer.Option(help="Arm of the run; none: the last one.")] = None,
    workspace: Workspace = None,
) -> None:
    """Ask a trained adapter about one clip or two."""
    prepare(workspace)
    with fail_clearly():
        from flows.chat import ask_about

        say(ask_about([clip] if second is None else [clip, second], question, run, arm))


@app.command(help="List the named runs.\n\nExample: [bold]balsa runs[/]")
def runs() -> None:
    """List the named runs with what they are for."""
    from flows.runs import RUNS

    say("\n".join(f"[bold]{name:12}[/]{run.__doc__}" for name, run in RUNS.items()))


@app.command(help="Register the deployments with the Prefect server.\n\nExample: [bold]balsa deploy[/]")
def deploy(workspace: Workspace = None) -> None:
    """Register the road and each step as deployments of a process work pool."""
    prepare(workspace)
    with fail_clearly():
        from flows.deploy import register

        say(register())


@app.command(help="Start the Prefect and MLflow servers on the workspace.\n\nExample: [bold]balsa ui[/]")
def ui(workspace: Workspace = None) -> None:
    """Serve both user interfaces until Ctrl-C."""
    prepare(workspace)
    from flows.servers import serve

    serve()


def main() -> None:
    """Entry point of the `balsa` command."""
    app()

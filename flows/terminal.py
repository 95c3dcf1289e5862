"""The terminal side of a command: quiet libraries, progress bars, errors in one line."""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn

from tasks.site import workspace_folder

console = Console()

QUIET = {
    "DO_NOT_TRACK": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TQDM_DISABLE": "1",
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "MLFLOW_ENABLE_ARTIFACTS_PROGRESS_BAR": "false",
    "PREFECT_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "PREFECT_SERVER_LOGGING_LEVEL": "CRITICAL",
    "PREFECT_LOGGING_SERVER_LEVEL": "CRITICAL",
    "PREFECT_SERVER_EPHEMERAL_STARTUP_TIMEOUT_SECONDS": "120",  # a loaded laptop needs more than 20 s
    "TOKENIZERS_PARALLELISM": "false",
    "TRANSFORMERS_VERBOSITY": "error",
}


def prepare(workspace: Path | None) -> None:
    """Set the defaults of the libraries' environment; what the user has set stays. Before prefect is imported."""
    if workspace is not None:
        os.environ["BALSA_WORKSPACE"] = str(workspace.absolute())
    folder = workspace_folder()
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in {**QUIET, "PREFECT_HOME": str(folder / "prefect")}.items():
        os.environ.setdefault(name, value)
    logging.getLogger("alembic").setLevel(logging.WARNING)


def say(text: Any) -> None:
    """Print a result."""
    console.print(text)


@contextmanager
def fail_clearly() -> Iterator[None]:
    """Show the user's mistakes as one line and exit with 1; ours keep their traceback."""
    try:
        yield
    except (ValueError, FileNotFoundError) as exc:
        console.print(f"[red]error:[/] {exc}", highlight=False)
        raise typer.Exit(1) from exc


@contextmanager
def road_progress() -> Iterator[None]:
    """Draw a bar for each step that tells its progress."""
    columns = (TextColumn("{task.description:22}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, TextColumn("{task.fields[note]}"), console=console) as progress:
        handler = _Bars(progress)
        logger = logging.getLogger("balsa.progress")
        logger.setLevel(logging.INFO)
        logger.propagate = False
        logger.addHandler(handler)
        try:
            yield
        finally:
            logger.removeHandler(handler)


class _Bars(logging.Handler):
    """Progress records to bars, one a step."""

    def __init__(self, progress: Progress) -> None:
        super().__init__()
        self._progress = progress
        self._bars: dict[str, TaskID] = {}

    def emit(self, record: logging.LogRecord) -> None:
        """Move the bar of the record's step."""
        step, done, total, note = (getattr(record, name) for name in ("step", "done", "total", "note"))
        if step not in self._bars:
            self._bars[step] = self._progress.add_task(step, total=total, note=note)
        self._progress.update(self._bars[step], completed=done, total=total, note=note)

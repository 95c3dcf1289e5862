"""One Prefect test server for a test session, with results and outputs in a temporary workspace."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from prefect.settings import PREFECT_LOCAL_STORAGE_PATH, temporary_settings
from prefect.testing.utilities import prefect_test_harness


@pytest.fixture(scope="session")
def prefect_server() -> Iterator[None]:
    """A Prefect server on a throw-away database."""
    with prefect_test_harness(server_startup_timeout=120):
        yield


@pytest.fixture
def workspace(tmp_path: Path, prefect_server: None) -> Iterator[Path]:
    """A workspace of its own: store, MLflow file, reports, and Prefect's results."""
    with workspace_in(tmp_path):
        yield tmp_path


@pytest.fixture(scope="module")
def module_workspace(tmp_path_factory: pytest.TempPathFactory, prefect_server: None) -> Iterator[Path]:
    """One workspace for the tests of a module: what one of them computed is cached for the next."""
    folder = tmp_path_factory.mktemp("workspace")
    with workspace_in(folder):
        yield folder


@contextmanager
def workspace_in(folder: Path) -> Iterator[None]:
    """Everything that the environment names lies in `folder`."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BALSA_WORKSPACE", str(folder))
        patch.delenv("MLFLOW_TRACKING_URI", raising=False)
        with temporary_settings({PREFECT_LOCAL_STORAGE_PATH: str(folder / "results")}):
            yield

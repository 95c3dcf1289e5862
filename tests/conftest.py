"""Where the tests find real recordings and models that are not part of the repository."""

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real audio and models; the test is skipped where it is absent."""
    folder = Path(os.environ.get("BALSA_SHARED", REPOSITORY.parent / "shared"))
    if not (folder / "data").is_dir():
        pytest.skip(f"no real data at {folder}: set BALSA_SHARED")
    return folder

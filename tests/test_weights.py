import os
from pathlib import Path

import pytest

from balsa_core import weights
from balsa_core.weights import model_identity, model_source
from tests.tiny_models import build_tiny_backbone


def test_a_folder_is_known_by_its_content(tmp_path: Path) -> None:
    one, same, other = (tmp_path / name for name in ("one", "two", "three"))
    build_tiny_backbone(one)
    build_tiny_backbone(same)
    build_tiny_backbone(other, seed=1)
    digests = [model_identity(str(folder), "backbone").split("@")[1] for folder in (one, same, other)]
    assert digests[0] == digests[1] != digests[2]


def test_a_model_that_is_rebuilt_in_place_is_another_one(tmp_path: Path) -> None:
    before = model_identity(str(build_tiny_backbone(tmp_path)), "backbone")
    after = model_identity(str(build_tiny_backbone(tmp_path, seed=1)), "backbone")
    assert before != after


def test_weights_are_hashed_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_tiny_backbone(tmp_path)
    first = model_identity(str(tmp_path), "backbone")
    monkeypatch.setattr(weights, "sha256_file", lambda _path: pytest.fail("hashed again"))
    assert model_identity(str(tmp_path), "backbone") == first


def test_a_readme_does_not_change_what_the_model_is(tmp_path: Path) -> None:
    build_tiny_backbone(tmp_path)
    before = model_identity(str(tmp_path), "backbone")
    (tmp_path / "README.md").write_text("words")
    assert model_identity(str(tmp_path), "backbone") == before


def test_a_folder_without_a_model_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"no config\.json"):
        model_source(str(tmp_path), "encoder")


@pytest.mark.parametrize("name", ["/nowhere/model", "./model", "~/nowhere", "a/b/c"])
def test_a_path_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no backbone at"):
        model_source(name, "backbone")


def test_a_name_of_the_hub_is_left_alone() -> None:
    assert model_source("openai/whisper-small", "encoder") == "openai/whisper-small"


def test_a_pocket_model_that_is_not_built_says_how(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weights, "POCKET_WEIGHTS", tmp_path)
    with pytest.raises(ValueError, match="make pocket"):
        model_source("pocket", "backbone")


def test_a_relative_folder_is_made_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    build_tiny_backbone(tmp_path / "model")
    monkeypatch.chdir(tmp_path)
    assert model_source("model", "backbone") == os.fspath(tmp_path / "model")

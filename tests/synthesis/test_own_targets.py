"""The example of docs/own-targets.md: it is dropped into the recipes' folder and used as any other."""

import re
from pathlib import Path
from typing import get_args

import pytest

from balsa_core.config import SynthesisConfig
from balsa_core.labels import index_sounds, load_ontology
from balsa_core.synthesis import recipes
from balsa_core.synthesis.recipe import Reason, Recipe, load_recipe, recipe_names
from balsa_core.synthesis.requests import draft_requests
from balsa_core.synthesis.write import write_targets
from tests.synthesis.things import RuleChat, made_clip

DOCS = Path(__file__).parents[2] / "docs" / "own-targets.md"
CLIPS = [made_clip("one", "dog", "rain"), made_clip("two", "siren")]
SOUNDS = index_sounds([clip.tags for clip in CLIPS], load_ontology())


@pytest.fixture
def besides(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Recipe:
    (code,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    (tmp_path / "besides.py").write_text(code)
    monkeypatch.setattr(recipes, "__path__", [*recipes.__path__, str(tmp_path)])
    return load_recipe("besides")


def test_the_example_is_a_recipe_of_about_thirty_lines(besides: Recipe) -> None:
    assert "besides" in recipe_names()
    (code,) = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    assert len(code.splitlines()) <= 36


def test_the_example_writes_targets(besides: Recipe) -> None:
    config = SynthesisConfig(per_clip=1)
    requests = draft_requests(CLIPS, range(2), besides, config, SOUNDS)
    written = write_targets(requests, RuleChat(lambda _: "I hear a dog in the rain."), config)
    (example,) = written.examples
    assert re.search(r"(Apart from|besides) (dog|rain)", example.prompt)
    assert [reject.reason for reject in written.rejects] == ["no_options"]
    assert write_targets(requests, RuleChat(lambda _: "I hear a cat."), config).examples == []


def test_every_reason_is_explained() -> None:
    explained = re.findall(r"^\| `(\w+)` \|", DOCS.read_text(), re.MULTILINE)
    assert explained == list(get_args(Reason))

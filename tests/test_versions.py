"""A stage whose code changed has a new VERSION: otherwise its cached outputs would be passed off as new ones.

The digest of a stage covers the code of its module and of all library modules it imports, without comments, docstrings
and layout. When the test fails: raise the VERSION beside the stage's function, or, if the output is the same to the
byte, leave it; then run `python -m tests.test_versions` to write the new digests down.
"""

import ast
import hashlib
import json
from pathlib import Path
from typing import NamedTuple

import pytest

from balsa_core.registry import load_plugin, plugin_names

REPOSITORY = Path(__file__).parents[1]
GOLDEN = REPOSITORY / "tests" / "golden" / "stages.json"


class Stage(NamedTuple):
    """Where a stage's VERSION stands, and which code makes its output: modules, and plug-ins they load by name."""

    version_in: str
    code: tuple[str, ...]
    plugins: str | None = None


ENCODERS = "balsa_core.model.encoders"
STAGES = {
    "shard": Stage("balsa_core.ingest.shards", ("balsa_core.ingest.shards",)),
    "clips": Stage("balsa_core.ingest.gather", ("balsa_core.ingest.gather",)),
    "targets": Stage("balsa_core.synthesis.write", ("balsa_core.synthesis.write",), "balsa_core.synthesis.chats"),
    "dataset": Stage("balsa_core.dataset.build", ("balsa_core.dataset.build", "balsa_core.dataset.leaks")),
    "adapter": Stage("balsa_core.training", ("balsa_core.training.fit",), ENCODERS),
    "scores": Stage("balsa_core.evaluation.scoring", ("balsa_core.evaluation.scoring",)),
    "predictions": Stage(
        "balsa_core.evaluation.ask", ("balsa_core.evaluation.answerers", "balsa_core.model.canary"), ENCODERS
    ),
    "report": Stage("balsa_core.evaluation.report", ("balsa_core.evaluation.markdown", "balsa_core.evaluation.figure")),
}
# Plug-ins whose own version is in their identity, and so in the keys.
VERSIONED = ("balsa_core.ingest.readers", "balsa_core.synthesis.recipes", "balsa_core.evaluation.benchmarks")
PLUGINS = [f"{package}.{name}" for package in VERSIONED for name in plugin_names(package)]


def source_of(module: str) -> Path | None:
    path = REPOSITORY / Path(*module.split("."))
    candidates = (path.with_suffix(".py"), path / "__init__.py")
    return next((found for found in candidates if found.exists()), None)


def imported(tree: ast.AST) -> set[str]:
    """The library modules that a module imports, at its top or inside functions."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("balsa_core"):
            found |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if alias.name.startswith("balsa_core")}
    return {module for module in found if source_of(module)}


def bare(tree: ast.Module) -> str:
    """The code without docstrings, comments and layout, and without VERSION itself."""
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if isinstance(body, list):
            node.body = [  # type: ignore[attr-defined]
                line
                for line in body
                if not (isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant))
                and not (isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "VERSION")
            ]
    return ast.dump(tree)


def code_digest(stage: Stage) -> str:
    """Of the stage's own code, and of all library modules that it imports."""
    plugins = [f"{stage.plugins}.{name}" for name in plugin_names(stage.plugins)] if stage.plugins else []
    return closure_digest([*stage.code, *plugins])


def closure_digest(modules: list[str]) -> str:
    seen: dict[str, str] = {}
    queue = list(modules)
    while queue:
        name = queue.pop()
        path = source_of(name)
        if name in seen or path is None:
            continue
        tree = ast.parse(path.read_text())
        queue += imported(tree)
        seen[name] = bare(tree)
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()[:16]


def version_in(module: str) -> str:
    path = source_of(module)
    assert path is not None, f"{module} does not exist"
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "VERSION":
            return ast.literal_eval(node.value)
    raise AssertionError(f"{module} has no VERSION")


def stage_facts(name: str) -> dict[str, str]:
    return {"version": version_in(STAGES[name].version_in), "code": code_digest(STAGES[name])}


def plugin_facts(module: str) -> dict[str, str]:
    package, name = module.rsplit(".", 1)
    return {"version": load_plugin(package, name).version, "code": closure_digest([module])}


def golden() -> dict[str, dict[str, str]]:
    return json.loads(GOLDEN.read_text())


@pytest.mark.parametrize("stage", STAGES)
def test_a_changed_stage_has_a_new_version(stage: str) -> None:
    assert stage_facts(stage) == golden()[stage], (
        f"the code of stage {stage!r} is not the one written down: raise VERSION in {STAGES[stage].version_in} unless "
        "its output is the same to the byte, then run: python -m tests.test_versions"
    )


@pytest.mark.parametrize("module", PLUGINS)
def test_a_changed_plugin_has_a_new_version(module: str) -> None:
    assert plugin_facts(module) == golden().get(module), (
        f"the code of {module} is not the one written down: raise its version unless its output is the same to the "
        "byte, then run: python -m tests.test_versions"
    )


if __name__ == "__main__":
    facts = {name: stage_facts(name) for name in STAGES} | {module: plugin_facts(module) for module in PLUGINS}
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text(json.dumps(facts, indent=1) + "\n")

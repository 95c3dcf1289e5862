"""A stage whose code changed has a new VERSION: otherwise its cached outputs would be passed off as new ones.

The digest of a stage covers the code of its module and of all library modules it imports, without comments, docstrings
and layout. When the test fails: raise the VERSION beside the stage's function, or, if the output is the same to the
byte, leave it; then run `python -m tests.test_versions` to write the new digests down.
"""

import ast
import hashlib
import json
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
GOLDEN = REPOSITORY / "tests" / "golden" / "stages.json"

STAGES = {
    "shard": "balsa_core.ingest.shards",
    "clips": "balsa_core.ingest.gather",
    "targets": "balsa_core.synthesis.write",
    "dataset": "balsa_core.dataset.build",
    "adapter": "balsa_core.training.fit",
    "questions": "balsa_core.evaluation.questions",
    "predictions": "balsa_core.evaluation.ask",
    "scores": "balsa_core.evaluation.score",
    "report": "balsa_core.evaluation.report",
}


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


def code_digest(module: str) -> str:
    seen: dict[str, str] = {}
    queue = [module]
    while queue:
        name = queue.pop()
        path = source_of(name)
        if name in seen or path is None:
            continue
        tree = ast.parse(path.read_text())
        queue += imported(tree)
        seen[name] = bare(tree)
    return hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest()[:16]


def version_of(module: str) -> str:
    path = source_of(module)
    assert path is not None, f"{module} does not exist"
    for node in ast.parse(path.read_text()).body:
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "VERSION":
            return ast.literal_eval(node.value)
    raise AssertionError(f"{module} has no VERSION")


def facts() -> dict[str, dict[str, str]]:
    return {
        stage: {"module": module, "version": version_of(module), "code": code_digest(module)}
        for stage, module in STAGES.items()
    }


@pytest.mark.parametrize("stage", STAGES)
def test_a_changed_stage_has_a_new_version(stage: str) -> None:
    known, found = json.loads(GOLDEN.read_text())[stage], facts()[stage]
    assert found == known, (
        f"the code of stage {stage!r} is not the one written down: raise VERSION in {STAGES[stage]} unless its output "
        "is the same to the byte, then run: python -m tests.test_versions"
    )


if __name__ == "__main__":
    GOLDEN.parent.mkdir(exist_ok=True)
    GOLDEN.write_text(json.dumps(facts(), indent=1) + "\n")

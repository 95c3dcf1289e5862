"""The house rules that a tool can check: sizes, first lines, directions, and what loads without torch."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
FLOORS = ("balsa_core", "tasks", "flows")
MAX_MODULE_LINES = 250
MAX_FUNCTION_LINES = 60
FORBIDDEN_NAMES = {"utils", "helpers", "common", "manager", "factory", "misc"}

MODULES = sorted(path for floor in FLOORS for path in (REPOSITORY / floor).rglob("*.py"))


def relative(path: Path) -> str:
    return path.relative_to(REPOSITORY).as_posix()


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node


def loaded_modules(statement: str) -> set[str]:
    """The top-level packages that a fresh interpreter has loaded after a statement."""
    code = f"{statement}; import sys; print(*{{name.split('.')[0] for name in sys.modules}})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=REPOSITORY)
    return set(done.stdout.split())


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_module_fits_a_reading(path: Path) -> None:
    lines = path.read_text().count("\n")
    assert lines <= MAX_MODULE_LINES, f"{relative(path)} has {lines} lines: split it by question"


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_function_fits_a_screen(path: Path) -> None:
    long = [
        f"{node.name} ({node.end_lineno - node.lineno + 1} lines)"
        for node in functions(path)
        if node.end_lineno is not None and node.end_lineno - node.lineno + 1 > MAX_FUNCTION_LINES
    ]
    assert not long, f"{relative(path)}: {', '.join(long)}"


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_module_says_in_its_first_line_what_it_is(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text()))
    assert docstring, f"{relative(path)} has no docstring"
    first = docstring.splitlines()[0]
    assert first.endswith((".", ":")), f"{relative(path)}: the first line is a sentence, found {first!r}"


@pytest.mark.parametrize("path", MODULES, ids=relative)
def test_a_module_has_a_name_that_says_something(path: Path) -> None:
    assert path.stem not in FORBIDDEN_NAMES


def test_the_library_reads_no_environment_and_prints_nothing() -> None:
    found = []
    for path in sorted((REPOSITORY / "balsa_core").rglob("*.py")):
        if path.name == "__main__.py":  # a command line prints
            continue
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
                found.append(f"{relative(path)}:{node.lineno} prints")
            if isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"):
                found.append(f"{relative(path)}:{node.lineno} reads the environment")
    assert not found


def test_the_floors_and_rooms_keep_their_directions() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], capture_output=True, text=True, cwd=REPOSITORY
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize(
    "statement",
    [
        "import flows.ingest",
        "import flows.synthesis",
        "import flows.cli",
        "from balsa_core.registry import load_plugin; load_plugin('balsa_core.synthesis.chats', 'openai')",
    ],
)
def test_what_computes_nothing_loads_without_torch(statement: str) -> None:
    assert not loaded_modules(statement) & {"torch", "transformers"}


def test_the_library_loads_without_prefect_and_mlflow() -> None:
    names = [relative(path)[:-3].replace("/", ".") for path in MODULES if relative(path).startswith("balsa_core/")]
    wanted = [name.removesuffix(".__init__") for name in names if not name.endswith("__main__")]
    assert not loaded_modules("; ".join(f"import {name}" for name in wanted)) & {"prefect", "mlflow"}

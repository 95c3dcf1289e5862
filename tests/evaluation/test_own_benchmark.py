"""The example of docs/own-benchmark.md is put in the folder as it stands, and works."""

import re
from pathlib import Path

import pytest

from balsa_core.evaluation import benchmarks
from balsa_core.evaluation.figure import draw_comparison
from balsa_core.evaluation.markdown import to_markdown
from balsa_core.evaluation.report import Result, compare
from balsa_core.evaluation.scoring import Benchmark, benchmark_names, load_benchmark, score
from tests.evaluation.contract import CHECKS, Check, asked
from tests.evaluation.scenes import oracle, respond

DOCUMENT = Path(__file__).parents[2] / "docs" / "own-benchmark.md"


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Benchmark:
    (code,) = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), flags=re.DOTALL)
    (tmp_path / "sound_count.py").write_text(code)
    monkeypatch.setattr(benchmarks, "__path__", [*benchmarks.__path__, str(tmp_path)])
    assert "sound_count" in benchmark_names()
    return load_benchmark("sound_count")


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_example_keeps_the_contract(example: Benchmark, check: Check) -> None:
    check(example)


def test_the_example_is_in_report_and_figure(example: Benchmark) -> None:
    questions = asked(example)
    scored = score(example, questions, respond(questions, oracle))
    report = compare(
        [
            Result(
                arm="oracle",
                benchmark="sound_count",
                questions=questions,
                verdicts=scored.verdicts,
                scores=scored.scores,
            )
        ],
        baseline="oracle",
    )
    assert "## Sound count" in to_markdown(report)
    assert [axis.get_title(loc="left") for axis in draw_comparison(report).axes] == ["sound count"]

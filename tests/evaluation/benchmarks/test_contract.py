"""Every benchmark of the folder keeps the contract."""

import pytest

from balsa_core.evaluation.scoring import benchmark_names, load_benchmark
from tests.evaluation.contract import CHECKS, Check


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("name", benchmark_names())
def test_a_benchmark(name: str, check: Check) -> None:
    check(load_benchmark(name))

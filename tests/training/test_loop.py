import pytest

from balsa_core.config import TrainingConfig
from balsa_core.training.loop import learning_rate

CONFIG = TrainingConfig(steps=100, warmup_steps=10, learning_rate=2.0)


def test_the_rate_rises_evenly_then_falls_as_a_cosine() -> None:
    rates = [learning_rate(CONFIG, step) for step in range(CONFIG.steps)]
    assert rates[:10] == pytest.approx([0.2 * (step + 1) for step in range(10)])
    assert rates[10] == 2.0
    assert rates[55] == pytest.approx(1.0)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert 0 < rates[-1] < 0.01


def test_a_run_may_begin_at_its_peak() -> None:
    assert learning_rate(CONFIG.model_copy(update={"warmup_steps": 0}), 0) == 2.0


def test_a_run_may_be_all_warm_up() -> None:
    short = CONFIG.model_copy(update={"steps": 5})
    assert learning_rate(short, 4) == pytest.approx(1.0)

from pathlib import Path

import pytest
from prefect import flow
from prefect.client.schemas.objects import State

from balsa_core.artifact import Artifact, new_artifact
from balsa_core.config import IngestConfig
from tasks.caching import Work, cached
from tasks.site import Site

calls: list[tuple[str, int]] = []


def stage(version: str = "1"):  # noqa: ANN201
    @cached("letters", version)
    def write_letters(work: Work, *, site: Site, name: str, letter: str, config: IngestConfig) -> Artifact:
        calls.append((letter, config.seed))
        with new_artifact(work.place, config=work.config, code=work.code) as draft:
            (draft.folder / "letters.txt").write_text(letter * 3)
        return draft.result()

    return write_letters


@pytest.fixture
def site(workspace: Path) -> Site:
    calls.clear()
    return Site(store=str(workspace / "store"), tracking_uri="", reports="", scratch="")


def states(site: Site, *inputs: tuple[str, IngestConfig], version: str = "1", name: str = "x") -> list[State[Artifact]]:
    @flow
    def write() -> list[State[Artifact]]:
        task = stage(version)
        return [
            task(site=site, name=name, letter=letter, config=config, return_state=True) for letter, config in inputs
        ]

    return write()


A = ("a", IngestConfig())


def test_equal_inputs_are_computed_once(site: Site) -> None:
    first, second = states(site, A)[0], states(site, A)[0]
    assert (first.name, second.name) == ("Completed", "Cached")
    assert first.result() == second.result()
    assert calls == [("a", 0)]


def test_what_changes_the_answer_changes_the_key(site: Site) -> None:
    states(site, A, ("b", IngestConfig()), ("a", IngestConfig(seed=1)))
    states(site, A, version="2")
    assert calls == [("a", 0), ("b", 0), ("a", 1), ("a", 0)]


def test_where_it_runs_and_what_it_is_called_are_not_in_the_key(site: Site) -> None:
    states(site, A)
    other = Site(store=site.store, tracking_uri="elsewhere", reports="", scratch="", device="cuda")
    assert states(other, ("a", IngestConfig(root="/elsewhere")), name="y")[0].name == "Cached"
    assert calls == [("a", 0)]


def test_a_deleted_output_is_made_again(site: Site) -> None:
    made = states(site, A)[0].result()
    made.path("letters.txt").unlink()
    again = states(site, A)[0]
    assert again.name == "Completed"
    assert again.result().path("letters.txt").read_text() == "aaa"


def test_a_changed_output_is_made_again(site: Site) -> None:
    made = states(site, A)[0].result()
    made.path("letters.txt").write_text("bbb")
    assert states(site, A)[0].result().path("letters.txt").read_text() == "aaa"


def test_a_lost_prefect_result_does_not_lose_the_work(site: Site, tmp_path: Path) -> None:
    states(site, A)
    for result in (tmp_path / "results").iterdir():
        result.unlink()
    assert states(site, A)[0].name == "Completed"
    assert calls == [("a", 0)]


def test_only_failures_of_the_network_are_retried(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.caching.RETRY_DELAYS_S", [0.0])
    attempts: list[str] = []

    @cached("failing", "1")
    def fail(work: Work, *, site: Site, name: str, error: str) -> Artifact:
        attempts.append(error)
        raise ConnectionError("gone") if error == "network" else ValueError("wrong")

    @flow
    def road() -> list[State[Artifact]]:
        return [fail(site=site, name="x", error=error, return_state=True) for error in ("network", "ours")]

    assert [state.is_failed() for state in road(return_state=True).result(raise_on_failure=False)] == [True, True]
    assert attempts == ["network", "network", "ours"]

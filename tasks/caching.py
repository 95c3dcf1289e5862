"""What makes a task's work reusable: the only builder of cache keys.

A key is the stage's name, its VERSION, and the fingerprint of the inputs that change the answer. `site` (where it
runs), `root` (where the corpus lies), `name` (what the folder is called) and `batch_size` never do.
"""

import inspect
from collections.abc import Callable
from typing import Any, NamedTuple, ParamSpec

import httpx
from prefect import State, Task
from prefect.cache_policies import CacheKeyFnPolicy
from prefect.client.schemas.objects import TaskRun

from balsa_core.artifact import Artifact, ArtifactError, Place, open_artifact
from balsa_core.identity import canonical, fingerprint
from tasks.site import Site

P = ParamSpec("P")

WHERE = ("site", "name", "root", "batch_size")
RETRY_DELAYS_S = [5.0, 30.0, 120.0]


class Work(NamedTuple):
    """What a cached function is told besides its inputs: where its output goes, and what the key is made of."""

    place: Place
    config: dict[str, Any]  # the inputs that are in the key, as plain data, for the manifest
    code: dict[str, str]


def cached(stage: str, version: str) -> Callable[[Callable[..., Artifact]], Task[..., Artifact]]:
    """Make `fn(work, site=..., name=..., inputs...)` a Prefect task whose output is reused.

    Prefect's result is looked up first, then the store itself, so that a lost Prefect database loses no work. Either
    way the artifact is verified; one that is missing or damaged is made again. Only
    failures of the network are retried.
    """

    def decorate(fn: Callable[..., Artifact]) -> Task[..., Artifact]:
        signature = _without_work(fn)

        def run(*args: Any, **kwargs: Any) -> Artifact:
            inputs = signature.bind(*args, **kwargs).arguments
            work = _work(stage, version, inputs)
            return _reopen(work.place) or fn(work, **inputs)

        run.__signature__ = signature  # type: ignore[attr-defined]  # Prefect reads the parameters here
        run.__name__, run.__doc__, run.__module__ = fn.__name__, fn.__doc__, fn.__module__
        policy = CacheKeyFnPolicy(cache_key_fn=lambda _context, inputs: _key(stage, version, inputs))
        return Task(
            fn=run,
            name=stage,
            task_run_name=f"{stage}-{{name}}",
            cache_policy=policy,
            persist_result=True,
            retries=len(RETRY_DELAYS_S),
            retry_delay_seconds=RETRY_DELAYS_S,
            retry_condition_fn=_network_failed,
        )

    return decorate


def _network_failed(_task: Task[..., Any], _run: TaskRun, state: State[Any]) -> bool:
    failure = state.result(raise_on_failure=False)
    return isinstance(failure, (ConnectionError, TimeoutError, httpx.TransportError))


def _key(stage: str, version: str, inputs: dict[str, Any]) -> str:
    site: Site = inputs["site"]
    return f"{stage}-{version}-{fingerprint(_what(inputs))}-{fingerprint(site.store)}"


def _work(stage: str, version: str, inputs: dict[str, Any]) -> Work:
    site: Site = inputs["site"]
    what = canonical(_what(inputs))
    place = Place(site.store, stage, inputs["name"], fingerprint([stage, version, what]))
    return Work(place, what, {"stage": stage, "version": version, **site.code})


def _what(inputs: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in inputs.items() if name not in WHERE}


def _reopen(place: Place) -> Artifact | None:
    try:
        return open_artifact(str(place.path))
    except ArtifactError:
        return None


def _without_work(fn: Callable[..., Any]) -> inspect.Signature:
    signature = inspect.signature(fn)
    _work_parameter, *rest = signature.parameters.values()
    return signature.replace(parameters=rest)

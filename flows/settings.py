"""A named run and what the user changed in it: the configuration that is run.

Dotted overrides such as "training.steps=200" are parsed as JSON where possible and validated by the configuration.
"""

import json
from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from balsa_core.config import RunConfig
from flows.runs import named_run


def configure(name: str, changes: Sequence[str] = ()) -> RunConfig:
    """The named run with changes such as "training.steps=200"; ValueError says which field is wrong and why."""
    values = named_run(name).model_dump(mode="python")
    for change in changes:
        path, separator, text = change.partition("=")
        if not separator:
            raise ValueError(f"{change!r} changes nothing: write FIELD=VALUE, such as training.steps=200")
        _put(values, path.split("."), _parse(text), change)
    return _validated(values)


def option_changes(**options: object) -> list[str]:
    """Options of the command line as changes; `root` is that of both splits, None changes nothing."""
    root = options.pop("root")
    fields = options | {"train.root": root, "test.root": root}
    return [f"{field}={json.dumps(str(value))}" for field, value in fields.items() if value is not None]


def _validated(values: dict[str, Any]) -> RunConfig:
    try:
        return RunConfig.model_validate(values)
    except ValidationError as exc:
        lines = [
            f"{'.'.join(map(str, error['loc']))}: {error['msg']}, found {error['input']!r}" for error in exc.errors()
        ]
        raise ValueError("; ".join(lines)) from exc


def _put(values: dict[str, Any], path: Sequence[str], value: Any, change: str) -> None:
    *parents, last = path
    for key in parents:
        inner = values.get(key)
        if not isinstance(inner, dict):
            raise ValueError(f"{change!r}: there is no group {key!r}, choose {', '.join(values)}")
        values = inner
    if last not in values and parents[-1:] != ["options"]:
        raise ValueError(f"{change!r}: there is no field {last!r}, choose {', '.join(values)}")
    values[last] = value


def _parse(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text

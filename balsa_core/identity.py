"""What a thing is, as a short text that is equal exactly when the thing is equal.

Keys of caches and names of folders come from `fingerprint`. It refuses what has no stable text (callables, open
files, objects whose text is an address), because a key that changes by accident is a lost cache and a key that stays
equal by accident is a wrong result.
"""

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

FINGERPRINT_CHARS = 16  # 64 bits: one in a billion for a clash among 190,000 artifacts


@runtime_checkable
class Identified(Protocol):
    """An object that says itself what it is: an artifact its digest, a plug-in its name and version."""

    def identity(self) -> Any:
        """Plain data that is equal exactly when the object is equal."""
        ...


def canonical(value: Any) -> Any:
    """`value` as plain JSON data with one spelling; raises TypeError for what has no identity."""
    if value is None or isinstance(value, (bool, int, str)):
        return value
    if isinstance(value, float):
        if not math.isfinite(value):
            raise TypeError(f"{value} has no canonical text: use None for 'absent'")
        return int(value) if value.is_integer() else value
    if isinstance(value, Identified) and not isinstance(value, type):
        return canonical(value.identity())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: canonical(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {_key(key): canonical(item) for key, item in value.items()}
    if isinstance(value, (set, frozenset)):
        return sorted((canonical(item) for item in value), key=canonical_json)
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        return [canonical(item) for item in value]
    if isinstance(value, Path):
        raise TypeError(f"a path ({value}) says where, not what: pass a digest of its content")
    raise TypeError(f"{type(value).__name__} has no identity: give it an identity() method or pass plain data")


def canonical_json(value: Any) -> str:
    """The one JSON text of `value`: keys sorted, no spaces."""
    return json.dumps(canonical(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def sha256_text(text: str) -> str:
    """SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(text.encode()).hexdigest()


def sha256_file(path: str | Path) -> str:
    """SHA-256 of a local file's content, in hexadecimal."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fingerprint(value: Any) -> str:
    """A short digest of what `value` is."""
    return sha256_text(canonical_json(value))[:FINGERPRINT_CHARS]


def seed_of(*parts: str | int) -> int:
    """A 63-bit seed that depends on every part and on nothing else (Python's hash() changes with the process)."""
    return int(sha256_text(canonical_json(parts))[:16], 16) >> 1


def differences(old: Any, new: Any, where: str = "") -> list[str]:
    """What differs between two canonical values, one line a leaf: "training.steps: 100 -> 200"."""
    old, new = canonical(old), canonical(new)
    if isinstance(old, dict) and isinstance(new, dict):
        return [
            line
            for key in sorted(old.keys() | new.keys())
            for line in _differences_at(old, new, key, f"{where}.{key}" if where else key)
        ]
    if canonical_json(old) == canonical_json(new):
        return []
    return [f"{where or 'value'}: {_short(old)} -> {_short(new)}"]


def _differences_at(old: dict[str, Any], new: dict[str, Any], key: str, where: str) -> list[str]:
    if key not in new:
        return [f"{where}: {_short(old[key])} -> absent"]
    if key not in old:
        return [f"{where}: absent -> {_short(new[key])}"]
    return differences(old[key], new[key], where)


def _key(key: Any) -> str:
    if not isinstance(key, str):
        raise TypeError(f"keys are texts, found {type(key).__name__}: {key!r}")
    return key


def _short(value: Any, limit: int = 60) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= limit else text[: limit - 1] + "…"

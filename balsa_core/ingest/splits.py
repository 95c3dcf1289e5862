"""What a reader may be asked for, and which split a clip belongs to when its corpus does not say."""

from collections.abc import Iterable

from balsa_core.identity import seed_of

HASH_SPLITS = ("train", "test")
TEST_ONE_IN = 5


def split_of(group: str) -> str:
    """One group in five is test, for ever: it depends on the group's name only, never on what else is there."""
    return "test" if seed_of("split", group) % TEST_ONE_IN == 0 else "train"


def refuse_split(reader: str, split: str, allowed: tuple[str, ...]) -> None:
    """ValueError when a split is not one of those a corpus has."""
    if split not in allowed:
        raise ValueError(f"{reader} has no split {split!r}: choose {', '.join(allowed)}")


def refuse_options(reader: str, given: Iterable[str], allowed: tuple[str, ...]) -> None:
    """ValueError when an option is not one of those a reader knows."""
    unknown = sorted(set(given) - set(allowed))
    if unknown:
        raise ValueError(f"{reader} has no option {', '.join(unknown)}: choose {', '.join(allowed) or 'none'}")

"""One corpus a file. A module's `PLUGIN` is a Reader: it lists the clips of a corpus and loads their audio."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from balsa_core.audio import Waveform
from balsa_core.records import Entry, Part

Options = Mapping[str, str | int | float]


class Reader(Protocol):
    """A corpus."""

    name: str
    version: str
    licence: str
    citation: str
    splits: tuple[str, ...]

    def identity(self) -> str:
        """`name@version`."""
        ...

    def entries(self, root: str | None, split: str, options: Options) -> Iterator[Entry]:
        """What the corpus says of the clips of a split, in an order that does not change; no audio is decoded.

        ValueError for a root, split or option that the corpus does not have; a missing sound file is an entry.
        """
        ...

    def load(self, root: str | None, part: Part) -> Waveform:
        """The audio from `part.start_s` to `part.end_s`; BadAudio says why there is none."""
        ...

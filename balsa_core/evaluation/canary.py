"""The replies of the adapted and of the bare backbone to text alone in, whether they are equal out."""

from collections.abc import Sequence
from typing import NamedTuple


class TextCanary(NamedTuple):
    """How many text-only prompts were given, how many got equal replies, and the prompts that did not."""

    num_prompts: int
    num_equal: int
    different: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether every token of every reply is equal; never true of no prompt at all."""
        return 0 < self.num_prompts == self.num_equal


def compare_texts(prompts: Sequence[str], replies: Sequence[tuple[Sequence[int], Sequence[int]]]) -> TextCanary:
    """Compare the token ids of the two replies (adapted, bare) to each prompt."""
    pairs = zip(prompts, replies, strict=True)
    different = tuple(prompt for prompt, (adapted, bare) in pairs if list(adapted) != list(bare))
    return TextCanary(len(prompts), len(prompts) - len(different), different)

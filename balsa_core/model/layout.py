"""Conversations in, one right-padded batch of token ids and places out. Training and evaluation share it.

Shapes: B rows, T positions, S audio slots in the batch, R target tokens in the batch.
A place is row * T + position; a source is a row of the clips' audio embeddings, one below the other.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor

from balsa_core.prompt import Message, Span, render, render_target

PLACE_HOLDER_ID = 0  # stands in audio slots and padding; its embedding is replaced, or is in nobody's past


class Row(NamedTuple):
    """A conversation as ids; the target is empty when a reply is asked for."""

    ids: tuple[int, ...]
    spans: tuple[Span, ...]
    num_targets: int  # how many of the last ids are to be learned


class Layout(NamedTuple):
    """Where everything is in a batch."""

    ids_BT: Tensor
    lengths: list[int]
    slots_S: Tensor  # places of audio slots
    sources_S: Tensor  # which audio embedding each slot gets
    places_R: Tensor  # the places whose next token is a target
    targets_R: Tensor

    def to(self, device: torch.device) -> "Layout":
        """The same layout on another device."""
        moved = {name: value.to(device) for name, value in self._asdict().items() if isinstance(value, Tensor)}
        return self._replace(**moved)


def lay_prompt(tokenizer: Any, messages: Sequence[Message], num_slots: Sequence[int]) -> Row:
    """The row of a question: clip i of the conversation gets `num_slots[i]` audio slots."""
    prompt = render(tokenizer, messages, [[PLACE_HOLDER_ID] * num for num in num_slots])
    return Row(tuple(prompt.ids), tuple(prompt.spans), 0)


def lay_example(
    tokenizer: Any, messages: Sequence[Message], num_slots: Sequence[int], target: str, end_ids: Sequence[int]
) -> Row:
    """The row of a training example: the same prompt ids, then the target with its end."""
    prompt = lay_prompt(tokenizer, messages, num_slots)
    target_ids = render_target(tokenizer, messages, target, end_ids)
    return Row((*prompt.ids, *target_ids), prompt.spans, len(target_ids))


def lay_batch(rows: Sequence[Row], clips: Sequence[Sequence[int]], slots_per_clip: Sequence[int]) -> Layout:
    """Rows padded to one batch; `clips[row][i]` says which clip of the batch fills span i of a row."""
    width = max(len(row.ids) for row in rows)
    starts = [sum(slots_per_clip[:clip]) for clip in range(len(slots_per_clip))]
    slots: list[int] = []
    sources: list[int] = []
    places: list[int] = []
    targets: list[int] = []
    for number, (row, heard) in enumerate(zip(rows, clips, strict=True)):
        first = number * width
        for span, clip in zip(row.spans, heard, strict=True):
            slots += range(first + span.start, first + span.start + span.length)
            sources += range(starts[clip], starts[clip] + span.length)
        begin, end = len(row.ids) - row.num_targets, len(row.ids)
        places += range(first + begin - 1, first + end - 1)
        targets += row.ids[begin:]
    padded = [[*row.ids, *[PLACE_HOLDER_ID] * (width - len(row.ids))] for row in rows]
    return Layout(torch.tensor(padded), [len(row.ids) for row in rows], *_tensors(slots, sources, places, targets))


def _tensors(*lists: list[int]) -> list[Tensor]:
    return [torch.tensor(values, dtype=torch.long) for values in lists]

"""Dialogues in, tensors out: one row holds a dialogue's beginning once and all its branches after it.

Legend: B rows, T tokens, S slots, M asked names, V vocabulary, D model width. A branch sees the beginning and itself,
and its positions go on from the beginning, so each branch computes exactly what it would alone.
"""

import math
from typing import NamedTuple

import numpy as np
import torch
from torch.nn.functional import pad
from transformers import PreTrainedTokenizerFast

from balsa_core.pocket.dialogues import Dialogue, Turn
from balsa_core.pocket.spans import Slot, Span
from balsa_core.pocket.vocabulary import ASSISTANT, BEGIN_OF_AUDIO, END, END_OF_AUDIO, PAD, SYSTEM, USER

DECIDING_WEIGHT = 3.0  # the first token of "Yes." or "The second." carries the whole answer
DECIDING_KINDS = frozenset({"existence", "which"})


class Row(NamedTuple):
    """One dialogue as flat lists; slots replace the token at their place."""

    ids: list[int]
    branch: list[int]
    position: list[int]
    weight: list[float]  # of the loss on this token; 0 outside replies
    reply: list[int]  # number of the reply this token belongs to, -1 outside replies
    kinds: list[str]  # of each reply
    slots: list[tuple[int, Slot, int]]  # place, slot, number of the span
    offsets: list[float]
    marks: list[tuple[int, tuple[float, ...]]]  # place of an asked name, whether each clip holds it


class Batch(NamedTuple):
    """Tensors of several rows; `kinds` names each reply, `soft` says whether its audio was soft slots."""

    ids_BT: torch.Tensor
    visible_BTT: torch.Tensor
    position_BT: torch.Tensor
    weight_BT: torch.Tensor
    reply_BT: torch.Tensor
    rows: list[Row]
    kinds: list[str]
    soft: list[bool]
    mark_places_M: torch.Tensor  # into the flattened (B * T)
    mark_labels_M2: torch.Tensor  # NaN where there is no second clip


class Encoder:
    """Text pieces to ids, remembered: instructions repeat."""

    def __init__(self, tokenizer: PreTrainedTokenizerFast) -> None:
        self.tokenizer = tokenizer
        self.known: dict[str, list[int]] = {}

    def __call__(self, text: str) -> list[int]:
        """Token ids of a text, in which special tokens mean what they say."""
        if text not in self.known:
            self.known[text] = self.tokenizer.encode(text, add_special_tokens=False)
        return self.known[text]


def lay_out(dialogue: Dialogue, encode: Encoder) -> Row:
    """The flat row of one dialogue."""
    row = Row([], [], [], [], [], [], [], [], [])
    beginning = encode(f"{SYSTEM}{dialogue.system}{END}") if dialogue.system else []
    _append(row, [*beginning, *encode(USER)], branch=0)
    for number, span in enumerate(dialogue.spans):
        if number:
            _append(row, encode("\n"), branch=0)
        _append_span(row, span, number, encode)
    start = len(row.ids)
    for branch, turns in enumerate(dialogue.branches, start=1):
        position = start
        for turn_number, turn in enumerate(turns):
            position = _append_turn(row, turn, branch, position, turn_number, dialogue.spans, encode)
    return row


def collate(rows: list[Row], encode: Encoder) -> Batch:
    """Rows padded on the right to one batch."""
    width = max(len(row.ids) for row in rows)

    def stack(lists: list[list], fill: float, dtype: torch.dtype) -> torch.Tensor:
        return torch.stack(
            [pad(torch.tensor(values, dtype=dtype), (0, width - len(values)), value=fill) for values in lists]
        )

    branch_BT = stack([row.branch for row in rows], -1, torch.int32)
    same_BTT = branch_BT[:, :, None] == branch_BT[:, None, :]
    visible_BTT = (same_BTT | (branch_BT[:, None, :] == 0)) & torch.ones(width, width, dtype=torch.bool).tril()
    first_reply = np.cumsum([0] + [len(row.kinds) for row in rows])
    replies = [
        [number + int(first) if number >= 0 else -1 for number in row.reply]
        for row, first in zip(rows, first_reply[:-1], strict=True)
    ]
    return Batch(
        ids_BT=stack([row.ids for row in rows], encode(PAD)[0], torch.int64),
        visible_BTT=visible_BTT,
        position_BT=stack([row.position for row in rows], 0, torch.int64),
        weight_BT=stack([row.weight for row in rows], 0.0, torch.float32),
        reply_BT=stack(replies, -1, torch.int64),
        rows=rows,
        kinds=[kind for row in rows for kind in row.kinds],
        soft=[bool(row.slots) for row in rows for _ in row.kinds],
        mark_places_M=torch.tensor(
            [number * width + place for number, row in enumerate(rows) for place, _ in row.marks], dtype=torch.int64
        ),
        mark_labels_M2=torch.tensor([(*present, math.nan)[:2] for row in rows for _, present in row.marks]).reshape(
            -1, 2
        ),
    )


def embed(batch: Batch, table_VD: torch.Tensor, encode: Encoder, generator: torch.Generator) -> torch.Tensor:
    """Embeddings of a batch, soft slots in their places: shape (B, T, D)."""
    embedded_BTD = torch.nn.functional.embedding(batch.ids_BT, table_VD)
    places = [(number, *entry) for number, row in enumerate(batch.rows) for entry in row.slots]
    if not places:
        return embedded_BTD
    slots = [slot for _, _, slot, _ in places]
    owner = torch.tensor([index for index, slot in enumerate(slots) for _ in slot.shares], dtype=torch.int64)
    names = torch.tensor([encode(name)[0] for slot in slots for name in slot.shares], dtype=torch.int64)
    shares = torch.tensor([share for slot in slots for share in slot.shares.values()])
    width = table_VD.shape[1]
    clean_SD = torch.zeros(len(slots), width).index_add(0, owner, table_VD[names] * shares[:, None])
    rms = table_VD.detach().pow(2).mean().sqrt()
    noise_S1 = torch.tensor([[slot.noise] for slot in slots])
    scale_S1 = torch.tensor([[slot.scale] for slot in slots])
    offset_SD = _offsets(batch, places, width, generator)
    slots_SD = scale_S1 * (
        clean_SD + rms * (noise_S1 * torch.randn(len(slots), width, generator=generator) + offset_SD)
    )
    where = torch.tensor([number * batch.ids_BT.shape[1] + place for number, place, _, _ in places])
    flat = embedded_BTD.reshape(-1, width).index_copy(0, where, slots_SD.to(embedded_BTD.dtype))
    return flat.reshape(embedded_BTD.shape)


def _offsets(
    batch: Batch, places: list[tuple[int, int, Slot, int]], width: int, generator: torch.Generator
) -> torch.Tensor:
    # One random vector a span, shared by its slots: an adapter's bias looks like that.
    keys = {key: index for index, key in enumerate(dict.fromkeys((number, span) for number, _, _, span in places))}
    drawn = torch.randn(len(keys), width, generator=generator) * torch.tensor(
        [[batch.rows[number].offsets[span]] for number, span in keys]
    )
    return drawn[torch.tensor([keys[number, span] for number, _, _, span in places])]


def _append(
    row: Row, ids: list[int], branch: int, position: int | None = None, weight: float = 0.0, reply: int = -1
) -> None:
    start = len(row.ids) if position is None else position
    row.ids.extend(ids)
    row.branch.extend([branch] * len(ids))
    row.position.extend(range(start, start + len(ids)))
    row.weight.extend([weight] * len(ids))
    row.reply.extend([reply] * len(ids))


def _append_span(row: Row, span: Span, number: int, encode: Encoder) -> None:
    _append(row, encode(BEGIN_OF_AUDIO), branch=0)
    if span.text is not None:
        _append(row, encode(span.text), branch=0)
    else:
        row.slots.extend((len(row.ids) + index, slot, number) for index, slot in enumerate(span.slots))
        _append(row, encode(PAD) * len(span.slots), branch=0)
    row.offsets.append(span.offset)
    _append(row, encode(END_OF_AUDIO), branch=0)


def _append_turn(
    row: Row, turn: Turn, branch: int, position: int, turn_number: int, spans: tuple[Span, ...], encode: Encoder
) -> int:
    opening = encode("\n") if spans else []
    asked = [
        *(opening if turn_number == 0 else encode(USER)),
        *encode(turn.instruction),
        *encode(END),
        *encode(ASSISTANT),
    ]
    replied = [*encode(turn.reply), *encode(END)]
    for name in turn.asked if spans else ():
        present = tuple(float(name in span.tags) for span in spans)
        row.marks.append((len(row.ids) + _end_of(encode(name), asked), present))
    _append(row, asked, branch, position)
    start = len(row.ids)
    _append(row, replied, branch, position + len(asked), 1.0, len(row.kinds))
    if turn.kind in DECIDING_KINDS:
        row.weight[start] = DECIDING_WEIGHT
    row.kinds.append(turn.kind)
    return position + len(asked) + len(replied)


def _end_of(part: list[int], whole: list[int]) -> int:
    """Place of the last token of a part inside the whole."""
    start = next(start for start in range(len(whole)) if whole[start : start + len(part)] == part)
    return start + len(part) - 1

"""A step number in, that step's batch out: which examples it holds depends on seed and step alone.

So an interrupted run goes on where it was, and one process or several see the same examples at each step.
"""

from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from balsa_core.identity import seed_of
from balsa_core.model.audio_llm import AudioLLM
from balsa_core.model.encoder import Features
from balsa_core.model.layout import Layout, Row, lay_batch, lay_example
from balsa_core.prompt import conversation
from balsa_core.records import Example
from balsa_core.training.features import FeatureStore

ROWS_REMEMBERED = 100_000  # some 100 MB; writing one anew costs 0.2 ms


class Counts(NamedTuple):
    """How much is in a batch."""

    num_targets: float  # tokens to be learned
    num_tokens: float
    num_positions: float  # tokens and padding
    audio_s: float  # seconds heard, a clip that two examples use counted twice


class Batch(NamedTuple):
    """One process's share of a step."""

    layout: Layout
    features: Features
    counts: Counts


@lru_cache(maxsize=2)
def epoch_order(num_examples: int, seed: int, epoch: int) -> np.ndarray:
    """The order of the examples in an epoch."""
    return np.random.default_rng(seed_of("epoch", seed, epoch)).permutation(num_examples)


def step_examples(num_examples: int, batch_size: int, seed: int, step: int) -> list[int]:
    """The examples of a step, over all processes; a batch may span two epochs."""
    places = range(step * batch_size, (step + 1) * batch_size)
    return [int(epoch_order(num_examples, seed, place // num_examples)[place % num_examples]) for place in places]


class Batches:
    """The batches of one process. Rows are written once and remembered."""

    def __init__(self, model: AudioLLM, examples: Sequence[Example], store: FeatureStore) -> None:
        self.model, self.examples, self.store = model, examples, store
        self.row = lru_cache(ROWS_REMEMBERED)(self._write_row)

    def draw(self, chosen: Sequence[int]) -> Batch:
        """The batch of these examples; a clip that several of them use is in it once."""
        examples = [self.examples[index] for index in chosen]
        clip_ids = list(dict.fromkeys(clip_id for example in examples for clip_id in example.clip_ids))
        number = {clip_id: index for index, clip_id in enumerate(clip_ids)}
        rows = [self.row(index) for index in chosen]
        layout = lay_batch(
            rows,
            [[number[clip_id] for clip_id in example.clip_ids] for example in examples],
            [self._num_slots(clip_id) for clip_id in clip_ids],
        )
        heard_s = sum(self.store.duration_s(clip_id) for example in examples for clip_id in example.clip_ids)
        counts = Counts(len(layout.targets_R), sum(layout.lengths), layout.ids_BT.numel(), heard_s)
        return Batch(layout.to(self.model.backbone.device), self.store.batch(clip_ids), counts)

    def _write_row(self, index: int) -> Row:
        example, backbone = self.examples[index], self.model.backbone
        slots = [self._num_slots(clip_id) for clip_id in example.clip_ids]
        messages = conversation(example.prompt, example.system)
        return lay_example(backbone.tokenizer, messages, slots, example.target, backbone.end_ids)

    def _num_slots(self, clip_id: str) -> int:
        return self.model.adapter.num_slots(self.store.num_frames(clip_id))

from collections import Counter

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from balsa_core.dataset.read import ClipAudio, read_examples
from balsa_core.model.saved import open_audio_llm
from balsa_core.training.batches import Batches, step_examples
from balsa_core.training.features import FeatureStore
from tests.training.data import CONFIG, Corpus


@pytest.fixture(scope="module")
def batches(corpus: Corpus) -> Batches:
    model = open_audio_llm(corpus.backbone, corpus.encoder, CONFIG.adapter, seed=0, device="cpu", dtype="float32")
    examples = read_examples(corpus.dataset)
    clips = ClipAudio(corpus.dataset)
    num_samples = {key: clips.clip(key).num_samples for example in examples for key in example.clip_ids}
    return Batches(model, examples, FeatureStore(model.encoder, model.taps, clips, num_samples, torch.device("cpu")))


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 40), st.integers(1, 17), st.integers(0, 5), st.integers(1, 6))
def test_every_epoch_has_every_example_once(num_examples: int, batch_size: int, seed: int, num_epochs: int) -> None:
    num_steps = -(-num_examples * num_epochs // batch_size)
    seen = [index for step in range(num_steps) for index in step_examples(num_examples, batch_size, seed, step)]
    for epoch in range(num_epochs):
        assert sorted(seen[epoch * num_examples : (epoch + 1) * num_examples]) == list(range(num_examples))


def test_the_examples_of_a_step_depend_on_seed_and_step_alone() -> None:
    wanted = step_examples(100, 8, 3, 40)
    step_examples(100, 8, 4, 2)
    assert step_examples(100, 8, 3, 40) == wanted
    assert step_examples(100, 8, 4, 40) != wanted
    assert step_examples(100, 8, 3, 41) != wanted


def test_epochs_come_in_another_order() -> None:
    assert step_examples(50, 50, 0, 0) != step_examples(50, 50, 0, 1)


def test_processes_share_a_step_without_overlap(batches: Batches) -> None:
    chosen = step_examples(len(batches.examples), 8, 0, 0)
    shares = [batches.draw(chosen[rank::3]) for rank in range(3)]
    whole = batches.draw(chosen)
    assert sum(share.counts.num_targets for share in shares) == whole.counts.num_targets
    assert sum(share.counts.audio_s for share in shares) == pytest.approx(whole.counts.audio_s)
    targets = Counter(int(token) for share in shares for token in share.layout.targets_R)
    assert targets == Counter(whole.layout.targets_R.tolist())


def test_a_clip_that_examples_share_is_encoded_once(batches: Batches) -> None:
    batch = batches.draw(range(len(batches.examples)))
    used = {clip_id for example in batches.examples for clip_id in example.clip_ids}
    assert batch.features.layers_LBTD.shape[1] == len(used)
    assert len(batch.layout.slots_S) == 3 * sum(len(example.clip_ids) for example in batches.examples)


def test_slots_get_the_audio_of_their_own_clip(batches: Batches) -> None:
    """A batch in another order gives every example the same embeddings at the same places."""
    chosen = [1, 3, 7, 11]
    model = batches.model

    def embeds_of(order: list[int]) -> dict[int, torch.Tensor]:
        batch = batches.draw(order)
        embedded = model.embed(batch.layout, model.hear(batch.features))
        return {index: embedded[row, : batch.layout.lengths[row]] for row, index in enumerate(order)}

    one, other = embeds_of(chosen), embeds_of(chosen[::-1])
    for index in chosen:
        torch.testing.assert_close(one[index], other[index], rtol=1e-4, atol=1e-5)


def test_rows_are_written_once(batches: Batches) -> None:
    batches.draw([0, 1, 2])
    before = batches.row.cache_info().misses
    batches.draw([2, 1, 0])
    assert batches.row.cache_info().misses == before


def test_counts_tell_padding_from_tokens(batches: Batches) -> None:
    batch = batches.draw([0, 3])
    assert batch.counts.num_tokens == sum(batch.layout.lengths)
    assert batch.counts.num_positions == 2 * max(batch.layout.lengths)

import pytest
import torch

from balsa_core.dataset.read import ClipAudio
from balsa_core.model.encoder import load_encoder
from balsa_core.training.features import MB, FeatureStore, kept_dtype, open_features
from tests.training.data import NUM_CLIPS, Corpus

IDS = [f"clip-{index}" for index in range(NUM_CLIPS)]


@pytest.fixture
def store(corpus: Corpus) -> FeatureStore:
    encoder = load_encoder(corpus.encoder, device=torch.device("cpu"), dtype=torch.float32)
    clips = ClipAudio(corpus.dataset)
    num_samples = {clip_id: clips.clip(clip_id).num_samples for clip_id in IDS}
    return FeatureStore(encoder, encoder.taps, clips, num_samples, torch.device("cpu"))


@pytest.mark.parametrize(
    ("num_values", "dtype"),
    [(MB // 4, torch.float32), (MB // 4 + 1, torch.float16), (MB // 2, torch.float16), (MB // 2 + 1, None)],
)
def test_features_are_kept_as_exactly_as_they_fit(num_values: int, dtype: torch.dtype | None) -> None:
    assert kept_dtype(num_values, cache_mb=1) == dtype


def test_nothing_is_kept_without_memory(store: FeatureStore) -> None:
    assert open_features(store, cache_mb=0).kept == {}


@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float32, 1e-5), (torch.float16, 2e-3)])
def test_kept_features_are_those_of_the_encoder(store: FeatureStore, dtype: torch.dtype, tolerance: float) -> None:
    wanted = store.batch(["clip-3", "clip-0", "clip-7"])
    store.keep_all(dtype)
    found = store.batch(["clip-3", "clip-0", "clip-7"])
    assert torch.equal(found.mask_BT, wanted.mask_BT)
    assert found.layers_LBTD.dtype == torch.float32
    torch.testing.assert_close(found.layers_LBTD, wanted.layers_LBTD, rtol=tolerance, atol=tolerance)


def test_what_is_kept_is_what_was_estimated(store: FeatureStore) -> None:
    store.keep_all(torch.float32)
    num_frames = sum(store.num_frames(clip_id) for clip_id in IDS)
    assert sum(clip.numel() for clip in store.kept.values()) == num_frames * len(store.taps) * store.encoder.width


def test_kept_features_hold_no_larger_memory_alive(store: FeatureStore) -> None:
    """A slice of a padded batch would keep the whole batch in memory."""
    store.keep_all(torch.float32)
    assert all(clip.untyped_storage().nbytes() == 4 * clip.numel() for clip in store.kept.values())

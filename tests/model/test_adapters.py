import math

import pytest
import torch
from torch import Tensor
from transformers import BertConfig
from transformers.models.bert.modeling_bert import BertEncoder

from balsa_core.config import AdapterConfig
from balsa_core.model.adapters import MLPAdapter, QFormerAdapter, Sizes, build_adapter, count_parameters

SMALL = Sizes(num_taps=3, encoder_width=16, num_heads=4, llm_width=24, embedding_norm=1.5)
QFORMER = AdapterConfig(num_queries=5, num_layers=2, ffn_width=32)
FEW = AdapterConfig(num_queries=2, num_layers=2, ffn_width=32)
MLP = AdapterConfig(kind="mlp", stack=4)


def features(num_frames: int = 11, seed: int = 0, num_clips: int = 2) -> tuple[Tensor, Tensor]:
    drawn = torch.randn(3, num_clips, num_frames, 16, generator=torch.Generator().manual_seed(seed))
    return drawn, torch.ones(num_clips, num_frames, dtype=torch.bool)


@pytest.mark.parametrize(
    ("width", "heads", "layers", "num_parameters"),
    [(768, 12, 2, 22_251_776), (1280, 20, 6, 131_540_224)],
    ids=["balsa-whisper-small", "desta25-whisper-large-v3"],
)
def test_the_papers_adapters_have_the_papers_sizes(width: int, heads: int, layers: int, num_parameters: int) -> None:
    with torch.device("meta"):
        adapter = QFormerAdapter(AdapterConfig(num_layers=layers), Sizes(4, width, heads, 4096, 1.0))
    assert count_parameters(adapter) == num_parameters


def test_the_decoder_is_berts() -> None:
    """The same weights in the BERT of transformers, with all queries visible to each other, give the same output."""
    adapter = build_adapter(QFORMER, SMALL, seed=3)
    config = BertConfig(
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=32,
        is_decoder=True,
        add_cross_attention=True,
        attn_implementation="eager",
    )
    bert = BertEncoder(config).eval()
    parts = {
        "self_attention": ("attention.self", "attention.output"),
        "cross_attention": ("crossattention.self", "crossattention.output"),
    }
    state = {}
    for name, tensor in adapter.layers.state_dict().items():
        index, module, *rest = name.split(".")
        if module in parts:
            inner, outer = parts[module]
            names = {"output": f"{outer}.dense", "norm": f"{outer}.LayerNorm"}
            where = names.get(rest[0], f"{inner}.{rest[0]}")
        else:
            where = {"widen": "intermediate.dense", "narrow": "output.dense", "norm": "output.LayerNorm"}[module]
        state[f"layer.{index}.{where}.{rest[-1]}"] = tensor
    bert.load_state_dict(state)
    layers_LBTD, mask_BT = features()
    mask_BT[1, 6:] = False
    hidden = adapter.queries_LQW[1][None].repeat(2, 1, 1)
    found = hidden
    for layer in adapter.layers:
        found = layer(found, layers_LBTD[1], mask_BT[:, None, None])
    blocked = torch.zeros(2, 1, 1, 11).masked_fill(~mask_BT[:, None, None], torch.finfo(torch.float32).min)
    wanted = bert(
        hidden,
        attention_mask=torch.zeros(2, 1, 5, 5),
        encoder_hidden_states=layers_LBTD[1],
        encoder_attention_mask=blocked,
    )
    torch.testing.assert_close(found, wanted.last_hidden_state, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("masked", [False, True])
def test_few_queries_read_the_same_in_the_cheaper_order(masked: bool) -> None:
    """Values and gradients; 2 queries of 4 heads and a width of 16 take the cheaper order, 4 queries do not."""
    layer = build_adapter(QFORMER, SMALL, seed=0).layers[0].cross_attention
    layer.key.bias.data.normal_()
    layer.value.bias.data.normal_()
    memory_NTD, hidden_NQW = features()[0][0], torch.randn(2, 2, 16, requires_grad=True)
    visible_N11T = torch.arange(11)[None] < torch.tensor([[11], [6]]) if masked else None
    visible_N11T = None if visible_N11T is None else visible_N11T[:, None, None]
    query_NHQX = layer._heads(layer.query(hidden_NQW))
    found = []
    for read in (layer._read, layer._read_few):
        read_NHQX = read(query_NHQX, memory_NTD, visible_N11T)
        sources = [hidden_NQW, layer.key.weight, layer.value.weight, layer.value.bias]
        found.append((read_NHQX, *torch.autograd.grad(read_NHQX.square().sum(), sources, retain_graph=True)))
    for plain, cheaper in zip(*found, strict=True):
        torch.testing.assert_close(cheaper, plain, rtol=1e-4, atol=1e-5)


def test_every_query_sees_every_query() -> None:
    """A causal mask would leave the first query blind to the last one."""
    adapter = build_adapter(QFORMER, SMALL, seed=0)
    before = adapter(*features())
    with torch.no_grad():
        adapter.queries_LQW[:, -1] += 1.0
    assert (adapter(*features())[:, 0] - before[:, 0]).abs().max() > 1e-4


def test_layers_are_mixed_per_query() -> None:
    adapter = build_adapter(QFORMER, SMALL, seed=0)
    layers_LBTD, mask_BT = features()
    with torch.no_grad():
        adapter.mixing_LQ[0, 2] = 50.0  # query 2 reads layer 0 only
    before = adapter(layers_LBTD, mask_BT)
    changed = torch.cat([layers_LBTD[:1], layers_LBTD[1:] + 1.0])
    moved = (adapter(changed, mask_BT) - before).abs().amax(dim=(0, 2))
    assert moved[2] < 1e-5 < moved[[0, 1, 3, 4]].min()


@pytest.mark.parametrize("config", [QFORMER, FEW, MLP], ids=["qformer", "few queries", "mlp"])
def test_padding_is_not_heard(config: AdapterConfig) -> None:
    adapter = build_adapter(config, SMALL, seed=0)
    layers_LBTD, mask_BT = features(num_frames=12)
    mask_BT[1, 7:] = False
    noisy = layers_LBTD.clone()
    noisy[:, 1, 7:] = 100.0
    num_slots = adapter.num_slots(7)
    alone = adapter(layers_LBTD[:, 1:, :7], mask_BT[1:, :7])[0, :num_slots]
    torch.testing.assert_close(adapter(noisy, mask_BT)[1, :num_slots], alone, rtol=1e-4, atol=1e-5)


def test_stacked_frames_are_counted() -> None:
    adapter = build_adapter(MLP, SMALL, seed=0)
    assert [adapter.num_slots(frames) for frames in (1, 4, 5, 12)] == [1, 1, 2, 3]
    assert adapter(*features(num_frames=11)).shape == (2, 3, 24)


@pytest.mark.parametrize("config", [QFORMER, MLP], ids=["qformer", "mlp"])
def test_audio_starts_as_long_as_a_token_embedding(config: AdapterConfig) -> None:
    sizes = SMALL._replace(llm_width=512)
    with torch.no_grad():
        lengths = build_adapter(config, sizes, seed=0)(*features(num_clips=16)).norm(dim=-1)
    assert lengths.mean() == pytest.approx(1.5, rel=0.1)


def test_a_width_of_its_own_needs_no_other_encoder() -> None:
    adapter = build_adapter(QFORMER.model_copy(update={"width": 8}), SMALL, seed=0)
    assert adapter(*features()).shape == (2, 5, 24)


def test_a_width_that_heads_cannot_share_is_refused() -> None:
    with pytest.raises(ValueError, match="4 heads"):
        build_adapter(QFORMER.model_copy(update={"width": 10}), SMALL, seed=0)


def test_a_hidden_layer_is_an_mlp() -> None:
    adapter = build_adapter(MLP.model_copy(update={"hidden_width": 7}), SMALL, seed=0)
    assert isinstance(adapter, MLPAdapter)
    stacked = 4 * 3 * 16
    assert count_parameters(adapter) == 2 * stacked + (stacked + 1) * 7 + (7 + 1) * 24


def test_the_same_seed_gives_the_same_adapter_and_leaves_other_draws_alone() -> None:
    torch.manual_seed(0)
    wanted = torch.rand(3)
    torch.manual_seed(0)
    one, same, other = (build_adapter(QFORMER, SMALL, seed) for seed in (1, 1, 2))
    assert torch.equal(torch.rand(3), wanted)
    assert torch.equal(one.queries_LQW, same.queries_LQW)
    assert not torch.equal(one.queries_LQW, other.queries_LQW)


def test_queries_are_drawn_with_unit_variance_and_mixing_starts_even() -> None:
    adapter = build_adapter(AdapterConfig(num_queries=64), Sizes(4, 64, 4, 8, 1.0), seed=0)
    assert float(adapter.queries_LQW.detach().std()) == pytest.approx(1.0, rel=0.02)
    assert not adapter.mixing_LQ.any()
    assert math.prod(adapter.mixing_LQ.shape) == 4 * 64

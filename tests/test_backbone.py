from pathlib import Path

import pytest
import torch
from transformers import AutoConfig, AutoModelForCausalLM, GenerationConfig

from balsa_core.backbone import Backbone, generate, generate_ids, load_backbone, logits_at
from balsa_core.decoding import Decoding
from balsa_core.prompt import conversation, render
from tests.tiny_models import build_tiny_backbone, tiny_tokenizer

TEXTS = ("hi", "What is heard in a forest at night?", "Name three animals that live near water.")
GREEDY = Decoding(max_tokens=12)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_tiny_backbone(tmp_path_factory.mktemp("backbone"))


@pytest.fixture(scope="module")
def backbone(folder: Path) -> Backbone:
    return load_backbone(str(folder), device="cpu")


def prompt_ids(backbone: Backbone) -> list[list[int]]:
    return [render(backbone.tokenizer, conversation(text), []).ids for text in TEXTS]


def test_a_backbone_is_frozen(backbone: Backbone) -> None:
    assert not backbone.model.training
    assert not any(parameter.requires_grad for parameter in backbone.model.parameters())


def test_a_model_without_a_chat_template_is_refused(tmp_path: Path) -> None:
    build_tiny_backbone(tmp_path)
    (tmp_path / "chat_template.jinja").unlink()
    with pytest.raises(ValueError, match="no chat template"):
        load_backbone(str(tmp_path), device="cpu")


def test_a_batch_of_embeddings_gets_the_replies_of_single_runs(backbone: Backbone) -> None:
    prompts = [backbone.embed(ids) for ids in prompt_ids(backbone)]
    together = generate(backbone, prompts, GREEDY)
    assert together == [generate(backbone, [prompt], GREEDY)[0] for prompt in prompts]


def test_embeddings_get_the_replies_of_token_ids(backbone: Backbone) -> None:
    ids = prompt_ids(backbone)
    from_ids = generate_ids(backbone, [torch.tensor(row) for row in ids], GREEDY)
    assert from_ids == generate_ids(backbone, [backbone.embed(row) for row in ids], GREEDY)


@pytest.mark.parametrize("habit", [{"repetition_penalty": 5.0}, {"no_repeat_ngram_size": 1}, {"max_length": 3}])
def test_greedy_is_greedy_whatever_the_model_brings_along(
    backbone: Backbone, folder: Path, tmp_path: Path, habit: dict[str, float]
) -> None:
    build_tiny_backbone(tmp_path)
    GenerationConfig(eos_token_id=backbone.end_ids[0], **habit).save_pretrained(tmp_path)
    other = load_backbone(str(tmp_path), device="cpu")
    prompts = [torch.tensor(row) for row in prompt_ids(backbone)]
    assert generate_ids(other, prompts, GREEDY) == generate_ids(backbone, prompts, GREEDY)


def test_greedy_takes_the_likeliest_token_at_each_place(backbone: Backbone) -> None:
    (prompt, *_) = prompt_ids(backbone)
    (reply,) = generate_ids(backbone, [torch.tensor(prompt)], GREEDY)
    ids = list(prompt)
    for token in reply:
        assert int(backbone.model(torch.tensor([ids])).logits[0, -1].argmax()) == token
        ids.append(token)


def test_sampling_depends_on_its_seed(backbone: Backbone) -> None:
    prompts = [torch.tensor(row) for row in prompt_ids(backbone)]
    one, same, other = (
        generate_ids(backbone, prompts, Decoding(max_tokens=12, temperature=1.0, seed=seed)) for seed in (1, 1, 2)
    )
    assert one == same != other


def test_a_reply_that_meets_the_limit_says_so(backbone: Backbone) -> None:
    replies = generate(backbone, [backbone.embed(ids) for ids in prompt_ids(backbone)], Decoding(max_tokens=2))
    assert {(reply.finish_reason, reply.num_tokens) for reply in replies} <= {("length", 2), ("stop", 1), ("stop", 2)}
    assert any(reply.finish_reason == "length" for reply in replies)


def small(model_type: str, **facts: object) -> Backbone:
    """A random model of another architecture, in memory."""
    common = {"vocab_size": 300, "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2}
    heads = {"num_attention_heads": 2, "num_key_value_heads": 1, "head_dim": 16, "pad_token_id": 0}
    torch.manual_seed(0)
    config = AutoConfig.for_model(model_type, **common, **heads, **facts)
    model = AutoModelForCausalLM.from_config(config).eval().requires_grad_(False)
    return Backbone(model, tiny_tokenizer(), (1,), model_type)


ARCHITECTURES = {
    "llama": {},
    "qwen2": {},
    "qwen3": {},
    "phi3": {},
    "olmo2": {},
    "gemma2": {"final_logit_softcapping": 0.05, "query_pre_attn_scalar": 16},
    "gemma3_text": {"final_logit_softcapping": 0.05, "query_pre_attn_scalar": 16},
    "granite": {"logits_scaling": 7.0, "embedding_multiplier": 3.0},
    "cohere": {"logit_scale": 0.3},
}


@pytest.mark.parametrize("model_type", ARCHITECTURES)
def test_logits_at_places_are_those_of_the_whole_model(model_type: str) -> None:
    backbone = small(model_type, **ARCHITECTURES[model_type])
    ids = torch.randint(2, 300, (3, 9), generator=torch.Generator().manual_seed(0))
    places = torch.tensor([0, 8, 9 + 3, 18 + 5])
    found = logits_at(backbone, backbone.embed(ids), places)
    whole = backbone.model(ids).logits.flatten(0, 1)[places]
    torch.testing.assert_close(found, whole, rtol=1e-4, atol=1e-5)
    assert backbone.model(ids).logits.shape == (3, 9, 300), "the hook is gone"


def test_padding_on_the_right_changes_nothing_before_it(backbone: Backbone) -> None:
    short = backbone.embed(prompt_ids(backbone)[0])
    padded = torch.cat([short, torch.randn(5, backbone.width)])
    places = torch.arange(short.shape[0])
    alone, beside = (logits_at(backbone, embeds[None], places) for embeds in (short, padded))
    torch.testing.assert_close(alone, beside, rtol=1e-5, atol=1e-5)


def test_bfloat16_says_nearly_what_float32_says(folder: Path, backbone: Backbone) -> None:
    half = load_backbone(str(folder), device="cpu", dtype="bfloat16")
    ids = prompt_ids(backbone)[1]
    places = torch.arange(len(ids))
    exact, rough = (logits_at(model, model.embed(ids)[None], places).float() for model in (backbone, half))
    assert torch.nn.functional.cosine_similarity(exact, rough, dim=-1).min() > 0.99

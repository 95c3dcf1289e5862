"""A row that shares its beginning computes what its branches compute alone."""

import numpy as np
import pytest
import torch
from transformers import LlamaForCausalLM

from balsa_core.pocket.batches import Batch, Encoder, collate, embed, lay_out
from balsa_core.pocket.dialogues import Dialogue, Mixture, Turn, draw_dialogue
from balsa_core.pocket.language_model import build_model, reply_logits
from balsa_core.pocket.spans import MODERATE, soft_span, text_span
from balsa_core.pocket.tokenizer import build_tokenizer
from balsa_core.prompt import conversation, render, render_target, user_message


@pytest.fixture(scope="module")
def encode() -> Encoder:
    return Encoder(build_tokenizer())


@pytest.fixture(scope="module")
def model(encode: Encoder) -> LlamaForCausalLM:
    torch.manual_seed(0)
    return build_model(encode.tokenizer).eval()


@torch.no_grad()
def logits(model: LlamaForCausalLM, batch: Batch, encode: Encoder) -> torch.Tensor:
    return reply_logits(model, batch, encode, torch.Generator().manual_seed(0))[0]


def test_a_branch_computes_what_it_would_alone(model: LlamaForCausalLM, encode: Encoder) -> None:
    dialogue = draw_dialogue(np.random.default_rng(4), 5, Mixture())
    together = logits(model, collate([lay_out(dialogue, encode)], encode), encode)
    alone = [
        logits(model, collate([lay_out(dialogue._replace(branches=(branch,)), encode)], encode), encode)
        for branch in dialogue.branches
    ]
    torch.testing.assert_close(together, torch.cat(alone), atol=1e-4, rtol=1e-4)


def test_a_row_does_not_depend_on_its_neighbours(model: LlamaForCausalLM, encode: Encoder) -> None:
    in_text = Mixture(soft=0.0)
    rows = [lay_out(draw_dialogue(np.random.default_rng(seed), 3, in_text), encode) for seed in (4, 8)]
    alone = torch.cat([logits(model, collate([row], encode), encode) for row in rows])
    torch.testing.assert_close(logits(model, collate(rows, encode), encode), alone, atol=1e-4, rtol=1e-4)


def test_a_dialogue_is_laid_out_as_the_renderer_does(encode: Encoder) -> None:
    tokenizer = encode.tokenizer
    turn = Turn("positive", "What do you hear?", "I hear dog and rain.")
    row = lay_out(Dialogue("Answer briefly.", (text_span(("dog", "rain")),), ((turn,),)), encode)
    messages = conversation(user_message(turn.instruction), "Answer briefly.")
    prompt = render(tokenizer, messages, [encode("(dog, rain)")])
    assert row.ids == prompt.ids + render_target(tokenizer, messages, turn.reply, [tokenizer.eos_token_id])


def test_two_clips_are_laid_out_as_the_renderer_does(encode: Encoder) -> None:
    turn = Turn("joint", "Sum up what is heard in the two clips.", "Together they contain dog and rain.")
    row = lay_out(Dialogue(None, (text_span(("dog",)), text_span(("rain",))), ((turn,),)), encode)
    messages = conversation(user_message(turn.instruction, 2))
    prompt = render(encode.tokenizer, messages, [encode("(dog)"), encode("(rain)")])
    assert row.ids[: len(prompt.ids)] == prompt.ids


def test_a_clean_slot_is_its_embedding(encode: Encoder) -> None:
    span = soft_span(
        ("dog",), (), MODERATE._replace(noise=0.0, log_scale=0.0, empty=0.0, offset=0.0), np.random.default_rng(0)
    )
    slots = tuple(slot._replace(scale=2.0) for slot in span.slots)
    turn = Turn("existence", "Is there a sound of dog in the audio?", "Yes.", ("dog",))
    batch = collate([lay_out(Dialogue(None, (span._replace(slots=slots),), ((turn,),)), encode)], encode)
    table = torch.randn(len(encode.tokenizer), 8)
    embedded = embed(batch, table, encode, torch.Generator().manual_seed(0))
    (place, *_), *_ = batch.rows[0].slots
    torch.testing.assert_close(embedded[0, place], 2 * table[encode("dog")[0]])
    assert batch.mark_labels_M2[0, 0] == 1.0
    assert int(batch.ids_BT[0, int(batch.mark_places_M[0])]) == encode("dog")[0]

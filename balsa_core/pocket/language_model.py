"""How the pocket language model is made: a small Llama learns to answer from tags, or from slots like them."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from transformers import GenerationConfig, LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

from balsa_core.pocket.batches import Batch, Encoder, Row, collate, embed, lay_out
from balsa_core.pocket.dialogues import Mixture, draw_dialogue
from balsa_core.pocket.rates import rate_share
from balsa_core.pocket.tokenizer import CONTEXT_TOKENS, save_tokenizer

WIDTH, NUM_LAYERS, NUM_HEADS, FEED_FORWARD = 192, 4, 4, 512
# A far match counts nearly as much as a near one: most of each head hardly turns within a prompt.
ROPE_BASE = 100_000.0
EMBEDDING_GAIN, MATCH_GAIN, COPY_GAIN = 0.5, 0.85, 0.5
MARK_WEIGHT, MARKED_LAYER = 0.5, 2
NUM_BRANCHES = 12  # more than fit: a row takes them until it is full
ROW_TOKENS = 224


class Schedule(NamedTuple):
    """How long and how fast the language model learns."""

    num_steps: int = 2000
    num_rows: int = 32
    peak_rate: float = 4e-3
    warm_up_steps: int = 40
    simple_steps: int = 150  # steps at the start with one clip in text only
    log_every: int = 50


def build_model(tokenizer: Any) -> LlamaForCausalLM:
    """A fresh model with tied, unit-length embeddings."""
    config = LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=WIDTH,
        num_hidden_layers=NUM_LAYERS,
        num_attention_heads=NUM_HEADS,
        num_key_value_heads=NUM_HEADS,
        intermediate_size=FEED_FORWARD,
        max_position_embeddings=CONTEXT_TOKENS,
        tie_word_embeddings=True,
        rope_parameters={"rope_type": "default", "rope_theta": ROPE_BASE},
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    # On a CPU with a mask of its own for each row, plain attention takes 0.6 of the time of the fused kernel.
    config._attn_implementation = "eager"
    model = LlamaForCausalLM(config)
    model.generation_config = GenerationConfig(
        eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id, do_sample=False
    )
    with torch.no_grad():
        model.model.embed_tokens.weight.normal_(std=EMBEDDING_GAIN * WIDTH**-0.5)
        layers: Any = model.model.layers
        for layer in layers:
            # Equal queries and keys make a head look for tokens like its own: "is X there?" starts half answered.
            layer.self_attn.q_proj.weight.normal_(std=MATCH_GAIN * WIDTH**-0.5)
            layer.self_attn.k_proj.weight.copy_(layer.self_attn.q_proj.weight)
            # A head hands on what it looks at: with tied embeddings, copying a name starts half learned too.
            torch.nn.init.orthogonal_(layer.self_attn.v_proj.weight, gain=COPY_GAIN)
            layer.self_attn.o_proj.weight.copy_(layer.self_attn.v_proj.weight.T)
    return model


def train_model(
    tokenizer: PreTrainedTokenizerFast, schedule: Schedule, seed: int, report: Callable[[dict], None]
) -> LlamaForCausalLM:
    """A model trained on freshly drawn dialogues; `report` gets loss and exact-reply shares every `log_every` steps."""
    torch.manual_seed(seed)
    encode = Encoder(tokenizer)
    model = build_model(tokenizer).train()
    marker = torch.nn.Linear(WIDTH, 2)
    matrices = [
        parameter for name, parameter in model.named_parameters() if parameter.ndim == 2 and "embed" not in name
    ]
    others = [parameter for name, parameter in model.named_parameters() if parameter.ndim != 2 or "embed" in name]
    # Muon: copying is learned in about half the steps that AdamW takes.
    optimizers = (
        torch.optim.Muon(matrices, lr=schedule.peak_rate, weight_decay=0.05, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(
            [*others, *marker.parameters()], lr=schedule.peak_rate, betas=(0.9, 0.98), weight_decay=0.0, fused=True
        ),
    )
    noise = torch.Generator().manual_seed(seed)
    counts: dict[str, list[bool]] = defaultdict(list)
    losses: list[float] = []
    for step, batch in enumerate(_batches(schedule, encode, seed)):
        for group in (group for optimizer in optimizers for group in optimizer.param_groups):
            group["lr"] = schedule.peak_rate * rate_share(step, schedule.num_steps, schedule.warm_up_steps)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            loss, exact = reply_loss(model, batch, encode, noise, marker)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        losses.append(float(loss.detach()))
        for kind, soft, right in zip(batch.kinds, batch.soft, exact, strict=True):
            counts[f"{kind}/{'soft' if soft else 'text'}"].append(right)
        if (step + 1) % schedule.log_every == 0 or step + 1 == schedule.num_steps:
            shares = {key: round(float(np.mean(values)), 3) for key, values in sorted(counts.items())}
            report({"step": step + 1, "loss": round(float(np.mean(losses)), 4), **shares})
            counts.clear()
            losses.clear()
    return model.eval()


def reply_loss(
    model: LlamaForCausalLM,
    batch: Batch,
    encode: Encoder,
    noise: torch.Generator,
    marker: torch.nn.Linear | None = None,
) -> tuple[torch.Tensor, list[bool]]:
    """Weighted cross-entropy on reply tokens, and which replies a greedy decoder would give exactly."""
    logits_RV, marked_BTD = reply_logits(model, batch, encode, noise)
    asked_BT = batch.weight_BT[:, 1:] > 0
    target_R, weight_R = batch.ids_BT[:, 1:][asked_BT], batch.weight_BT[:, 1:][asked_BT]
    losses_R = torch.nn.functional.cross_entropy(logits_RV, target_R, reduction="none")
    wrong_R = logits_RV.detach().argmax(-1) != target_R
    mistakes = torch.zeros(len(batch.kinds)).index_add(0, batch.reply_BT[:, 1:][asked_BT], wrong_R.float())
    loss = (losses_R * weight_R).sum() / weight_R.sum()
    if marker is not None:
        loss = loss + MARK_WEIGHT * _mark_loss(marked_BTD, batch, marker)
    return loss, (mistakes == 0).tolist()


def reply_logits(
    model: LlamaForCausalLM, batch: Batch, encode: Encoder, noise: torch.Generator
) -> tuple[torch.Tensor, torch.Tensor]:
    """Logits before each reply token (R, V), and what the marked layer says everywhere (B, T, D)."""
    table_VD = model.model.embed_tokens.weight
    mask_dtype = torch.get_autocast_dtype("cpu") if torch.is_autocast_enabled("cpu") else table_VD.dtype
    mask_B1TT = torch.where(batch.visible_BTT, 0.0, -torch.inf)[:, None].to(mask_dtype)
    output = model.model(
        inputs_embeds=embed(batch, table_VD, encode, noise),
        attention_mask=mask_B1TT,
        position_ids=batch.position_BT,
        use_cache=False,
        output_hidden_states=True,
    )
    hidden_BTD = output.last_hidden_state
    logits_RV = (hidden_BTD[:, :-1][batch.weight_BT[:, 1:] > 0] @ table_VD.T).float()
    return logits_RV, output.hidden_states[MARKED_LAYER]


def _mark_loss(hidden_BTD: torch.Tensor, batch: Batch, marker: torch.nn.Linear) -> torch.Tensor:
    """Whether a name that is asked for is there, read off at the name itself."""
    logits_M2 = marker(hidden_BTD.flatten(0, 1)[batch.mark_places_M]).float()
    known_M2 = ~batch.mark_labels_M2.isnan()
    return torch.nn.functional.binary_cross_entropy_with_logits(logits_M2[known_M2], batch.mark_labels_M2[known_M2])


def save_model(model: LlamaForCausalLM, folder: Path) -> None:
    """Write the weights as float16 beside the tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    model.half().save_pretrained(folder)
    model.float()


def build_language_model(folder: Path, schedule: Schedule, seed: int, report: Callable[[dict], None]) -> None:
    """Tokenizer, model and generation settings, from nothing to a folder that transformers loads."""
    tokenizer = save_tokenizer(folder)
    save_model(train_model(tokenizer, schedule, seed, report), folder)


def _batches(schedule: Schedule, encode: Encoder, seed: int) -> Iterator[Batch]:
    rng = np.random.default_rng(seed)
    simple = Mixture(plain=0.0, two_clips=0.0, soft=0.0, unknown_name=0.0)
    for step in range(schedule.num_steps):
        mixture = simple if step < schedule.simple_steps else Mixture()
        yield collate([_full_row(rng, encode, mixture) for _ in range(schedule.num_rows)], encode)


def _full_row(rng: np.random.Generator, encode: Encoder, mixture: Mixture) -> Row:
    dialogue = draw_dialogue(rng, NUM_BRANCHES, mixture)
    row = lay_out(dialogue, encode)
    # Branches are numbered in order, so the row is cut after the last branch that fits.
    fitting = max(1, row.branch[ROW_TOKENS - 1] - 1) if len(row.ids) > ROW_TOKENS else NUM_BRANCHES
    return lay_out(dialogue._replace(branches=dialogue.branches[:fitting]), encode)

"""How well the pocket language model answers when there is nothing to hear: from plain text, and from soft slots."""

from pathlib import Path

import numpy as np
import torch
from transformers import AutoTokenizer, LlamaForCausalLM

from balsa_core.pocket.batches import Encoder, collate, lay_out
from balsa_core.pocket.dialogues import ASKS, TWO_CLIP_KINDS, Dialogue, Mixture, Turn, draw_spans
from balsa_core.pocket.language_model import reply_loss
from balsa_core.pocket.sound_names import ESC50_NAMES, EVERYDAY_NAMES
from balsa_core.pocket.spans import MODERATE, STRONG, Softness, Span, text_span
from balsa_core.pocket.wordings import EXISTENCE, NO, YES
from balsa_core.soundscapes.ontology import SOUNDS

HELD_OUT_SEED = 1_000_000_000  # training draws from another seed
ROWS_AT_ONCE = 64
# Measured on names that the model knows; unknown ones have a line of their own.
KNOWN = Mixture(plain=0.0, caption=0.0, unknown_name=0.0)
UNKNOWN = Mixture(plain=0.0, caption=0.0, unknown_name=1.0)
GROUPS: dict[str, tuple[str, ...]] = {"made": SOUNDS, "esc50": ESC50_NAMES, "everyday": EVERYDAY_NAMES}


def measure_ceilings(folder: Path, num_questions: int) -> dict[str, float]:
    """Share of exactly right greedy replies, by kind of question and kind of span."""
    model = LlamaForCausalLM.from_pretrained(folder, dtype=torch.float32).eval()
    encode = Encoder(AutoTokenizer.from_pretrained(folder))
    shares = {}
    for label, softness in (("text", None), ("moderate", MODERATE), ("strong", STRONG)):
        for kind in ASKS:
            dialogues = [one_question(kind, softness, seed) for seed in range(num_questions)]
            shares[f"{kind}/{label}"] = exact_share(model, encode, dialogues)
    for kind in ("positive", "existence"):
        shares[f"{kind}/unknown_names"] = exact_share(
            model, encode, [one_question(kind, None, seed, UNKNOWN) for seed in range(num_questions)]
        )
    for label, names in GROUPS.items():
        shares[f"existence/text/{label}"] = exact_share(
            model, encode, [existence_question(names, seed) for seed in range(num_questions)]
        )
    return shares


def exact_share(model: LlamaForCausalLM, encode: Encoder, dialogues: list[Dialogue]) -> float:
    """Share of replies that greedy decoding gives word for word.

    Every token of the right reply is the likeliest after the ones before it: that is when the greedy reply is exact.
    """
    noise = torch.Generator().manual_seed(0)
    exact: list[bool] = []
    for start in range(0, len(dialogues), ROWS_AT_ONCE):
        batch = collate([lay_out(dialogue, encode) for dialogue in dialogues[start : start + ROWS_AT_ONCE]], encode)
        with torch.inference_mode():
            exact += reply_loss(model, batch, encode, noise)[1]
    return round(float(np.mean(exact)), 4)


def existence_question(names: tuple[str, ...], seed: int) -> Dialogue:
    """A balanced yes/no question in text about 1 to 3 sounds of a group: even seeds are present, odd ones absent."""
    rng = np.random.default_rng([HELD_OUT_SEED, seed])
    num_tags = int(rng.integers(1, 4))
    *tags, absent = (names[int(index)] for index in rng.choice(len(names), num_tags + 1, replace=False))
    present = seed % 2 == 0
    sound = tags[int(rng.integers(num_tags))] if present else absent
    instruction = EXISTENCE[int(rng.integers(len(EXISTENCE)))].format(sound=sound)
    return _dialogue((text_span(tuple(tags)),), Turn("existence", instruction, YES if present else NO))


def one_question(kind: str, softness: Softness | None, seed: int, mixture: Mixture = KNOWN) -> Dialogue:
    """A held-out question of one kind: about a text span, or about slots of some softness."""
    rng = np.random.default_rng([HELD_OUT_SEED, seed])
    while True:
        spans = draw_spans(rng, 2 if kind in TWO_CLIP_KINDS else 1, softness, mixture)
        turn = ASKS[kind](rng, spans)
        # "Which one?" has no answer where both clips hold the same, and another kind is asked instead.
        if turn.kind == kind and all(span.tags for span in spans):
            return _dialogue(spans, turn)


def _dialogue(spans: tuple[Span, ...], turn: Turn) -> Dialogue:
    return Dialogue(None, spans, ((turn,),))

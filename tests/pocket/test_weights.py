"""The shipped weights do what the card says."""

from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, WhisperFeatureExtractor, WhisperModel

from balsa_core import prompt
from balsa_core.labels import describe_tags
from balsa_core.pocket.batches import Encoder
from balsa_core.pocket.ceilings import GROUPS, exact_share, existence_question, one_question
from balsa_core.pocket.dialogues import ASKS
from balsa_core.pocket.spans import MODERATE
from balsa_core.soundscapes.scenes import mix_scene
from balsa_core.soundscapes.signals import RATE_HZ

WEIGHTS = Path(__file__).parents[2] / "balsa_core" / "pocket" / "weights"
MOST_BYTES = 8_000_000


class Reader:
    """The shipped language model with its tokenizer."""

    def __init__(self) -> None:
        self.tokenizer = AutoTokenizer.from_pretrained(WEIGHTS / "backbone")
        self.model = AutoModelForCausalLM.from_pretrained(WEIGHTS / "backbone", dtype=torch.float32).eval()
        self.encode = Encoder(self.tokenizer)

    def answer(self, instruction: str, *tags: tuple[str, ...]) -> str:
        """The greedy reply to an instruction about clips with tags."""
        fillings = [prompt.encode(self.tokenizer, describe_tags(clip)) for clip in tags]
        messages = prompt.conversation(prompt.user_message(instruction, len(tags)) if tags else instruction)
        ids = torch.tensor([prompt.render(self.tokenizer, messages, fillings).ids])
        made = self.model.generate(ids, attention_mask=torch.ones_like(ids), max_new_tokens=40)
        return self.tokenizer.decode(made[0, ids.shape[1] :], skip_special_tokens=True)


@pytest.fixture(scope="module")
def reader() -> Reader:
    torch.set_num_threads(1)
    return Reader()


def test_the_weights_are_small_enough_to_ship() -> None:
    sizes = [path.stat().st_size for path in WEIGHTS.rglob("*") if path.is_file()]
    assert 1_000_000 < sum(sizes) < MOST_BYTES


@pytest.mark.parametrize("group", GROUPS)
def test_yes_and_no_in_text_are_right(reader: Reader, group: str) -> None:
    questions = [existence_question(GROUPS[group], seed) for seed in range(200)]
    assert exact_share(reader.model, reader.encode, questions) >= 0.99


@pytest.mark.parametrize("kind", ASKS)
def test_replies_in_text_are_right_word_for_word(reader: Reader, kind: str) -> None:
    questions = [one_question(kind, None, seed) for seed in range(150)]
    assert exact_share(reader.model, reader.encode, questions) >= 0.95


def test_yes_and_no_from_soft_slots_are_right(reader: Reader) -> None:
    questions = [one_question("existence", MODERATE, seed) for seed in range(300)]
    assert exact_share(reader.model, reader.encode, questions) >= 0.96


def test_the_language_model_answers_through_the_renderer(reader: Reader) -> None:
    assert reader.answer("What do you hear?", ("dog", "rain")) == "I hear dog and rain."
    assert reader.answer("Is there a sound of siren in the audio?", ("dog", "rain")) == "No."
    assert reader.answer("Can you hear the sound of door wood knock in the audio?", ("door wood knock",)) == "Yes."
    assert reader.answer("Check the audio for cat, dog.", ("dog", "rain")) == "I hear dog, but there is no cat."
    expected = "The first has dog, the second has rain and siren."
    assert reader.answer("Compare the two clips.", ("dog",), ("rain", "siren")) == expected
    assert reader.answer("Hello.") == "Hello."


def test_the_encoder_loads_as_a_whisper_and_tells_two_sounds_apart() -> None:
    model = WhisperModel.from_pretrained(WEIGHTS / "encoder", dtype=torch.float32).get_encoder().eval()
    extractor = WhisperFeatureExtractor.from_pretrained(WEIGHTS / "encoder")
    names = ["siren"] * 6 + ["rain"] * 6
    waveforms = [mix_scene((name,), seed).waveform for seed, name in enumerate(names)]
    mels = extractor(waveforms, sampling_rate=RATE_HZ, return_tensors="pt").input_features
    with torch.inference_mode():
        features = model(mels).last_hidden_state.mean(1).numpy()
    centred = features - features.mean(0)
    likeness = np.corrcoef(centred)
    within = (likeness[:6, :6].sum() - 6) / 30
    assert within > likeness[:6, 6:].mean() + 0.5

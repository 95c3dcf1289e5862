import pytest
import torch

from balsa_core.audio import Waveform
from balsa_core.backbone import generate
from balsa_core.config import AdapterConfig
from balsa_core.decoding import Decoding
from balsa_core.model.audio_llm import AudioLLM, new_audio_llm
from balsa_core.model.canary import text_canary
from balsa_core.model.layout import Row, lay_batch, lay_example, lay_prompt
from balsa_core.prompt import AUDIO, Message, Span, conversation, render, user_message

GREEDY = Decoding(max_tokens=10)
ONE, TWO = user_message("What do you hear?"), user_message("How do they differ?", 2)
TARGET = "I hear dog."


def loss_of(model: AudioLLM, clips: list[Waveform], asked: list[tuple[str, list[int]]]) -> torch.Tensor:
    features = model.encoder.features(clips, model.taps)
    slots = [model.adapter.num_slots(num) for num in features.mask_BT.sum(1).tolist()]
    tokenizer, end_ids = model.backbone.tokenizer, model.backbone.end_ids
    rows = [
        lay_example(tokenizer, conversation(text), [slots[clip] for clip in heard], TARGET, end_ids)
        for text, heard in asked
    ]
    return model.loss_sum(lay_batch(rows, [heard for _, heard in asked], slots), features)


@pytest.fixture(params=["qformer", "mlp"])
def any_model(model: AudioLLM, request: pytest.FixtureRequest) -> AudioLLM:
    """The model with each kind of adapter; an MLP gives as many audio tokens as a clip is long."""
    config = model.config.model_copy(update={"kind": request.param, "stack": 16})
    return new_audio_llm(model.encoder, model.backbone, config, seed=0)


def test_a_clip_is_one_span_between_its_marks(model: AudioLLM) -> None:
    row = lay_prompt(model.backbone.tokenizer, conversation(TWO), [3, 5])
    assert [span.length for span in row.spans] == [3, 5]
    told = model.backbone.tokenizer.decode(row.ids[: row.spans[0].start])
    assert told.endswith("[Begin of audio]")


def test_ids_outside_the_span_are_those_of_synthesis(model: AudioLLM) -> None:
    """The invariant of the method: the target was written behind the very prompt it is trained behind."""
    tokenizer = model.backbone.tokenizer
    seed = tokenizer.encode("(dog, rain)", add_special_tokens=False)
    written = render(tokenizer, conversation(ONE), [seed])
    trained = lay_example(tokenizer, conversation(ONE), [4], TARGET, model.backbone.end_ids)
    prompt = trained.ids[: -trained.num_targets]
    (span,), (seeded,) = trained.spans, written.spans
    assert list(prompt[: span.start]) == written.ids[: seeded.start]
    assert list(prompt[span.start + 4 :]) == written.ids[seeded.start + seeded.length :]


def test_a_batch_says_where_everything_is() -> None:
    rows = [Row((5, 0, 0, 6, 7, 8), (Span(1, 2),), 2), Row((0, 0, 0, 9), (Span(0, 2), Span(2, 1)), 1)]
    layout = lay_batch(rows, [[1], [0, 2]], [2, 2, 1])
    assert layout.ids_BT.tolist() == [[5, 0, 0, 6, 7, 8], [0, 0, 0, 9, 0, 0]]
    assert layout.slots_S.tolist() == [1, 2, 6, 7, 8]
    assert layout.sources_S.tolist() == [2, 3, 0, 1, 4]
    assert layout.places_R.tolist() == [3, 4, 8]
    assert layout.targets_R.tolist() == [7, 8, 9]


def test_audio_stands_in_its_slots_and_text_everywhere_else(model: AudioLLM) -> None:
    row = lay_prompt(model.backbone.tokenizer, conversation(TWO), [2, 3])
    layout = lay_batch([row], [[1, 0]], [3, 2])
    audio = torch.randn(5, model.backbone.width)
    embeds = model.embed(layout, audio)[0]
    first, second = row.spans
    assert torch.equal(embeds[first.start : first.start + 2], audio[3:])
    assert torch.equal(embeds[second.start : second.start + 3], audio[:3])
    text = [place for place in range(len(row.ids)) if place not in layout.slots_S.tolist()]
    assert torch.equal(embeds[text], model.backbone.embed([row.ids[place] for place in text]))


def test_the_loss_of_a_batch_is_the_sum_over_its_examples(any_model: AudioLLM, sounds: list[Waveform]) -> None:
    asked = [(ONE, [0]), (TWO, [1, 2]), (ONE, [2]), (TWO, [2, 0])]
    together = loss_of(any_model, sounds, asked)
    alone = sum(
        loss_of(any_model, [sounds[clip] for clip in heard], [(text, list(range(len(heard))))]) for text, heard in asked
    )
    torch.testing.assert_close(together, alone, rtol=1e-5, atol=1e-4)


def test_the_loss_is_that_of_the_plain_model(any_model: AudioLLM, sounds: list[Waveform]) -> None:
    """Full logits, full attention mask, labels shifted by hand."""
    features = any_model.encoder.features(sounds[:2], any_model.taps)
    slots = [any_model.adapter.num_slots(num) for num in features.mask_BT.sum(1).tolist()]
    row = lay_example(any_model.backbone.tokenizer, conversation(TWO), slots, TARGET, any_model.backbone.end_ids)
    layout = lay_batch([row], [[0, 1]], slots)
    embeds = any_model.embed(layout, any_model.hear(features))
    logits = any_model.backbone.model(
        inputs_embeds=embeds, attention_mask=torch.ones(1, len(row.ids), dtype=torch.long)
    ).logits[0]
    ids = torch.tensor(row.ids)
    num = row.num_targets
    wanted = torch.nn.functional.cross_entropy(logits[-num - 1 : -1], ids[-num:], reduction="sum")
    torch.testing.assert_close(any_model.loss_sum(layout, features), wanted, rtol=1e-5, atol=1e-5)


def test_the_target_ends_with_the_end_of_the_turn(model: AudioLLM) -> None:
    row = lay_example(model.backbone.tokenizer, conversation(ONE), [1], TARGET, model.backbone.end_ids)
    said = row.ids[-row.num_targets :]
    assert said[-1] == model.backbone.end_ids[0]
    assert model.backbone.tokenizer.decode(said[:-1]) == TARGET


def test_only_the_adapter_has_gradients(any_model: AudioLLM, sounds: list[Waveform]) -> None:
    loss_of(any_model, sounds, [(ONE, [0]), (TWO, [1, 2])]).backward()
    assert all(parameter.grad is not None for parameter in any_model.adapter.parameters())
    frozen = [*any_model.backbone.model.parameters(), *any_model.encoder.model.parameters()]
    assert all(parameter.grad is None for parameter in frozen)


def test_what_the_loss_sees_is_what_generation_sees(model: AudioLLM, sounds: list[Waveform]) -> None:
    """The first greedy token behind a prompt is the argmax of the training path at the place before the target."""
    (reply,) = model.answer_ids([(conversation(TWO), sounds[:2])], Decoding(max_tokens=1))
    features = model.encoder.features(sounds[:2], model.taps)
    row = lay_prompt(model.backbone.tokenizer, conversation(TWO), [4, 4])
    embeds = model.embed(lay_batch([row], [[0, 1]], [4, 4]), model.hear(features))
    assert reply == [int(model.backbone.model(inputs_embeds=embeds).logits[0, -1].argmax())]


def test_answers_come_in_the_order_asked(any_model: AudioLLM, sounds: list[Waveform]) -> None:
    asked = [
        (conversation(TWO), [sounds[0], sounds[1]]),
        (conversation("Say something."), []),
        (conversation(ONE), [sounds[2]]),
        (conversation(TWO, system="Be brief."), [sounds[1], sounds[0]]),
        (conversation(ONE), [sounds[0]]),
    ]
    together = any_model.answer(asked, GREEDY, batch_size=2)
    assert together == [any_model.answer([question], GREEDY)[0] for question in asked]
    assert len({reply.text for reply in together}) > 1


def test_the_order_of_two_clips_matters(model: AudioLLM, sounds: list[Waveform]) -> None:
    one, other = (loss_of(model, clips, [(TWO, [0, 1])]) for clips in ([sounds[0], sounds[1]], [sounds[1], sounds[0]]))
    assert abs(one.item() - other.item()) > 1e-6


def test_clips_may_stand_in_several_turns(model: AudioLLM, sounds: list[Waveform]) -> None:
    turns = [
        Message("user", f"{AUDIO}\nWhat is this?"),
        Message("assistant", "A dog."),
        Message("user", f"And this: {AUDIO}?"),
    ]
    (reply,) = model.answer([(turns, sounds[:2])], GREEDY)
    assert reply.num_tokens > 0


def test_a_clip_too_few_is_refused(model: AudioLLM, sounds: list[Waveform]) -> None:
    with pytest.raises(ValueError, match="2 audio place holders for 1 clips"):
        model.answer([(conversation(TWO), sounds[:1])], GREEDY)


def test_text_alone_gets_the_replies_of_the_backbone_token_by_token(any_model: AudioLLM) -> None:
    prompts = ["hi", "What is the capital of France?", "Name three animals. " * 8]
    canaries = text_canary(any_model, prompts)
    assert [canary.adapted for canary in canaries] == [canary.bare for canary in canaries]
    assert all(canary.bare for canary in canaries)


def test_the_canary_sees_a_backbone_that_changed(model: AudioLLM) -> None:
    """A model whose embeddings are touched no longer is its backbone."""

    class Touched(AudioLLM):
        def embed(self, layout, audio_SE):  # noqa: ANN001, ANN202
            return super().embed(layout, audio_SE) * 0.5 + 0.3

    (canary,) = text_canary(Touched(model.encoder, model.adapter, model.backbone, model.config), ["hi there"])
    assert canary.adapted != canary.bare


def test_text_beside_sound_is_still_text(model: AudioLLM, sounds: list[Waveform]) -> None:
    """A text question in one batch with questions about sounds gets the backbone's own reply."""
    asked = [(conversation(ONE), [sounds[0]]), (conversation("Say something."), [])]
    ids = render(model.backbone.tokenizer, conversation("Say something."), []).ids
    (bare,) = generate(model.backbone, [torch.tensor(ids)], GREEDY)
    assert model.answer(asked, GREEDY)[1] == bare


def test_the_taps_of_the_configuration_are_read(model: AudioLLM, sounds: list[Waveform]) -> None:
    config = AdapterConfig(num_queries=2, ffn_width=8, taps=(3, 0))
    other = new_audio_llm(model.encoder, model.backbone, config, seed=0)
    assert other.adapter.state_dict()["queries_LQW"].shape == (2, 2, 16)
    assert other.answer([(conversation(ONE), sounds[:1])], GREEDY)[0].num_tokens > 0

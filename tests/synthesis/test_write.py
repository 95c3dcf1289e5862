from collections.abc import Callable
from pathlib import Path

import pytest

from balsa_core.config import Sampling, SynthesisConfig
from balsa_core.labels import index_sounds, load_ontology
from balsa_core.records import Example, to_table
from balsa_core.synthesis.chat import ChatRequest, open_chat
from balsa_core.synthesis.recipe import load_recipe, recipe_names
from balsa_core.synthesis.requests import Request, draft_requests
from balsa_core.synthesis.write import Written, write_targets
from tests.synthesis.things import RuleChat, made_clip
from tests.tiny_models import build_tiny_backbone

LABELS = ("dog", "cat", "rain", "siren", "engine")
CLIPS = [made_clip(f"clip-{n}", LABELS[n % 5]) for n in range(10)]
SOUNDS = index_sounds([clip.tags for clip in CLIPS], load_ontology())
CONFIG = SynthesisConfig(per_clip=2, max_attempts=3)


def requests(recipe: str, config: SynthesisConfig = CONFIG) -> list[Request]:
    return draft_requests(CLIPS, range(10), load_recipe(recipe), config, SOUNDS)


def write(
    recipe: str, answer: Callable[[ChatRequest], str], config: SynthesisConfig = CONFIG
) -> tuple[Written, RuleChat]:
    chat = RuleChat(answer)
    return write_targets(requests(recipe, config), chat, config), chat


def heard(request: ChatRequest) -> str:
    """A right answer to `positive`."""
    return f"I hear {request.seeds[0].strip('()')}."


def test_a_right_answer_becomes_an_example() -> None:
    written, _ = write("positive", heard)
    assert (len(written.examples), len(written.rejects)) == (20, 0)
    assert written.examples[0] == Example(
        id=requests("positive")[0].id,
        recipe="positive@1",
        clip_ids=("clip-0",),
        prompt=written.examples[0].prompt,
        seeds=("(dog)",),
        target="I hear dog.",
        system=None,
        present=("dog",),
        absent=(),
        backbone="rule@1",
        finish_reason="stop",
        num_tokens=5,
        attempt=0,
    )


def test_a_wrong_answer_is_asked_again_with_another_wording() -> None:
    seen: set[str] = set()

    def wrong_at_first(request: ChatRequest) -> str:
        clip = request.seeds[0]
        if clip in seen:
            return heard(request)
        seen.add(clip)
        return "I hear a rooster."

    written, chat = write("positive", wrong_at_first, CONFIG.model_copy(update={"per_clip": 1}))
    assert {example.attempt for example in written.examples} == {0, 1}
    first = [request.messages for request in chat.asked if request.seeds == ("(dog)",)]
    assert len(set(first)) == len(first)


def test_what_never_passes_is_rejected_with_its_last_reason() -> None:
    written, chat = write("positive", lambda _: "I hear a rooster.")
    assert written.examples == []
    assert {reject.reason for reject in written.rejects} == {"affirms_absent"}
    assert written.rejects[0].detail == "attempt 3: it says that rooster is heard: 'I hear a rooster.'"
    assert len(chat.asked) == 60


@pytest.mark.parametrize("name", recipe_names())
def test_every_request_ends_once_kept_or_rejected_in_the_order_asked(name: str) -> None:
    def now_and_then(request: ChatRequest) -> str:
        return heard(request) if request.draw % 2 else "I am sorry."

    asked = [request.id for request in requests(name)]
    written, _ = write(name, now_and_then)
    kept, rejected = [row.id for row in written.examples], [row.id for row in written.rejects]
    assert sorted(kept + rejected) == sorted(asked)
    assert kept == [row for row in asked if row in kept]
    assert rejected == [row for row in asked if row in rejected]


def test_one_attempt_means_no_redraw() -> None:
    _, chat = write("positive", lambda _: "", CONFIG.model_copy(update={"max_attempts": 1}))
    assert len(chat.asked) == 20


def test_a_request_that_can_not_be_drafted_is_rejected_without_asking() -> None:
    alike = [made_clip("one", "dog"), made_clip("two", "dog")]
    chat = RuleChat(heard)
    written = write_targets(draft_requests(alike, range(2), load_recipe("joint"), CONFIG, SOUNDS), chat, CONFIG)
    assert [reject.reason for reject in written.rejects] == ["no_pair"] * 2
    assert chat.asked == []


def test_a_real_model_in_shards_writes_what_it_writes_at_once(tmp_path: Path) -> None:
    config = SynthesisConfig(per_clip=1, sampling=Sampling(max_tokens=6, temperature=0.8), max_attempts=2, batch_size=3)
    chat = open_chat(str(build_tiny_backbone(tmp_path)), config)
    recipe = load_recipe("positive")
    whole = write_targets(draft_requests(CLIPS, range(10), recipe, config, SOUNDS), chat, config)
    shards = [draft_requests(CLIPS, range(start, start + 5), recipe, config, SOUNDS) for start in (0, 5)]
    parts = [write_targets(shard, chat, config) for shard in shards]
    assert [row for part in parts for row in part.examples] == whole.examples
    assert [row for part in parts for row in part.rejects] == whole.rejects
    assert len(whole.examples) + len(whole.rejects) == 10
    assert to_table(whole.examples, Example).num_rows == len(whole.examples)

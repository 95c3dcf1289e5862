import pytest

from balsa_core.config import SynthesisConfig
from balsa_core.labels import SoundIndex, index_sounds, load_ontology
from balsa_core.records import Clip
from balsa_core.synthesis.recipe import Draft, Problem, load_recipe, recipe_names
from balsa_core.synthesis.requests import Request, draft_requests, draft_turn
from tests.synthesis.things import made_clip

LABELS = ("dog", "cat", "rain", "siren", "engine")
CLIPS = [made_clip(f"clip-{n}", LABELS[n % 5], LABELS[(n + 1 + n // 5) % 5]) for n in range(20)]
CONFIG = SynthesisConfig(per_clip=3, pairs_per_clip=2)


def sounds_of(clips: list[Clip]) -> SoundIndex:
    return index_sounds([clip.tags for clip in clips], load_ontology())


SOUNDS = sounds_of(CLIPS)


def drafts(requests: list[Request], attempt: int = 0, config: SynthesisConfig = CONFIG) -> dict[str, Draft | Problem]:
    return {request.id: draft_turn(request, attempt, config).draft for request in requests}


@pytest.mark.parametrize("name", recipe_names())
def test_each_clip_gets_its_number_of_examples_and_each_row_its_own_id(name: str) -> None:
    recipe = load_recipe(name)
    requests = draft_requests(CLIPS, range(20), recipe, CONFIG, SOUNDS)
    assert len(requests) == 20 * (3 if recipe.num_clips == 1 else 2)
    assert len({request.id for request in requests}) == len(requests)
    assert {len(request.clips) for request in requests} == {recipe.num_clips}


@pytest.mark.parametrize("name", recipe_names())
@pytest.mark.parametrize("shard_size", [1, 7, 20])
def test_drafts_do_not_depend_on_shards(name: str, shard_size: int) -> None:
    recipe = load_recipe(name)
    shards = [range(start, min(start + shard_size, 20)) for start in range(0, 20, shard_size)]
    by_shard = [request for shard in shards for request in draft_requests(CLIPS, shard, recipe, CONFIG, SOUNDS)]
    whole = draft_requests(CLIPS, range(20), recipe, CONFIG, SOUNDS)
    assert by_shard == whole
    assert drafts(by_shard) == drafts(whole)


@pytest.mark.parametrize("name", recipe_names())
def test_drafts_do_not_depend_on_the_order_of_the_table(name: str) -> None:
    recipe = load_recipe(name)
    whole = draft_requests(CLIPS, range(20), recipe, CONFIG, SOUNDS)
    backwards = draft_requests(CLIPS[::-1], [clip.id for clip in CLIPS], recipe, CONFIG, sounds_of(CLIPS[::-1]))
    assert drafts(whole) == drafts(backwards)


@pytest.mark.parametrize("name", recipe_names())
def test_more_examples_a_clip_leave_the_first_ones_as_they_are(name: str) -> None:
    recipe = load_recipe(name)
    few, more = (SynthesisConfig(per_clip=count, pairs_per_clip=count) for count in (1, 3))
    first = drafts(draft_requests(CLIPS, range(20), recipe, few, SOUNDS), config=few)
    all_of_them = drafts(draft_requests(CLIPS, range(20), recipe, more, SOUNDS), config=more)
    assert first.items() <= all_of_them.items()


def test_clips_are_chosen_by_place_or_by_id() -> None:
    recipe = load_recipe("joint")
    by_id = draft_requests(CLIPS, {"clip-3", "clip-5"}, recipe, CONFIG, SOUNDS)
    assert [request.clips[0].id for request in by_id] == ["clip-3"] * 2 + ["clip-5"] * 2
    assert draft_requests(CLIPS, range(3, 4), recipe, CONFIG, SOUNDS) == by_id[:2]


def test_an_unknown_id_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\['nowhere'\] are no clips of the table"):
        draft_requests(CLIPS, ["nowhere"], load_recipe("joint"), CONFIG, SOUNDS)


@pytest.mark.parametrize("name", recipe_names())
def test_each_attempt_asks_with_another_wording(name: str) -> None:
    (request, *_) = draft_requests(CLIPS, range(1), load_recipe(name), CONFIG, SOUNDS)
    turns = [draft_turn(request, attempt, CONFIG) for attempt in range(3)]
    asked = {turn.draft.prompt for turn in turns if isinstance(turn.draft, Draft)}
    assert len(asked) == 3
    assert len({turn.draw for turn in turns}) == 3


def test_the_examples_of_a_clip_have_different_wordings() -> None:
    requests = draft_requests(CLIPS, range(20), load_recipe("positive"), CONFIG, SOUNDS)
    prompts = [draft.prompt for draft in drafts(requests).values() if isinstance(draft, Draft)]
    assert all(len(set(prompts[start : start + 3])) == 3 for start in range(0, 60, 3))


def test_the_wordings_are_used_about_equally_often() -> None:
    clips = [made_clip(f"clip-{n}", "dog") for n in range(500)]
    requests = draft_requests(clips, range(500), load_recipe("positive"), SynthesisConfig(per_clip=1), sounds_of(clips))
    prompts = [draft.prompt for draft in drafts(requests).values() if isinstance(draft, Draft)]
    assert {prompts.count(prompt) for prompt in prompts} <= set(range(70, 131))


def test_another_seed_draws_otherwise() -> None:
    requests = draft_requests(CLIPS, range(20), load_recipe("negative"), CONFIG, SOUNDS)
    assert drafts(requests) != drafts(requests, config=CONFIG.model_copy(update={"seed": 1}))


def test_a_clip_without_a_partner_is_a_problem_and_no_missing_row() -> None:
    alike = [made_clip(f"clip-{n}", "dog") for n in range(3)]
    requests = draft_requests(alike, range(3), load_recipe("joint"), CONFIG, sounds_of(alike))
    assert len(requests) == 6
    assert {draft.reason for draft in drafts(requests).values() if isinstance(draft, Problem)} == {"no_pair"}


def test_a_clip_of_which_nothing_is_known_is_a_problem() -> None:
    silent = [made_clip("silent")]
    requests = draft_requests(silent, range(1), load_recipe("positive"), CONFIG, SOUNDS)
    assert {draft.reason for draft in drafts(requests).values() if isinstance(draft, Problem)} == {"no_metadata"}

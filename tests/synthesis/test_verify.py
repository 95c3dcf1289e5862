import pytest

from balsa_core.decoding import Reply
from balsa_core.labels import index_sounds, load_ontology
from balsa_core.prompt import user_message
from balsa_core.records import Clip
from balsa_core.synthesis.recipe import Draft, load_recipe
from balsa_core.synthesis.requests import Request
from balsa_core.synthesis.write import find_problem
from tests.synthesis.targets import BAD, CORPUS, FIRST, GOOD, OPTIONS, SECOND, Target
from tests.synthesis.things import made_clip

SOUNDS = index_sounds([(label,) for label in CORPUS], load_ontology())
CLIPS = (made_clip("one", *FIRST), made_clip("two", *SECOND))


def reason_of(target: Target) -> str | None:
    """What the verifier says of a target: its reason, or None."""
    recipe = load_recipe(target.recipe)
    clips: tuple[Clip, ...] = CLIPS[: recipe.num_clips]
    options = OPTIONS if target.recipe in ("negative", "combined") else ()
    text = recipe.wordings[0].format(options=", ".join(options))
    present = tuple(dict.fromkeys(tag for clip in clips for tag in clip.tags))
    draft = Draft(
        prompt=user_message(text, len(clips)),
        seeds=tuple(f"({', '.join(clip.tags)})" for clip in clips),
        present=present,
        absent=tuple(option for option in options if option not in present),
        options=options,
    )
    problem = find_problem(Request(recipe, clips, 0, SOUNDS), draft, Reply(target.text, target.finish_reason, 9))
    return None if problem is None else problem.reason


@pytest.mark.parametrize("target", GOOD, ids=lambda target: f"{target.recipe}: {target.text[:60]}")
def test_a_good_target_passes(target: Target) -> None:
    assert reason_of(target) is None


@pytest.mark.parametrize("target", BAD, ids=lambda target: f"{target.recipe}: {target.text[:60]}")
def test_a_bad_target_is_turned_away_for_its_reason(target: Target) -> None:
    assert reason_of(target) == target.reason

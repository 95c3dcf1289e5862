"""What every benchmark must do, as checks that a test calls with the benchmark's object."""

import json
import re
from collections.abc import Callable

from balsa_core.config import EvaluationConfig
from balsa_core.evaluation.scoring import STRICT, Benchmark, score
from balsa_core.identity import canonical
from balsa_core.prompt import AUDIO
from balsa_core.records import Question, from_table, to_table
from tests.evaluation.scenes import CONFIG, make_clip, make_clips, oracle, respond, scores_of, sounds_of, verdicts_of

CLIPS = make_clips()
SOUNDS = sounds_of(CLIPS)
Check = Callable[[Benchmark], None]


def asked(benchmark: Benchmark, config: EvaluationConfig = CONFIG) -> list[Question]:
    return benchmark.questions(CLIPS, SOUNDS, config)


def states_its_facts(benchmark: Benchmark) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]*", benchmark.name)
    assert benchmark.version
    assert benchmark.licence
    assert benchmark.identity().startswith(f"{benchmark.name}@{benchmark.version}")
    assert canonical(benchmark) == benchmark.identity()
    assert benchmark.headline in scores_of(benchmark, asked(benchmark), oracle)


def asks_well_formed_questions(benchmark: Benchmark) -> None:
    questions = asked(benchmark)
    assert questions
    assert len({question.id for question in questions}) == len(questions)
    for question in questions:
        assert question.benchmark == benchmark.name
        assert question.prompt.count(AUDIO) == len(question.clip_ids) == len(question.seeds)
        assert set(question.clip_ids) <= {clip.id for clip in CLIPS}
        assert question.answer
        assert question.cluster


def asks_the_same_again_in_any_order(benchmark: Benchmark) -> None:
    reference = {question.id: question for question in asked(benchmark)}
    backwards = benchmark.questions(CLIPS[::-1], SOUNDS, CONFIG)
    assert {question.id: question for question in backwards} == reference


def survives_a_parquet_file(benchmark: Benchmark) -> None:
    questions = asked(benchmark)
    assert from_table(to_table(questions, Question), Question) == questions


def gives_the_oracle_everything(benchmark: Benchmark) -> None:
    verdicts = verdicts_of(benchmark, asked(benchmark), oracle)
    assert STRICT in {verdict.scorer for verdict in verdicts}
    assert all(verdict.correct for verdict in verdicts)


def gives_a_constant_no_more_than_chance(benchmark: Benchmark) -> None:
    if benchmark.chance is None:
        return
    answers = {question.answer for question in asked(benchmark)}
    for answer in answers if len(answers) < 10 else ():
        value = scores_of(benchmark, asked(benchmark), lambda _question, said=answer: said)[benchmark.headline].value
        assert value is not None
        assert value <= benchmark.chance


def survives_silence(benchmark: Benchmark) -> None:
    questions = asked(benchmark)
    scored = score(benchmark, questions, respond(questions, lambda _question: ""))
    strict = [verdict for verdict in scored.verdicts if verdict.scorer == STRICT]
    assert [verdict.parsed for verdict in strict] == [None] * len(questions)
    assert not any(verdict.correct for verdict in scored.verdicts)
    json.dumps({name: value._asdict() for name, value in scored.scores.items()}, allow_nan=False)


def gives_intervals_that_hold_their_value(benchmark: Benchmark) -> None:
    answers = ["Yes", "first", "I hear dog and rain."]
    questions = asked(benchmark)
    place = {question.id: index for index, question in enumerate(questions)}
    for value in scores_of(benchmark, questions, lambda question: answers[place[question.id] % 3]).values():
        if value.value is not None and value.low is not None and value.high is not None:
            assert value.low - 1e-9 <= value.value <= value.high + 1e-9


def takes_no_clip_and_one_clip(benchmark: Benchmark) -> None:
    for clips in ([], CLIPS[:1], [make_clip("bare", [])]):
        questions = benchmark.questions(clips, SOUNDS, CONFIG)
        scores = scores_of(benchmark, questions, oracle)
        json.dumps({name: value._asdict() for name, value in scores.items()}, allow_nan=False)
        assert (scores[benchmark.headline].value is None) == (not questions)


def counts_the_clips_it_skips(benchmark: Benchmark) -> None:
    bare = make_clip("bare", [])
    assert [reject.id for reject in benchmark.skipped([*CLIPS, bare], SOUNDS)] == ["bare"]
    assert all("bare" not in q.clip_ids for q in benchmark.questions([*CLIPS, bare], SOUNDS, CONFIG))


CHECKS: tuple[Check, ...] = (
    states_its_facts,
    asks_well_formed_questions,
    asks_the_same_again_in_any_order,
    survives_a_parquet_file,
    gives_the_oracle_everything,
    gives_a_constant_no_more_than_chance,
    survives_silence,
    gives_intervals_that_hold_their_value,
    takes_no_clip_and_one_clip,
    counts_the_clips_it_skips,
)

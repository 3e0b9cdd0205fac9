"""What the product makes of real lectures without any model, judged independently."""

import pytest
from _pytest.mark import ParameterSet

from functions.generate.providers.extractive.provider import ExtractiveProvider
from shared.presets import list_presets
from tests.evaluation.__main__ import Run, evaluate
from tests.evaluation.items.kinds import kinds
from tests.evaluation.lectures import (
    OTHER_LANGUAGES,
    SPOKEN,
    WRITTEN,
    Lecture,
    every_lecture,
    written,
)
from tests.support.tiers import QUICK_PRESETS, slow_but

pytestmark = pytest.mark.heavy


LECTURES = list(every_lecture())
LONG = {*WRITTEN[-3:], *SPOKEN[-3:]}
"""Lectures of about a thousand words."""
OTHERS = [Lecture(name, "written", written(name), ()) for name in OTHER_LANGUAGES]
PRESETS = list_presets()
RUNS: dict[tuple[str, str, str], Run] = {}


def run(lecture: Lecture, preset_id: str) -> Run:
    """Each lecture is worked on once with each preset, whatever is asked of it."""
    key = (lecture.name, lecture.words, preset_id)
    if key not in RUNS:
        preset = next(preset for preset in PRESETS if preset.id == preset_id)
        RUNS[key] = evaluate(ExtractiveProvider(), lecture, preset)
    return RUNS[key]


every_preset = pytest.mark.parametrize(
    "preset_id", slow_but(QUICK_PRESETS, (preset.id for preset in PRESETS))
)


def named(lectures: list[Lecture]) -> list[ParameterSet]:
    return [
        pytest.param(
            one,
            id=f"{one.name}-{one.words}",
            marks=[pytest.mark.slow] if one.name in LONG else [],
        )
        for one in lectures
    ]


every_fact = pytest.mark.parametrize("lecture", named(LECTURES))
every_text = pytest.mark.parametrize("lecture", named(LECTURES + OTHERS))


@every_preset
@every_text
def test_all_that_is_stored_was_said_when_it_says(lecture: Lecture, preset_id: str) -> None:
    assert run(lecture, preset_id).figures.unsupported == ()


@every_preset
@every_text
def test_nothing_is_dropped_or_breaks_a_limit(lecture: Lecture, preset_id: str) -> None:
    found = run(lecture, preset_id)
    assert found.material.dropped == 0
    assert found.violations == ()


@every_preset
@every_text
def test_nothing_is_asked_or_told_twice(lecture: Lecture, preset_id: str) -> None:
    assert run(lecture, preset_id).figures.repetitions == ()


@every_preset
@every_text
def test_every_choice_has_exactly_one_right_answer(lecture: Lecture, preset_id: str) -> None:
    assert run(lecture, preset_id).figures.doubtful_choices == ()


@every_preset
@every_fact
def test_most_key_facts_are_in_the_material(lecture: Lecture, preset_id: str) -> None:
    assert run(lecture, preset_id).figures.recall >= 0.6


@pytest.mark.parametrize("words", ["heard", "written"])
def test_a_summary_for_an_exam_alone_holds_most_key_facts_of_a_lecture(words: str) -> None:
    figures = [run(one, "exam").figures for one in LECTURES if one.words == words]
    assert sum(one.covered_by_summary for one in figures) >= 0.6 * sum(one.facts for one in figures)


@pytest.mark.parametrize("lecture", named(LECTURES))
def test_no_item_has_a_fault_that_can_be_counted(lecture: Lecture) -> None:
    """A bullet of the overview stays where its section has no other."""
    found = kinds(run(lecture, "exam").material.artifacts)
    del found["bullet of the overview"], found["title of a sentence"]
    assert found == {}

"""Everything as JSON."""

import json

import pytest

from functions.export.formats.json_format import JsonFormat, LectureExport
from tests.unit.export.documents import lecture
from tests.unit.export.hostile import HOSTILE


def test_it_holds_everything_and_fits_its_schema() -> None:
    document = lecture()
    export = LectureExport.model_validate_json(JsonFormat().render(document))
    assert export.lecture.title == "Hash tables"
    assert export.lecture.duration_sec == document.duration_sec
    assert export.course.id == document.course_id
    assert export.summary == document.material.summary
    assert export.outline == document.material.outline
    assert export.key_terms == document.material.key_terms
    assert export.flashcards == document.material.flashcards
    assert export.exam_questions == document.material.exam_questions
    assert export.threads == document.threads
    assert export.transcript == document.transcript


def test_keys_are_camel_case_and_in_the_schemas_order() -> None:
    export = json.loads(JsonFormat().render(lecture()))
    assert list(export) == [
        "schemaVersion",
        "course",
        "lecture",
        "summary",
        "outline",
        "keyTerms",
        "flashcards",
        "examQuestions",
        "threads",
        "marks",
        "transcript",
    ]


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_text_comes_back_untouched(text: str) -> None:
    export = json.loads(JsonFormat().render(lecture(wording=lambda _: text)))
    assert export["keyTerms"]["content"]["terms"][0]["definition"] == text

"""The kinds of faults that are counted are noticed, each in material that has it once."""

from copy import deepcopy
from typing import Any

import pytest

from tests.evaluation.items.kinds import kinds

CARD = {"kind": "basic", "front": "What is a delta?", "back": "A flat plain at a mouth."}
CHOICE = {
    "kind": "multiple-choice",
    "question": "A(n) _____ is a flat plain.",
    "options": ["delta", "lake", "river"],
    "answer": "delta",
}
NODE = {"title": "Deltas", "points": [{"text": "Delta"}], "children": []}
SOUND: dict[str, dict[str, Any]] = {
    "summary": {
        "overview": "Rivers build deltas.",
        "sections": [{"title": "Deltas", "bullets": [{"text": "A delta is flat."}]}],
    },
    "outline": {"nodes": [NODE]},
    "key-terms": {"terms": [{"term": "delta", "definition": "A flat plain."}]},
    "flashcards": {"cards": [CARD]},
    "exam-questions": {"questions": [CHOICE]},
}
LONG = " ".join(["mud"] * 21)


def artifacts(kind: str, content: dict[str, Any]) -> list[dict[str, Any]]:
    found = {**deepcopy(SOUND), kind: content}
    return [{"artifactType": each, "content": content} for each, content in found.items()]


def test_sound_material_has_none() -> None:
    assert kinds(artifacts("summary", SOUND["summary"]), ["homework"]) == {}


@pytest.mark.parametrize(
    ("fault", "kind", "content"),
    [
        ("long answer", "flashcards", {"cards": [{**CARD, "back": LONG}]}),
        (
            "vague question",
            "flashcards",
            {"cards": [{**CARD, "front": "What does the lecture say about “mud”?"}]},
        ),
        (
            "gap twice",
            "flashcards",
            {"cards": [{"kind": "cloze", "front": "{{c1::Mud}} is {{c1::mud}}.", "back": ""}]},
        ),
        (
            "gap in a name",
            "flashcards",
            {"cards": [{"kind": "cloze", "front": "The Fair {{c1::Terms}} Act.", "back": ""}]},
        ),
        (
            "point that is a bullet",
            "outline",
            {"nodes": [{**NODE, "points": [{"text": "A delta is flat."}]}]},
        ),
        ("title of its chapter", "outline", {"nodes": [{**NODE, "children": [NODE]}]}),
        (
            "title of a sentence",
            "outline",
            {"nodes": [{**NODE, "title": "A delta is what a river builds"}]},
        ),
        (
            "bullet of the overview",
            "summary",
            {**SOUND["summary"], "overview": "A delta is flat. Rivers flow."},
        ),
        (
            "article that tells the option",
            "exam-questions",
            {"questions": [{**CHOICE, "question": "An _____ is a lake."}]},
        ),
        (
            "names among things",
            "exam-questions",
            {"questions": [{**CHOICE, "options": ["delta", "Joule", "river"]}]},
        ),
        (
            "housekeeping",
            "key-terms",
            {"terms": [{"term": "homework", "definition": "Due on Friday."}]},
        ),
    ],
)
def test_each_kind_is_noticed(fault: str, kind: str, content: dict[str, Any]) -> None:
    assert kinds(artifacts(kind, content), ["homework"]) == {fault: 1}

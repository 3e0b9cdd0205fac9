"""The second opinion on study material sees what a student must not be told."""

import copy
import subprocess
import sys
from typing import Any

import pytest

from tests.evaluation.evidence import unsupported

JSON = dict[str, Any]


def word(text: str, start_sec: float) -> JSON:
    return {"text": text, "startSec": start_sec, "endSec": start_sec + 0.5, "probability": 0.9}


TEXT = "Salt isn’t sand. Sand isn’t salt — said Mr. Gray, twice; salt isn’t sand."
TRANSCRIPT: JSON = {
    "language": "en",
    "durationSec": 10.0,
    "utterances": [
        {
            "startSec": 0.0,
            "endSec": 7.0,
            "text": TEXT,
            "words": [word(text, 0.5 * n) for n, text in enumerate(TEXT.split())],
        },
        {"startSec": 8.0, "endSec": 10.0, "text": "It melts ice as well.", "words": []},
    ],
}


def cite(quote: str, start_sec: float, end_sec: float) -> JSON:
    return {"quote": quote, "startSec": start_sec, "endSec": end_sec}


TRUE = cite("Salt isn’t sand.", 0.0, 1.5)


def summary(*citations: JSON, text: str = "Salt is no sand.") -> JSON:
    return {
        "artifactType": "summary",
        "content": {
            "overview": "Of salt.",
            "overviewCitations": [TRUE],
            "sections": [
                {"title": "Salt", "bullets": [{"text": text, "citations": list(citations)}]}
            ],
        },
    }


@pytest.mark.parametrize(
    "citation",
    [
        TRUE,
        cite("salt isn't SAND", 0.0, 1.5),
        cite("Sand isn’t salt — said Mr. Gray", 1.5, 5.0),
        cite("salt isn’t sand.", 5.5, 7.0),
        cite("melts ice", 8.0, 10.0),
    ],
)
def test_what_was_said_then_is_supported(citation: JSON) -> None:
    assert unsupported(summary(citation), TRANSCRIPT) == []


@pytest.mark.parametrize(
    ("citation", "reason"),
    [
        (cite("Salt is sand.", 0.0, 1.5), "not said"),
        (cite("Sand isn’t salt", 0.0, 1.5), "not said"),
        (cite("isn’t", 0.0, 0.4), "not said"),
        (cite("alt isn’t san", 0.0, 1.5), "not said"),
        (cite("melts ice", 0.0, 7.0), "not said"),
        (cite("Salt isn’t sand.", 0.0, 7.0), "much more"),
        (cite("Salt isn’t sand.", 1.5, 0.0), "no time of the lecture"),
        (cite("Salt isn’t sand.", -1.0, 1.5), "no time of the lecture"),
        (cite("melts ice", 8.0, 90.0), "no time of the lecture"),
        (cite(" … ", 0.0, 1.5), "empty"),
    ],
)
def test_what_was_not_said_then_is_not(citation: JSON, reason: str) -> None:
    (fault,) = unsupported(summary(TRUE, citation), TRANSCRIPT)
    assert "section 0, bullet 0" in fault
    assert reason in fault


def test_an_item_without_evidence_or_words_is_not_supported() -> None:
    assert "cites nothing" in unsupported(summary(), TRANSCRIPT)[0]
    assert "says nothing" in unsupported(summary(TRUE, text=" … "), TRANSCRIPT)[0]


NODE: JSON = {
    "title": "Salt",
    "startSec": 0.0,
    "endSec": 7.0,
    "points": [{"text": "Salt.", "citations": [TRUE]}],
    "children": [],
}
QUESTION: JSON = {"kind": "essay", "question": "Why?", "answer": "So.", "citations": [TRUE]}
CARD: JSON = {"kind": "cloze", "front": "{{c1::Salt}}", "back": "", "citations": [TRUE]}
TERM: JSON = {"term": "salt", "definition": "No sand.", "firstSaidSec": 0.0, "citations": [TRUE]}
OTHERS: list[tuple[str, str, JSON]] = [
    ("outline", "nodes", {**NODE, "points": [], "children": [NODE]}),
    ("key-terms", "terms", TERM),
    ("flashcards", "cards", CARD),
    ("exam-questions", "questions", QUESTION),
]


@pytest.mark.parametrize(("kind", "items", "item"), OTHERS)
def test_every_item_of_every_artifact_is_looked_at(kind: str, items: str, item: JSON) -> None:
    good: JSON = {"artifactType": kind, "content": {items: [item]}}
    assert unsupported(good, TRANSCRIPT) == []
    lying = copy.deepcopy(good)
    cited = lying["content"][items][0]
    while not cited.get("citations"):
        cited = (cited["points"] or cited["children"])[0]
    cited["citations"] = [cite("Sand is salt.", 1.5, 3.0)]
    assert "not said" in unsupported(lying, TRANSCRIPT)[0]
    empty = {"artifactType": kind, "content": {items: []}}
    assert unsupported(empty, TRANSCRIPT) == [f"{kind}: it is empty"]


@pytest.mark.parametrize("changed", [{"endSec": 1.0}, {"startSec": 0.4}, {"endSec": 99.0}])
def test_a_chapter_spans_what_it_holds_and_no_more_than_the_lecture(changed: JSON) -> None:
    outline = {"artifactType": "outline", "content": {"nodes": [{**NODE, **changed}]}}
    assert "its time is not" in unsupported(outline, TRANSCRIPT)[0]


def test_a_term_is_first_said_in_the_lecture() -> None:
    terms = {"artifactType": "key-terms", "content": {"terms": [{**TERM, "firstSaidSec": 11.0}]}}
    assert unsupported(terms, TRANSCRIPT) == ["term 0: first said outside the lecture"]


def test_an_artifact_of_another_shape_is_an_error() -> None:
    with pytest.raises(KeyError):
        unsupported({"artifactType": "summary", "content": {}}, TRANSCRIPT)


@pytest.mark.parametrize("judge", ["evidence", "choices", "repetition"])
def test_a_judge_shares_no_code_with_what_it_judges(judge: str) -> None:
    listed = subprocess.run(
        [sys.executable, "-c", f"import sys, tests.evaluation.{judge}; print(*sys.modules)"],
        check=True,
        capture_output=True,
        text=True,
    ).stdout.split()
    assert f"tests.evaluation.{judge}" in listed
    assert not [module for module in listed if module.split(".")[0] in {"functions", "shared"}]

"""A language model that writes whatever it is asked for from the lines it is shown.

It quotes them word for word. A test lays a hand on its answers to make it lie, and reads
off the questions what it was shown.
"""

import json
from collections.abc import Callable
from typing import Any

from tests.unit.generate.language_model.chat_server import Json, Reply, completion, form_of

Line = dict[str, Any]
Hand = Callable[[str, Json], Json]
"""Gets the form asked for and an honest answer; returns what is answered."""


WORDS_QUOTED = 60
"""A longer text than this would not fit a form."""


class WritingModel:
    def __init__(self, hand: Hand = lambda _form, answer: answer, *, most: int = 6) -> None:
        """`most`: items of one answer."""
        self._hand = hand
        self._most = most

    def __call__(self, body: Json, _before: int) -> Reply:
        form = form_of(body)
        return completion(self._hand(form, write(form, body, self._most)))


def data_in(body: Json, tag: str) -> list[Line]:
    """The lines of data between `<tag>` and `</tag>`, in whichever message they are."""
    for message in body["messages"]:
        if f"\n<{tag}>\n" in f"\n{message['content']}":
            inside = message["content"].partition(f"<{tag}>\n")[2].partition(f"\n</{tag}>")[0]
            return [json.loads(line) for line in inside.splitlines() if line]
    return []


def evidence_in(body: Json) -> list[Json]:
    """What may be quoted: of a transcript each utterance, of notes what they quote."""
    said = [
        {"utterance": u["id"], "quote": " ".join(u["text"].split()[:WORDS_QUOTED])}
        for u in data_in(body, "transcript")
    ]
    noted = [each for note in data_in(body, "notes") for each in note["evidence"]]
    return [each for each in said or noted if len(each["quote"].split()) >= 4] or said or noted


def write(form: str, body: Json, most: int) -> Json:
    if form == "WireVerdicts":
        return {
            "verdicts": [
                {"number": item["number"], "verdict": "supported"}
                for item in data_in(body, "items")
            ]
        }
    found = evidence_in(body)
    step = max(1, len(found) // most)
    chosen = found[::step][:most]
    if form.startswith("Repaired"):
        return {"items": [_repaired(form, item, chosen) for item in data_in(body, "items")]}
    return WRITTEN[form](chosen)


def _notes(chosen: list[Json]) -> Json:
    notes = [{"text": each["quote"], "term": None, "evidence": [each]} for each in chosen]
    return {"notes": notes}


def _summary(chosen: list[Json]) -> Json:
    bullets = [{**_point(each), "role": None} for each in chosen[:3]]
    return {
        "overview": chosen[0]["quote"],
        "overviewEvidence": chosen[:1],
        "sections": [{"title": _title(chosen[0]), "bullets": bullets}],
    }


def _outline(chosen: list[Json]) -> Json:
    points = [_point(each) for each in chosen]
    return {"chapters": [{"title": _title(chosen[0]), "level": 1, "points": points}]}


def _repaired(form: str, faulty: Line, chosen: list[Json]) -> Json:
    number = faulty["number"]
    evidence = chosen[number % len(chosen)]
    written = {
        "RepairedPoints": {**_point(evidence), "role": faulty["item"].get("role")},
        "RepairedTerms": _term(evidence),
        "RepairedCards": _card(100 + number, evidence),
        "RepairedQuestions": _question(evidence),
    }[form]
    return {"number": number, **written}


def _title(each: Json, words: int = 3) -> str:
    return " ".join(each["quote"].split()[:words])


def _point(each: Json) -> Json:
    # Nothing longer than the strictest preset allows.
    words = each["quote"].split()
    return {"text": " ".join(words[:12]) + " …" * (len(words) > 12), "evidence": [each]}


def _term(each: Json) -> Json:
    return {
        "term": each["quote"].split()[0],
        "definition": each["quote"],
        "example": None,
        "evidence": [each],
    }


def _card(number: int, each: Json) -> Json:
    return {
        "about": f"card {number}",
        "kind": "basic",
        "front": f"What was said about {_in_letters(number)}?",
        "back": each["quote"],
        "difficulty": "easy",
        "evidence": [each],
    }


def _in_letters(number: int) -> str:
    """A name of its own for each number; a number would be one that the lecture did not say."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number)) + "xyz"


def _question(each: Json) -> Json:
    return {
        "kind": "short-answer",
        "question": f"What follows “{_title(each, words=4)}”?",
        "options": [],
        "answer": each["quote"],
        "explanation": each["quote"],
        "markingPoints": [each["quote"]],
        "evidence": [each],
    }


def _concept(each: Json) -> Json:
    return {
        "title": _title(each),
        "description": each["quote"],
        "complexity": 2,
        "aliases": [],
        "evidence": [each],
        "continues": None,
        "change": None,
        "changeSummary": None,
    }


WRITTEN: dict[str, Callable[[list[Json]], Json]] = {
    "WireNotes": _notes,
    "WireSummary": _summary,
    "WireOutline": _outline,
    "WireTerms": lambda chosen: {"terms": [_term(each) for each in chosen]},
    "WireCards": lambda chosen: {"cards": [_card(n, each) for n, each in enumerate(chosen)]},
    "WireQuestions": lambda chosen: {"questions": [_question(each) for each in chosen]},
    "WireConcepts": lambda chosen: {"concepts": [_concept(each) for each in chosen[:3]]},
}

"""A language model that says what a test has written down for the two hashing lectures."""

from typing import Any

from tests.support.lectures.writing_model import write
from tests.unit.generate.language_model.chat_server import Json, Reply, completion, form_of
from tests.unit.generate.lectures import lecture

TRANSCRIPTS = {name: lecture(name) for name in ("hashing-1", "hashing-2")}


def _said(name: str, beginning: str) -> list[Json]:
    """The evidence of the utterance that begins like this."""
    found = next(u for u in TRANSCRIPTS[name].utterances if u.text.startswith(beginning))
    return [{"utterance": found.id, "quote": found.text}]


def _concept(title: str, description: str, evidence: list[Json], **more: Any) -> Json:
    return {
        "title": title,
        "description": description,
        "complexity": 2,
        "aliases": [],
        "evidence": evidence,
        "continues": None,
        "change": None,
        "changeSummary": None,
        **more,
    }


CONCEPTS = {
    "hashing-1": [
        _concept(
            "hash map",
            "Maps each key to a slot of a table by a function.",
            _said("hashing-1", "A hash table solves"),
            aliases=["hash table"],
        ),
        _concept(
            "chaining",
            "Each slot holds a linked list of its keys.",
            _said("hashing-1", "Each slot holds"),
        ),
        _concept(
            "amortized analysis",
            "Spreads the cost of a rare step over many cheap ones.",
            _said("hashing-1", "This way of reasoning"),
        ),
    ],
    "hashing-2": [
        # The plural of a name that the first lecture gave beside its title.
        _concept(
            "hash tables",
            "They are rebuilt when they hold too many tombstones.",
            _said("hashing-2", "Last time we met"),
        ),
        _concept(
            "separate chaining",
            "A lookup in the list of a slot takes constant time only for even keys.",
            _said("hashing-2", "I said that with chaining"),
            continues="chaining",
            change="contradiction",
            changeSummary="Its lookups take constant time only if the keys are spread evenly.",
        ),
        # Nothing that it has in common with the thread that it is said to continue.
        _concept(
            "hash flooding",
            "An attack with thousands of form fields whose names collide.",
            _said("hashing-2", "The attack is called"),
            continues="amortized analysis",
            change="refinement",
            changeSummary="It is an attack.",
        ),
    ],
}


def _material(name: str, term: str, fact: str, said: list[Json]) -> dict[str, Json]:
    point = {"text": f"With {term} {fact}.", "evidence": said, "role": None}
    return {
        "WireSummary": {
            "overview": point["text"],
            "overviewEvidence": said,
            "sections": [{"title": term, "bullets": [point]}],
        },
        "WireOutline": {"chapters": [{"title": term, "level": 1, "points": [point]}]},
        "WireTerms": {
            "terms": [{"term": term, "definition": fact, "example": None, "evidence": said}]
        },
        "WireCards": {
            "cards": [
                {
                    "about": term,
                    "kind": "basic",
                    "front": f"What is to be known of {term}?",
                    "back": fact,
                    "difficulty": "easy",
                    "tags": [],
                    "evidence": said,
                }
            ]
        },
        "WireQuestions": {
            "questions": [
                {
                    "kind": "short-answer",
                    "question": f"What is to be known of {term}?",
                    "options": [],
                    "answer": fact,
                    "explanation": fact,
                    "markingPoints": [fact],
                    "evidence": said,
                }
            ]
        },
        "WireConcepts": {"concepts": CONCEPTS[name]},
    }


ANSWERS = {
    "hashing-1": _material(
        "hashing-1",
        "a hash table",
        "a function maps each key to a small integer",
        _said("hashing-1", "We choose a function"),
    ),
    "hashing-2": _material(
        "hashing-2",
        "separate chaining",
        "a lookup takes constant time if the keys are spread evenly",
        _said("hashing-2", "I said that with chaining"),
    ),
}


def answer(body: Json, _: int) -> Reply:
    """What the script has for the lecture that is asked about; it stands by what it has written."""
    if (form := form_of(body)) == "WireVerdicts":
        return completion(write(form, body, 0))
    asked = "\n".join(str(message["content"]) for message in body["messages"])
    name = "hashing-2" if "cuckoo" in asked else "hashing-1"
    written = ANSWERS[name][form]
    if form == "WireConcepts":
        # It quotes no sentence that it was not shown.
        written = {"concepts": [each for each in CONCEPTS[name] if _is_shown(each, asked)]}
    elif not _is_shown(written, asked):
        written = write(form, body, 0)
    return completion(written)


def _is_shown(written: Any, asked: str) -> bool:
    """Whether all that it quotes is in the prompt."""
    if isinstance(written, list):
        return all(_is_shown(each, asked) for each in written)
    if not isinstance(written, dict):
        return True
    quote = written.get("quote", "")
    return quote in asked and all(_is_shown(each, asked) for each in written.values())

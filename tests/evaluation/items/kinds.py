"""Faults of study material that can be counted without reading it, by their kinds."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

JSON = dict[str, Any]

ANSWER_WORDS = 20
TITLE_WORDS = 6
GAP = "_____"
_HIDDEN = re.compile(r"\{\{c1::(.*?)\}\}")
_VAGUE = re.compile(r"^What does the lecture say about ")
_ARTICLE = re.compile(rf"\b[Aa]n? {GAP}")


def kinds(artifacts: Sequence[JSON], forbidden: Sequence[str] = ()) -> Counter[str]:
    """How many items have each fault. `forbidden`: words of what is no material, in lower case."""
    by_type = {artifact["artifactType"]: artifact["content"] for artifact in artifacts}
    return Counter(_faults(by_type, forbidden))


def _faults(by_type: dict[str, JSON], forbidden: Sequence[str]) -> Iterator[str]:
    summary, outline = by_type["summary"], by_type["outline"]
    cards, questions = by_type["flashcards"]["cards"], by_type["exam-questions"]["questions"]
    bullets = [bullet["text"] for section in summary["sections"] for bullet in section["bullets"]]
    nodes = list(_nodes(outline["nodes"]))
    points = [point["text"] for node in nodes for point in node["points"]]
    yield from ("point that is a bullet" for point in points if point in bullets)
    yield from ("bullet of the overview" for bullet in bullets if bullet in summary["overview"])
    titles = [section["title"] for section in summary["sections"]]
    titles += [node["title"] for node in nodes]
    yield from ("title of a sentence" for title in titles if len(title.split()) > TITLE_WORDS)
    yield from (
        "title of its chapter" for node in nodes for c in node["children"] if _same(node, c)
    )
    for card in cards:
        yield from _of_card(card)
    for question in questions:
        yield from _of_question(question)
    shown = [*bullets, *points, *(f"{card['front']} {card['back']}" for card in cards)]
    shown += [f"{term['term']} {term['definition']}" for term in by_type["key-terms"]["terms"]]
    shown += [f"{question['question']} {question['answer']}" for question in questions]
    for text in shown:
        if any(words in text.casefold() for words in forbidden):
            yield "housekeeping"


def _nodes(nodes: Sequence[JSON]) -> Iterator[JSON]:
    for node in nodes:
        yield node
        yield from _nodes(node["children"])


def _same(one: JSON, other: JSON) -> bool:
    return bool(one["title"] == other["title"])


def _of_card(card: JSON) -> Iterator[str]:
    if card["kind"] == "basic":
        if len(card["back"].split()) > ANSWER_WORDS:
            yield "long answer"
        if _VAGUE.match(card["front"]):
            yield "vague question"
        return
    if len(_HIDDEN.findall(card["front"])) > 1:
        yield "gap twice"
    for found in _HIDDEN.finditer(card["front"]):
        before, behind = card["front"][: found.start()], card["front"][found.end() :]
        names = re.search(r"\s[A-Z]\w+\s$", before) and re.match(r"\s[A-Z]", behind)
        if before.endswith("-") or names:
            yield "gap in a name"


def _of_question(question: JSON) -> Iterator[str]:
    if _VAGUE.match(question["question"]):
        yield "vague question"
    if question["kind"] != "multiple-choice":
        return
    if _ARTICLE.search(question["question"]):
        yield "article that tells the option"
    if len({option != option.lower() for option in question["options"]}) > 1:
        yield "names among things"

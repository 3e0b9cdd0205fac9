"""Items to be read and scored by hand, drawn at random: docs/good-material.md has the rubric.

    python -m tests.evaluation.items.reading SEED COUNT LECTURE…

Prints a table: number, lecture, kind of item, text. The same arguments give the same items while
the material is the same.
"""

import random
import sys
from collections.abc import Iterator, Sequence
from typing import Any

from functions.generate.providers.extractive.provider import ExtractiveProvider
from shared.presets import load_preset
from tests.evaluation.lectures import written
from tests.evaluation.material import make

JSON = dict[str, Any]


def main(arguments: Sequence[str]) -> None:
    seed, count, *names = arguments
    found = [(name, *item) for name in names for item in _items(name)]
    chance = random.Random(int(seed))  # noqa: S311 - a sample, no secret
    for number, row in enumerate(chance.sample(found, int(count)), 1):
        sys.stdout.write("\t".join((str(number), *row)) + "\n")


def _items(name: str) -> Iterator[tuple[str, str]]:
    material = make(ExtractiveProvider(), written(name), load_preset("exam"))
    yield from items(material.artifacts)


def items(artifacts: Sequence[JSON]) -> Iterator[tuple[str, str]]:
    """Kind and text of each, titles included."""
    by_type = {artifact["artifactType"]: artifact["content"] for artifact in artifacts}
    summary = by_type["summary"]
    yield "overview", summary["overview"]
    for section in summary["sections"]:
        yield "title", section["title"]
        yield from (("bullet", bullet["text"]) for bullet in section["bullets"])
    for node in by_type["outline"]["nodes"]:
        yield from _of_chapter(node)
    for term in by_type["key-terms"]["terms"]:
        yield "term", f"{term['term']}: {term['definition']} {term.get('example') or ''}".strip()
    for card in by_type["flashcards"]["cards"]:
        yield "card", f"{card['front']} → {card['back']}"
    for question in by_type["exam-questions"]["questions"]:
        options = f" {question['options']}" if question.get("options") else ""
        yield question["kind"], f"{question['question']}{options} → {question['answer']}"


def _of_chapter(node: JSON) -> Iterator[tuple[str, str]]:
    yield "title", node["title"]
    yield from (("point", f"{node['title']}: {point['text']}") for point in node["points"])
    for child in node["children"]:
        yield from _of_chapter(child)


if __name__ == "__main__":
    main(sys.argv[1:])

"""Whether stored study material quotes the lecture: a second opinion on the generator's own check.

It reads plain JSON, as it lies in the bucket, and shares no code with what made it: words are
told apart in another way, and a quote is looked for in the seconds it names and nowhere else.
"""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

JSON = dict[str, Any]

ROUNDING_SEC = 0.011
"""Times are written in hundredths of a second."""
STRAY_WORDS = 4
"""Words of no length on either edge of a quote's time that may belong to its neighbours. With
more, the time says little about where the quote was said."""

_SIDES = {"basic": ("front", "back"), "cloze": ("front",)}
_APOSTROPHES = re.compile(r"['’ʼ`´]")


@dataclass(frozen=True)
class Leaf:
    """One item that a student reads."""

    path: str
    """Where it stands in the artifact, for people."""
    texts: tuple[str, ...]
    """What may not be empty."""
    citations: tuple[JSON, ...]
    item: JSON
    """The whole of it."""


def unsupported(artifact: JSON, transcript: JSON) -> list[str]:
    """One line for each thing that the lecture does not bear out; none if all is well.

    Both as stored: an artifact with its envelope, and the transcript it was made from.
    """
    spoken = _spoken(transcript)
    length_sec = float(transcript["durationSec"])
    found = []
    leaves = list(leaves_of(artifact))
    if not leaves:
        found.append(f"{artifact['artifactType']}: it is empty")
    for leaf in leaves:
        if not all(_words(text) for text in leaf.texts):
            found.append(f"{leaf.path}: a part of it says nothing")
        if not leaf.citations:
            found.append(f"{leaf.path}: it cites nothing")
        for citation in leaf.citations:
            fault = _fault(citation, spoken, length_sec)
            if fault:
                found.append(f"{leaf.path}: {fault}: {citation['quote']!r}")
    return [*found, *_misplaced(artifact, length_sec)]


def leaves_of(artifact: JSON) -> Iterator[Leaf]:
    """Every item of an artifact. Raises KeyError if a field is missing; of an unknown type of
    artifact it finds no item."""
    content = artifact["content"]
    match artifact["artifactType"]:
        case "summary":
            text, citations = content["overview"], tuple(content["overviewCitations"])
            yield Leaf("overview", (text,), citations, {"text": text})
            for s, section in enumerate(content["sections"]):
                for b, bullet in enumerate(section["bullets"]):
                    yield _leaf(f"section {s}, bullet {b}", bullet, "text")
        case "outline":
            for path, node in _nodes(content["nodes"], "node"):
                for p, point in enumerate(node["points"]):
                    yield _leaf(f"{path}, point {p}", point, "text")
        case "key-terms":
            for n, term in enumerate(content["terms"]):
                yield _leaf(f"term {n}", term, "term", "definition")
        case "flashcards":
            for n, card in enumerate(content["cards"]):
                yield _leaf(f"card {n}", card, *_SIDES[card["kind"]])
        case "exam-questions":
            for n, question in enumerate(content["questions"]):
                yield _leaf(f"question {n}", question, "question", "answer")


def _leaf(path: str, item: JSON, *fields: str) -> Leaf:
    return Leaf(path, tuple(item[field] for field in fields), tuple(item["citations"]), item)


def _nodes(nodes: list[JSON], path: str) -> Iterator[tuple[str, JSON]]:
    for n, node in enumerate(nodes):
        yield f"{path} {n}", node
        yield from _nodes(node["children"], f"{path} {n}.")


@dataclass(frozen=True)
class _Piece:
    """A word and its time; of an utterance without word times, all its words and its own."""

    start_sec: float
    end_sec: float
    words: tuple[str, ...]
    is_loose: bool


def _spoken(transcript: JSON) -> list[_Piece]:
    pieces = []
    for utterance in transcript["utterances"]:
        parts = utterance["words"] or [utterance]
        pieces += [
            _Piece(part["startSec"], part["endSec"], _words(part["text"]), part is utterance)
            for part in parts
        ]
    return pieces


def _fault(citation: JSON, spoken: list[_Piece], length_sec: float) -> str | None:
    start_sec, end_sec = citation["startSec"], citation["endSec"]
    quote = _words(citation["quote"])
    if not quote:
        return "its quote is empty"
    if not 0 <= start_sec <= end_sec <= length_sec + ROUNDING_SEC:
        return f"{start_sec} to {end_sec} s is no time of the lecture"
    within = [
        piece
        for piece in spoken
        if (
            piece.start_sec < end_sec and piece.end_sec > start_sec
            if piece.is_loose
            else piece.start_sec >= start_sec - ROUNDING_SEC
            and piece.end_sec <= end_sec + ROUNDING_SEC
        )
    ]
    said = [word for piece in within for word in piece.words]
    if f" {' '.join(quote)} " not in f" {' '.join(said)} ":
        return f"not said between {start_sec} and {end_sec} s"
    if not any(piece.is_loose for piece in within) and len(said) > len(quote) + STRAY_WORDS:
        return f"{start_sec} to {end_sec} s holds much more than it"
    return None


def _misplaced(artifact: JSON, length_sec: float) -> Iterator[str]:
    """Times that no quote stands for: of chapters and of terms."""
    content = artifact["content"]
    if artifact["artifactType"] == "outline":
        for path, node in _nodes(content["nodes"], "node"):
            inner = [c for point in node["points"] for c in point["citations"]] + node["children"]
            if not inner:
                yield f"{path}: a chapter without anything in it"
            elif not (
                0 <= node["startSec"] <= min(part["startSec"] for part in inner)
                and max(part["endSec"] for part in inner) <= node["endSec"]
                and node["endSec"] <= length_sec + ROUNDING_SEC
            ):
                yield f"{path}: its time is not that of what it holds"
    if artifact["artifactType"] == "key-terms":
        for n, term in enumerate(content["terms"]):
            if not 0 <= term["firstSaidSec"] <= length_sec:
                yield f"term {n}: first said outside the lecture"


def _words(text: str) -> tuple[str, ...]:
    """Runs of letters, their marks, and digits, whatever case or width they are written in."""
    plain = unicodedata.normalize("NFKC", _APOSTROPHES.sub("", text)).casefold()
    kept = (c if unicodedata.category(c)[0] in "LMN" else " " for c in plain)
    return tuple("".join(kept).split())

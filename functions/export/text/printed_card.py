"""Flashcards for paper: what is asked, and what the answer is."""

from dataclasses import dataclass

from shared.documents import cloze
from shared.documents.artifacts import Citation, Flashcard

BLANK = "\u2026\u2026\u2026"


@dataclass(frozen=True)
class PrintedCard:
    front: str
    back: str
    citations: tuple[Citation, ...]


def printed(card: Flashcard) -> PrintedCard:
    if card.kind == "basic":
        return PrintedCard(card.front, card.back, card.citations)
    parts = cloze.parse(card.front)
    front = "".join(part if isinstance(part, str) else _blank(part) for part in parts)
    answers = dict.fromkeys(part.answer for part in parts if not isinstance(part, str))
    back = "\n".join(filter(None, ("; ".join(answers), card.back)))
    return PrintedCard(front, back, card.citations)


def _blank(deletion: cloze.Deletion) -> str:
    return f"{BLANK} ({deletion.hint})" if deletion.hint else BLANK

"""Whether an item is about what its quotes come from.

A verbatim quote proves nothing for a sentence about something else. A paraphrase of the
lecture still uses some of its words; so an item that shares hardly any with what was said
around its quotes is not from there. It is a lower bound, not a proof: it does not decide
whether a paraphrase is right.
"""

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from functions.generate.drafts import Item, Overview
from functions.generate.text.language import Language
from shared.documents.artifacts import (
    Bullet,
    Citation,
    ExamQuestion,
    Flashcard,
    KeyTerm,
    OutlinePoint,
)
from shared.documents.transcript import Transcript

AROUND_SEC = 60.0
"""How far from a quote its words may come from: a passage on one idea."""
SHARE = 0.25
"""Least part of an item's content words (stems) that must be said there. Items of language
models that were right had half and more; invented ones about other things next to none."""
FEWEST_WORDS = 4
"""An item of fewer content words may well have found others for all of them."""
_QUOTED = re.compile(r"“([^”]+)”|„([^“”]+)[“”]|«([^»]+)»")
WITHOUT_SPACES = frozenset({"zh", "yue", "ja", "th", "lo", "my", "km", "bo"})
"""Languages written without spaces between words: there are no words to compare."""


class Surroundings:
    """The stems said around a time, looked up without reading the transcript through."""

    def __init__(self, transcript: Transcript, language: Language) -> None:
        self._language = language
        self._judges = transcript.language not in WITHOUT_SPACES
        said = [
            (utterance.start_sec, utterance.end_sec, frozenset(language.stems(utterance.text)))
            for utterance in transcript.utterances
        ]
        self._starts = [start for start, _, _ in said]
        self._ends = [end for _, end, _ in said]
        self._stems = [stems for _, _, stems in said]

    def supports(self, item: Item, citations: Sequence[Citation]) -> bool:
        wanted = set(self._language.content_stems(_said_by(item)))
        if not self._judges or len(wanted) < FEWEST_WORDS:
            return True
        near = self._near(citations)
        return len(wanted & near) >= SHARE * len(wanted)

    def _near(self, citations: Sequence[Citation]) -> set[str]:
        near: set[str] = set()
        for citation in citations:
            first = bisect_left(self._ends, citation.start_sec - AROUND_SEC)
            last = bisect_right(self._starts, citation.end_sec + AROUND_SEC)
            near.update(*self._stems[first:last])
        return near


def _said_by(item: Item) -> str:
    """What the item claims of the lecture."""
    match item:
        case Bullet(role="support" | "counterargument" | "critique" | "question"):
            # It asks about a statement that it quotes; the other words are the question's.
            quoted = (part for found in _QUOTED.findall(item.text) for part in found)
            return " ".join(quoted).strip() or item.text
        case Overview() | Bullet() | OutlinePoint():
            return item.text
        case KeyTerm():
            return f"{item.term} {item.definition}"
        case Flashcard():
            front = item.front.replace("{{c1::", " ").replace("}}", " ")
            return f"{front} {item.back}"
        case ExamQuestion():
            return f"{item.question} {item.answer} {' '.join(item.options)}"

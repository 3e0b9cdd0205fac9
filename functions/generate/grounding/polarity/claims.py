"""What an item claims of the lecture, sentence by sentence, and in which way."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from functions.generate.drafts import Item, Overview
from functions.generate.grounding.limits import SENTENCE_END
from functions.generate.text.cutting import SENTENCE_ENDS
from functions.generate.text.lexicon import TAKING_BACK, Words
from functions.generate.text.words import tokens
from shared.documents.artifacts import Bullet, ExamQuestion, Flashcard, KeyTerm, OutlinePoint

SHORT_ANSWER_WORDS = 8
"""A shorter answer says something only together with its question."""
FEWEST_WORDS = 3
CLAIMING_TITLE_WORDS = 6
"""A shorter title mostly names a subject ("Locks and critical sections")."""
_CLOZE = re.compile(r"\{\{c\d+::(.*?)(?:::[^}]*)?\}\}")
_GAP = re.compile(r"_{2,}")
_QUOTED = re.compile(r"“([^”]+)”|„([^“]+)“|«([^»]+)»|\"([^\"]+)\"")
_QUESTION = re.compile(r"[?？؟][\"'”’»)\]]*$")
_REPLY = re.compile(r"^\W*([\w'’ ]+?)\s*(?:[,.;:!–—-]|$)\s*")


class Manner(Enum):
    STATED = "it is so"
    PART = "question and answer together say that it is so"
    NAMED = "it is what was spoken of"
    ASKED = "it may or may not be so"
    DENIED = "it is not so"


@dataclass(frozen=True)
class Claim:
    text: str
    manner: Manner
    answer: str = ""
    """What of it answers a question."""
    in_question: bool = False
    """It stands in a text that asks."""


class Claims:
    """Reads items in one language."""

    def __init__(self, words: Words) -> None:
        self._words = words
        self._lexicon = words.lexicon

    def of(self, item: Item) -> Iterator[Claim]:
        match item:
            case Overview() | Bullet() | OutlinePoint():
                yield from self.stated(item.text)
            case KeyTerm():
                yield from self.stated(item.definition)
                yield from self.stated(item.example or "")
            case Flashcard(kind="cloze"):
                yield from self.stated(_CLOZE.sub(r"\1", item.front))
                yield from self.stated(item.back)
            case Flashcard():
                yield from self._answered(item.front, item.back)
            case ExamQuestion():
                yield from self._question(item)
                yield from self.stated(_without_terms(item.explanation))
                for point in item.marking_points:
                    yield from self.stated(point)

    def stated(self, text: str) -> Iterator[Claim]:
        """A text that is no answer. What it asks is no claim, unless it takes it for granted."""
        for sentence in _sentences(text):
            asked = is_question(sentence) and not _begins(sentence, self._lexicon.why)
            manner = Manner.ASKED if asked else Manner.STATED
            yield Claim(sentence, manner, in_question=is_question(text))

    def named(self, title: str) -> Iterator[Claim]:
        manner = Manner.PART if len(tokens(title)) >= CLAIMING_TITLE_WORDS else Manner.NAMED
        yield Claim(title, manner)

    def _question(self, item: ExamQuestion) -> Iterator[Claim]:
        match item.kind:
            case "true-false":
                manner = Manner.STATED if item.answer == "True" else Manner.DENIED
                fewest = FEWEST_WORDS if manner is Manner.STATED else 1
                for sentence in _sentences(item.question, fewest):
                    yield Claim(sentence, manner)
            case "multiple-choice" | "short-answer" if _GAP.search(item.question):
                yield from self.stated(_GAP.sub(lambda _: item.answer, item.question))
            case "multiple-choice" if self._words.has_any(tokens(item.question), TAKING_BACK):
                # "Which of these is false?": the answer is what was not said.
                yield from self.stated(item.question)
            case "essay":
                yield Claim(item.question, Manner.ASKED)
                yield from self.stated(item.answer)
            case _:
                yield from self._answered(item.question, item.answer)

    def _answered(self, question: str, answer: str) -> Iterator[Claim]:
        yield from self.stated(question)
        reply = _REPLY.match(answer)
        word = " ".join(tokens(reply[1])) if reply else ""
        if reply and word in (*self._lexicon.yes, *self._lexicon.no):
            for sentence in _sentences(question):
                if is_question(sentence):
                    manner = Manner.PART if word in self._lexicon.yes else Manner.DENIED
                    yield Claim(sentence, manner)
            yield from self.stated(answer[reply.end() :])
        elif len(tokens(answer)) < SHORT_ANSWER_WORDS:
            yield Claim(f"{question.rstrip(' ?？؟')} {answer}", Manner.PART, answer)
        else:
            yield from self.stated(answer)


def is_question(text: str) -> bool:
    return bool(_QUESTION.search(text))


def _sentences(text: str, fewest: int = FEWEST_WORDS) -> Iterator[str]:
    """Whole sentences that are quoted in it, then those of the rest, quoted terms included."""
    for match in _QUOTED.finditer(text):
        if _is_sentence(match):
            yield from _sentences(_inside(match))
            text = text.replace(match.group(), " ", 1)
    pending = ""
    for piece in SENTENCE_END.split(text):
        pending = f"{pending} {piece}".strip()
        if not _is_open(pending):
            if len(tokens(pending)) >= fewest:
                yield pending
            pending = ""
    if len(tokens(pending)) >= fewest:
        yield pending


def _is_open(text: str) -> bool:
    """A full stop within quotation marks ("“J. Watson”") ends no sentence."""
    # German closes with the sign that English opens with.
    low = "„" in text
    opened, closed = ("„", "“") if low else ("“", "”")
    return text.count(opened) > text.count(closed) or text.count("«") > text.count("»")


def _without_terms(explanation: str) -> str:
    """Without the terms that it sets against each other: "… “upward”, not “downward”"."""
    return _QUOTED.sub(lambda m: m.group() if _is_sentence(m) else " ", explanation)


def _is_sentence(quoted: re.Match[str]) -> bool:
    return _inside(quoted)[-1:] in SENTENCE_ENDS


def _inside(quoted: re.Match[str]) -> str:
    inside: str = next(filter(None, quoted.groups()))
    return inside.strip()


def _begins(sentence: str, phrases: tuple[str, ...]) -> bool:
    return f"{' '.join(tokens(sentence))} ".startswith(tuple(f"{phrase} " for phrase in phrases))

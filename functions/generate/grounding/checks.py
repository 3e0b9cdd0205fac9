"""Whether a card or a question is whole in itself, whatever it quotes."""

from functions.generate.text.words import tokens
from shared.documents import cloze
from shared.documents.artifacts import ExamQuestion, Flashcard


def gist(text: str) -> tuple[str, ...]:
    """Two questions of the same words ask the same, in whatever order."""
    return tuple(sorted(tokens(text)))


def is_sound_card(card: Flashcard) -> bool:
    """A cloze card hides words that do not all stand beside the gap; a basic card has an answer
    that its question does not give away."""
    if card.kind == "cloze":
        parts = cloze.parse(card.front)
        gaps = [part.answer for part in parts if isinstance(part, cloze.Deletion)]
        hidden = {norm for gap in gaps for norm in tokens(gap)}
        shown = {norm for part in parts if isinstance(part, str) for norm in tokens(part)}
        return "{{c1::" in card.front and bool(hidden and shown and hidden - shown)
    front, back = tokens(card.front), tokens(card.back)
    return bool(front and back) and f" {' '.join(back)} " not in f" {' '.join(front)} "


def is_sound_question(question: ExamQuestion) -> bool:
    """A multiple-choice question has its answer among different options exactly once; no
    other kind has options."""
    if not tokens(question.question) or not question.answer.strip():
        return False
    if question.kind == "multiple-choice":
        options = [_said(option) for option in question.options]
        distinct = len({*options} - {""}) == len(options) >= 2
        return distinct and question.options.count(question.answer) == 1
    if question.kind == "true-false":
        return question.answer in {"True", "False"} and not question.options
    return not question.options


def _said(option: str) -> str:
    """What an option says, be it of one thing or several: beside "cells", "cell" is no other
    answer."""
    words = (word.removesuffix("s") if word.isalpha() else word for word in tokens(option))
    return " ".join(words) or option.strip()

"""What the PDF's template is given: a lecture as JSON values, its text cleaned."""

import json
from dataclasses import asdict
from typing import Any

from functions.export.document import LectureDocument, Marked
from functions.export.formats.pdf.coverage import drawable
from functions.export.formats.pdf.line_breaks import breakable
from functions.export.formats.pdf.typography import typography
from functions.export.text.facts import facts, notes
from functions.export.text.printed_card import printed
from functions.export.text.questions import QUESTION_KINDS, answer_letter, option_letter
from functions.export.text.roles import role_label
from shared.documents.artifacts import ExamQuestion, Flashcard, KeyTerm, SummaryContent
from shared.text import lines, one_line

_TITLES = frozenset({"title", "lecture_title"})
_LONGEST_WORD = 36
"""Characters; a longer word may not fit half the page's width and may break inside."""
_LONGEST_TERM_WORD = 20
"""The same for the narrow column of terms, and for large type."""
_LONGEST_HEADER = 50
"""Characters that fit on one line in small type, however wide they are."""


def booklet(document: LectureDocument) -> dict[str, Any]:
    """Ready for `json.dumps`; read by `template.typ` alone."""
    material = document.material
    content = {
        "course": document.course,
        "facts": " · ".join(facts(document)),
        "notes": notes(document),
        "summary": _summary(material.summary.content),
        "outline": [node.model_dump() for node in material.outline.content.nodes],
        "marks": [_mark(each) for each in document.marked],
        "terms": [_term(term) for term in material.key_terms.content.terms],
        "cards": [_card(card) for card in material.flashcards.content.cards],
        "questions": [_question(each) for each in material.exam_questions.content.questions],
        "threads": [thread.model_dump(mode="json") for thread in document.threads],
    }
    title = one_line(document.title)
    setting = typography(document.language, title + json.dumps(content, ensure_ascii=False))
    square = setting.script == "square"
    text = _cleaned(content, square=square)
    written = title + json.dumps(text, ensure_ascii=False)
    return {
        "title": breakable(title, longest=_LONGEST_TERM_WORD, square=square),
        "plain_title": title,
        "running_title": title if len(title) <= _LONGEST_HEADER else f"{title[:_LONGEST_HEADER]}…",
        "beyond_fonts": not drawable().issuperset(written),
        "typography": asdict(setting),
        **text,
    }


def _summary(summary: SummaryContent) -> dict[str, Any]:
    content = summary.model_dump()
    for section, shown in zip(summary.sections, content["sections"], strict=True):
        for bullet, line in zip(section.bullets, shown["bullets"], strict=True):
            line["role"] = role_label(bullet)
    return content


def _mark(marked: Marked) -> dict[str, Any]:
    return {
        "at_sec": marked.mark.at_sec,
        "label": one_line(marked.mark.label or ""),
        "words": one_line(marked.words),
    }


def _term(term: KeyTerm) -> dict[str, Any]:
    return {
        **term.model_dump(include={"definition", "example", "first_said_sec", "citations"}),
        "term": one_line(term.term),
    }


def _card(card: Flashcard) -> dict[str, Any]:
    on_paper = printed(card)
    return {
        "front": on_paper.front,
        "back": on_paper.back,
        "start_sec": on_paper.citations[0].start_sec if on_paper.citations else None,
    }


def _question(question: ExamQuestion) -> dict[str, Any]:
    return {
        **question.model_dump(exclude={"thread_ref"}),
        "kind": QUESTION_KINDS[question.kind],
        "letters": [option_letter(index) for index in range(len(question.options))],
        "answer_letter": answer_letter(question),
    }


def _cleaned(value: Any, *, square: bool, longest: int = _LONGEST_WORD) -> Any:
    match value:
        case str():
            parts = lines(value)
            return "\n".join(breakable(line, longest=longest, square=square) for line in parts)
        case dict():
            return {
                key: _cleaned(
                    one_line(inner) if key in _TITLES else inner,
                    square=square,
                    longest=_LONGEST_TERM_WORD if key == "term" else longest,
                )
                for key, inner in value.items()
            }
        case list() | tuple():
            return [_cleaned(inner, square=square, longest=longest) for inner in value]
        case _:
            return value

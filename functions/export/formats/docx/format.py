"""Study notes as a Word document (.docx), to write in and to hand on."""

from collections.abc import Iterable

from functions.export.document import CourseThread, LectureDocument, Marked
from functions.export.formats.docx.word import WordDocument
from functions.export.text.clock import clock
from functions.export.text.facts import facts, notes
from functions.export.text.file_names import file_name
from functions.export.text.printed_card import printed
from functions.export.text.questions import QUESTION_KINDS, answer_letter, option_letter
from functions.export.text.roles import role_label
from shared.documents.artifacts import (
    Citation,
    ExamQuestion,
    Flashcard,
    KeyTerm,
    OutlineNode,
    SummaryContent,
)


class DocxFormat:
    type = "docx"
    content_type = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    needs_transcript = False

    def file_name(self, document: LectureDocument) -> str:
        return file_name(document, "docx")

    def render(self, document: LectureDocument) -> bytes:
        material = document.material
        questions = material.exam_questions.content.questions
        word = WordDocument(
            title=document.title, language=document.language, modified=document.modified
        )
        word.title(document.title)
        word.paragraph(" · ".join((document.course, *facts(document))))
        for note in notes(document):
            word.paragraph(note, bold="Note:")
        _summary(word, material.summary.content)
        word.heading("Outline", 1)
        _outline(word, material.outline.content.nodes)
        _marks(word, document.marked)
        _terms(word, material.key_terms.content.terms)
        _cards(word, material.flashcards.content.cards)
        _questions(word, questions)
        _answers(word, questions)
        _threads(word, document.threads)
        return word.to_bytes()


def _times(citations: Iterable[Citation]) -> str:
    return " ".join(dict.fromkeys(f"[{clock(citation.start_sec)}]" for citation in citations))


def _summary(word: WordDocument, summary: SummaryContent) -> None:
    word.heading("Summary", 1)
    word.paragraph(summary.overview, note=_times(summary.overview_citations))
    for section in summary.sections:
        word.heading(section.title, 2)
        for bullet in section.bullets:
            word.item(bullet.text, bold=role_label(bullet), note=_times(bullet.citations))
    if summary.announcements:
        word.heading("Announcements", 2)
        for each in summary.announcements:
            word.item(each.text, note=_times(each.citations))


def _outline(word: WordDocument, nodes: Iterable[OutlineNode], depth: int = 1) -> None:
    for node in nodes:
        word.item("", bold=node.title, depth=depth, note=f"[{clock(node.start_sec)}]")
        for point in node.points:
            word.item(point.text, depth=depth + 1, note=_times(point.citations[:1]))
        _outline(word, node.children, depth + 1)


def _marks(word: WordDocument, marks: Iterable[Marked]) -> None:
    for number, each in enumerate(marks):
        if not number:
            word.heading("Marked moments", 1)
        label = f"★ {each.mark.label or ''}".rstrip()
        word.item(each.words, bold=label, note=f"[{clock(each.mark.at_sec)}]")


def _terms(word: WordDocument, terms: Iterable[KeyTerm]) -> None:
    rows = [
        (
            term.term,
            "\n".join(filter(None, (term.definition, term.example and f"({term.example})"))),
            "" if term.first_said_sec is None else clock(term.first_said_sec),
        )
        for term in terms
    ]
    if rows:
        word.heading("Key terms", 1)
        word.table((("Term", 4), ("Meaning", 10.2), ("First said", 2.4)), rows)


def _cards(word: WordDocument, cards: Iterable[Flashcard]) -> None:
    on_paper = [printed(card) for card in cards]
    if on_paper:
        word.heading("Flashcards", 1)
        word.table(
            (("Question", 8), ("Answer", 6.2), ("Said at", 2.4)),
            [(card.front, card.back, _times(card.citations)) for card in on_paper],
        )


def _questions(word: WordDocument, questions: Iterable[ExamQuestion]) -> None:
    for number, question in enumerate(questions, start=1):
        if number == 1:
            word.heading("Exam questions", 1, on_new_page=True)
        word.paragraph(
            question.question, bold=f"{number}.", note=f"({QUESTION_KINDS[question.kind]})"
        )
        for index, option in enumerate(question.options):
            word.option(option, bold=f"{option_letter(index)})")


def _answers(word: WordDocument, questions: Iterable[ExamQuestion]) -> None:
    for number, question in enumerate(questions, start=1):
        if number == 1:
            word.heading("Answers", 1, on_new_page=True)
        letter = answer_letter(question)
        word.paragraph(
            f"{letter}) {question.answer}" if letter else question.answer,
            bold=f"{number}.",
            note=_times(question.citations),
        )
        word.paragraph(question.explanation)
        for point in question.marking_points:
            word.item(point)


def _threads(word: WordDocument, threads: Iterable[CourseThread]) -> None:
    for number, thread in enumerate(threads):
        if not number:
            word.heading("Threads through the course", 1)
        word.heading(thread.title, 2)
        word.paragraph(thread.description)
        for said in thread.occurrences:
            word.item(said.quote, note=f"{said.lecture_title} [{clock(said.start_sec)}]")
        for update in thread.updates:
            word.item(update.summary, bold=f"{update.change.value}:", note=update.lecture_title)

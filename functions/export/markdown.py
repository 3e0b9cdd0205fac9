"""Study notes as CommonMark."""

from collections.abc import Iterable

from functions.export.clock import clock
from functions.export.commonmark import flow, inline, item, sentence, strong
from functions.export.document import CourseThread, LectureDocument
from functions.export.facts import facts
from functions.export.file_names import file_name
from functions.export.printed_card import printed
from functions.export.questions import QUESTION_KINDS, answer_letter, option_letter
from functions.export.roles import role_label
from shared.artifacts import (
    Citation,
    ExamQuestion,
    Flashcard,
    KeyTerm,
    OutlineNode,
    SummaryContent,
)


class MarkdownFormat:
    type = "markdown"
    content_type = "text/markdown; charset=utf-8"

    def file_name(self, document: LectureDocument) -> str:
        return file_name(document, "md")

    def render(self, document: LectureDocument) -> bytes:
        material = document.material
        questions = material.exam_questions.content.questions
        blocks = [
            f"# {inline(document.title)}",
            " · ".join(inline(fact) for fact in (document.course, *facts(document))),
            "## Summary",
            *_summary(material.summary.content),
            *_section("Outline", _outline(material.outline.content.nodes)),
            *_section("Key terms", *map(_term, material.key_terms.content.terms)),
            *_section("Flashcards", *_numbered(map(_card, material.flashcards.content.cards))),
            *_section("Exam questions", *_numbered(map(_question, questions))),
            *_section("Answers", *_numbered(map(_answer, questions))),
            *_section("Threads through the course", *map(_thread, document.threads)),
        ]
        return ("\n\n".join(block for block in blocks if block) + "\n").encode()


def _section(title: str, *blocks: str) -> tuple[str, ...]:
    return (f"## {title}", *blocks) if any(blocks) else ()


def _numbered(items: Iterable[tuple[str, ...]]) -> list[str]:
    return [item(f"{number}.", *blocks) for number, blocks in enumerate(items, start=1)]


def _times(citations: Iterable[Citation]) -> str:
    return " ".join(dict.fromkeys(f"[{clock(citation.start_sec)}]" for citation in citations))


def _quotes(citations: Iterable[Citation]) -> str:
    """Each quote with its time, as a block quotation."""
    said = (
        sentence(f"[{clock(citation.start_sec)}]", inline(citation.quote)) for citation in citations
    )
    return "\n>\n".join(f"> {quote}" for quote in said)


def _summary(summary: SummaryContent) -> list[str]:
    blocks = [sentence(flow(summary.overview), _times(summary.overview_citations))]
    for section in summary.sections:
        blocks.append(f"### {inline(section.title)}")
        blocks.append(
            "\n".join(
                item(
                    "-",
                    sentence(
                        strong(role_label(bullet)), flow(bullet.text), _times(bullet.citations)
                    ),
                )
                for bullet in section.bullets
            )
        )
    return blocks


def _outline(nodes: Iterable[OutlineNode]) -> str:
    return "\n".join(
        item(
            "-",
            sentence(f"[{clock(node.start_sec)}]", strong(node.title)),
            "\n".join(
                item("-", sentence(_times(point.citations[:1]), flow(point.text)))
                for point in node.points
            ),
            _outline(node.children),
            tight=True,
        )
        for node in nodes
    )


def _term(term: KeyTerm) -> str:
    example = sentence("*Example:*", flow(term.example)) if term.example else ""
    return item(
        "-",
        sentence(strong(term.term), f"[{clock(term.first_said_sec)}]"),
        flow(term.definition),
        example,
        _quotes(term.citations),
    )


def _card(card: Flashcard) -> tuple[str, ...]:
    on_paper = printed(card)
    return (
        flow(on_paper.front),
        sentence("*Answer:*", flow(on_paper.back), _times(on_paper.citations)),
    )


def _question(question: ExamQuestion) -> tuple[str, ...]:
    options = "\n".join(
        item("-", sentence(f"{option_letter(index)})", inline(option)))
        for index, option in enumerate(question.options)
    )
    return (sentence(flow(question.question), f"*({QUESTION_KINDS[question.kind]})*"), options)


def _answer(question: ExamQuestion) -> tuple[str, ...]:
    letter = answer_letter(question)
    return (
        sentence(f"{letter})" if letter else "", flow(question.answer)),
        flow(question.explanation),
        "\n".join(item("-", flow(point)) for point in question.marking_points),
        _quotes(question.citations),
    )


def _thread(thread: CourseThread) -> str:
    said = "\n".join(
        item(
            "-",
            sentence(
                f"[{clock(found.start_sec)}]", inline(found.lecture_title), "—", inline(found.quote)
            ),
        )
        for found in thread.occurrences
    )
    changes = "\n".join(
        item(
            "*",  # another marker: another list
            sentence(f"*{update.change.value}*,", inline(update.lecture_title), "—"),
            flow(update.summary),
            tight=True,
        )
        for update in thread.updates
    )
    blocks = (f"### {inline(thread.title)}", flow(thread.description), said, changes)
    return "\n\n".join(block for block in blocks if block)

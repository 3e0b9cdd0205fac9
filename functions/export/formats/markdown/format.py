"""Study notes as CommonMark."""

from collections.abc import Iterable

from functions.export.document import CourseThread, LectureDocument, Marked
from functions.export.formats.markdown.chapter_links import ChapterLinks
from functions.export.formats.markdown.commonmark import flow, inline, item, sentence, strong
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


class MarkdownFormat:
    type = "markdown"
    content_type = "text/markdown; charset=utf-8"
    needs_transcript = False

    def file_name(self, document: LectureDocument) -> str:
        return file_name(document, "md")

    def render(self, document: LectureDocument) -> bytes:
        material = document.material
        chapters = material.outline.content.nodes
        links = ChapterLinks(chapters)
        terms = material.key_terms.content.terms
        cards = material.flashcards.content.cards
        questions = material.exam_questions.content.questions
        blocks = [
            f"# {inline(document.title)}",
            " · ".join(inline(fact) for fact in (document.course, *facts(document))),
            "\n>\n".join(f"> **Note:** {inline(note)}" for note in notes(document)),
            "## Summary",
            *_summary(material.summary.content, links),
            *_section("Outline", _outline(chapters, links, top=True)),
            *_section("Marked moments", "\n".join(_mark(each, links) for each in document.marked)),
            *_section("Key terms", *(_term(each, links) for each in terms)),
            *_section("Flashcards", *_numbered(_card(each, links) for each in cards)),
            *_section("Exam questions", *_numbered(map(_question, questions))),
            *_section("Answers", *_numbered(_answer(each, links) for each in questions)),
            *_section("Threads through the course", *map(_thread, document.threads)),
        ]
        return ("\n\n".join(block for block in blocks if block) + "\n").encode()


def _section(title: str, *blocks: str) -> tuple[str, ...]:
    return (f"## {title}", *blocks) if any(blocks) else ()


def _numbered(items: Iterable[tuple[str, ...]]) -> list[str]:
    return [item(f"{number}.", *blocks) for number, blocks in enumerate(items, start=1)]


def _quotes(citations: Iterable[Citation], links: ChapterLinks) -> str:
    """Each quote with its time, as a block quotation."""
    said = (
        sentence(links.time(citation.start_sec), inline(citation.quote)) for citation in citations
    )
    return "\n>\n".join(f"> {quote}" for quote in said)


def _summary(summary: SummaryContent, links: ChapterLinks) -> list[str]:
    blocks = [sentence(flow(summary.overview), links.times(summary.overview_citations))]
    for section in summary.sections:
        blocks.append(f"### {inline(section.title)}")
        blocks.append(
            "\n".join(
                item(
                    "-",
                    sentence(
                        strong(role_label(bullet)), flow(bullet.text), links.times(bullet.citations)
                    ),
                )
                for bullet in section.bullets
            )
        )
    if summary.announcements:
        blocks.append("### Announcements")
        blocks.append(
            "\n".join(
                item("-", sentence(flow(each.text), links.times(each.citations)))
                for each in summary.announcements
            )
        )
    return blocks


def _outline(nodes: Iterable[OutlineNode], links: ChapterLinks, *, top: bool = False) -> str:
    return "\n".join(
        item(
            "-",
            sentence(
                links.anchor(index) if top else "", links.time(node.start_sec), strong(node.title)
            ),
            "\n".join(
                item("-", sentence(links.times(point.citations[:1]), flow(point.text)))
                for point in node.points
            ),
            _outline(node.children, links),
            tight=True,
        )
        for index, node in enumerate(nodes)
    )


def _mark(marked: Marked, links: ChapterLinks) -> str:
    mark = marked.mark
    label = strong(mark.label) if mark.label else ""
    return item("-", sentence("★", links.time(mark.at_sec), label, inline(marked.words)))


def _term(term: KeyTerm, links: ChapterLinks) -> str:
    example = sentence("*Example:*", flow(term.example)) if term.example else ""
    return item(
        "-",
        sentence(
            strong(term.term),
            "" if term.first_said_sec is None else links.time(term.first_said_sec),
        ),
        flow(term.definition),
        example,
        _quotes(term.citations, links),
    )


def _card(card: Flashcard, links: ChapterLinks) -> tuple[str, ...]:
    on_paper = printed(card)
    return (
        flow(on_paper.front),
        sentence("*Answer:*", flow(on_paper.back), links.times(on_paper.citations)),
    )


def _question(question: ExamQuestion) -> tuple[str, ...]:
    options = "\n".join(
        item("-", sentence(f"{option_letter(index)})", inline(option)))
        for index, option in enumerate(question.options)
    )
    return (sentence(flow(question.question), f"*({QUESTION_KINDS[question.kind]})*"), options)


def _answer(question: ExamQuestion, links: ChapterLinks) -> tuple[str, ...]:
    letter = answer_letter(question)
    return (
        sentence(f"{letter})" if letter else "", flow(question.answer)),
        flow(question.explanation),
        "\n".join(item("-", flow(point)) for point in question.marking_points),
        _quotes(question.citations, links),
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

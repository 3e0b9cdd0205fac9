"""Whatever a provider wrote, only what quotes the lecture goes further."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from functions.generate.checks import is_sound_card, is_sound_question
from functions.generate.provider import Concept, Contents, Cost, Draft
from functions.generate.quotes import SpokenWords
from shared.artifacts import (
    ArtifactType,
    Bullet,
    Citation,
    ExamQuestionsContent,
    FlashcardsContent,
    Grounding,
    KeyTermsContent,
    OutlineContent,
    OutlineNode,
    OutlinePoint,
    SummaryContent,
    SummarySection,
)
from shared.errors import GenerationInvalidError
from shared.transcript import Transcript


@dataclass(frozen=True)
class GroundedDraft:
    contents: Contents
    concepts: tuple[Concept, ...]
    grounding: Mapping[ArtifactType, Grounding]
    cost: Cost


def ground(draft: Draft, transcript: Transcript) -> GroundedDraft:
    """Check every quote of a draft against the transcript.

    A misplaced or slightly wrong quote is replaced by the very words and times; an item
    none of whose quotes was said, or that is broken in itself, is dropped.

    Raises GenerationInvalidError if an artifact loses all its items.
    """
    spoken = SpokenWords(transcript)
    tallies = {kind: _Tally(kind, spoken) for kind in ArtifactType}
    contents = Contents(
        summary=_summary(draft.contents.summary, tallies[ArtifactType.SUMMARY]),
        outline=_outline(draft.contents.outline, tallies[ArtifactType.OUTLINE]),
        key_terms=_key_terms(draft.contents.key_terms, tallies[ArtifactType.KEY_TERMS]),
        flashcards=_flashcards(draft.contents.flashcards, tallies[ArtifactType.FLASHCARDS]),
        exam_questions=_questions(
            draft.contents.exam_questions, tallies[ArtifactType.EXAM_QUESTIONS]
        ),
    )
    return GroundedDraft(
        contents,
        tuple(_concepts(draft.concepts, spoken)),
        {kind: tally.result() for kind, tally in tallies.items()},
        draft.cost,
    )


class _Tally:
    """Checks the items of one artifact and counts how they fare."""

    def __init__(self, kind: ArtifactType, spoken: SpokenWords) -> None:
        self._kind = kind
        self._spoken = spoken
        self._verified = self._repaired = self._dropped = 0

    def check(self, citations: Sequence[Citation], *, sound: bool = True) -> tuple[Citation, ...]:
        """Count one item; its citations as they were said, empty if it is to be dropped."""
        found, repaired = _check(citations, self._spoken)
        if not sound or not found:
            self._dropped += 1
            return ()
        if repaired:
            self._repaired += 1
        else:
            self._verified += 1
        return found

    def span(
        self, start_sec: float, end_sec: float, inner: Sequence[tuple[float, float]]
    ) -> tuple[float, float]:
        """A chapter's span: within the lecture, and around all it holds."""
        low, high = (min(max(sec, 0.0), self._spoken.duration_sec) for sec in (start_sec, end_sec))
        starts, ends = zip(*inner, strict=True)
        return min(low, *starts), max(high, *ends)

    def result(self) -> Grounding:
        kept = self._verified + self._repaired
        if not kept:
            raise GenerationInvalidError(
                f"{self._kind}: none of {self._dropped} items quotes the lecture"
            )
        return Grounding(
            items=kept + self._dropped,
            verified=self._verified,
            repaired=self._repaired,
            dropped=self._dropped,
        )


def _check(citations: Sequence[Citation], spoken: SpokenWords) -> tuple[tuple[Citation, ...], bool]:
    """The citations that hold, none twice, and whether anything had to change."""
    found = [spoken.find(citation) for citation in citations]
    kept = tuple(dict.fromkeys(hit.citation for hit in found if hit))
    return kept, not all(hit and hit.is_as_claimed for hit in found)


def _summary(content: SummaryContent, tally: _Tally) -> SummaryContent:
    citations = tally.check(content.overview_citations, sound=bool(content.overview.strip()))
    sections = []
    for section in content.sections:
        bullets = tuple(
            Bullet(text=bullet.text, citations=found)
            for bullet in section.bullets
            if (found := tally.check(bullet.citations, sound=bool(bullet.text.strip())))
        )
        if bullets:
            sections.append(SummarySection(title=section.title, bullets=bullets))
    tally.result()
    if citations:
        overview = content.overview
    else:
        # An overview that nothing said supports gives way to the first point of each section.
        leads = [section.bullets[0] for section in sections]
        overview = " ".join(lead.text for lead in leads)
        citations = tuple(c for lead in leads for c in lead.citations)
    return SummaryContent(overview=overview, overview_citations=citations, sections=tuple(sections))


def _outline(content: OutlineContent, tally: _Tally) -> OutlineContent:
    nodes = tuple(node for each in content.nodes if (node := _node(each, tally)))
    tally.result()
    return OutlineContent(nodes=nodes)


def _node(node: OutlineNode, tally: _Tally) -> OutlineNode | None:
    points = tuple(
        OutlinePoint(text=point.text, citations=found)
        for point in node.points
        if (found := tally.check(point.citations, sound=bool(point.text.strip())))
    )
    children = tuple(child for each in node.children if (child := _node(each, tally)))
    inner = [(c.start_sec, c.end_sec) for point in points for c in point.citations]
    inner += [(child.start_sec, child.end_sec) for child in children]
    if not inner:
        return None
    start_sec, end_sec = tally.span(node.start_sec, node.end_sec, inner)
    return OutlineNode(
        title=node.title, start_sec=start_sec, end_sec=end_sec, points=points, children=children
    )


def _key_terms(content: KeyTermsContent, tally: _Tally) -> KeyTermsContent:
    terms = tuple(
        term.model_copy(update={"citations": found})
        for term in content.terms
        if (
            found := tally.check(
                term.citations, sound=bool(term.term.strip() and term.definition.strip())
            )
        )
    )
    tally.result()
    return KeyTermsContent(terms=terms)


def _flashcards(content: FlashcardsContent, tally: _Tally) -> FlashcardsContent:
    keys: set[str] = set()
    cards = []
    for card in content.cards:
        sound = is_sound_card(card) and card.key not in keys
        if found := tally.check(card.citations, sound=sound):
            keys.add(card.key)
            cards.append(card.model_copy(update={"citations": found}))
    tally.result()
    return FlashcardsContent(cards=tuple(cards))


def _questions(content: ExamQuestionsContent, tally: _Tally) -> ExamQuestionsContent:
    questions = tuple(
        question.model_copy(update={"citations": found})
        for question in content.questions
        if (found := tally.check(question.citations, sound=is_sound_question(question)))
    )
    tally.result()
    return ExamQuestionsContent(questions=questions)


def _concepts(concepts: Sequence[Concept], spoken: SpokenWords) -> Iterator[Concept]:
    for concept in concepts:
        evidence, _ = _check(concept.evidence, spoken)
        if evidence and concept.title.strip():
            yield replace(concept, evidence=evidence)

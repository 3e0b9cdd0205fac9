"""Parses a language model's answers into contents, with their evidence as times."""

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

from functions.generate.drafts import Change, Concept
from functions.generate.grounding.quotes import SpokenWords
from functions.generate.providers.base import GenerationRequest
from functions.generate.providers.language_model.wire import (
    Wire,
    WireBullet,
    WireCard,
    WireCards,
    WireChapter,
    WireConcept,
    WireConcepts,
    WireEvidence,
    WireOutline,
    WirePoint,
    WireQuestion,
    WireQuestions,
    WireSummary,
    WireTerm,
    WireTerms,
)
from functions.generate.text.words import tokens
from shared.documents.artifacts import (
    Bullet,
    Citation,
    ExamQuestion,
    ExamQuestionsContent,
    Flashcard,
    FlashcardsContent,
    KeyTerm,
    KeyTermsContent,
    OutlineContent,
    OutlineNode,
    OutlinePoint,
    SummaryContent,
    SummarySection,
)
from shared.documents.transcript import Transcript
from shared.presets import Preset

Written = TypeVar("Written", bound=Wire)


class FromWire:
    """Turns answers into contents; utterance ids become times. Whether the quotes were said
    is not asked here."""

    def __init__(self, request: GenerationRequest) -> None:
        self._preset: Preset = request.preset
        self._known = {thread.key for thread in request.known_threads}
        self._spans = _spans(request.transcript)
        self._spoken = SpokenWords(request.transcript)

    def summary(self, answer: WireSummary) -> SummaryContent:
        return SummaryContent(
            overview=answer.overview,
            overview_citations=self.cite(answer.overview_evidence),
            sections=tuple(
                SummarySection(
                    title=section.title,
                    bullets=self._in_roles(section.bullets)
                    if self._preset.section_roles
                    else tuple(
                        Bullet(text=bullet.text, citations=self.cite(bullet.evidence))
                        for bullet in section.bullets[: self._preset.bullets_per_section]
                    ),
                )
                for section in answer.sections[: self._preset.summary_sections]
            ),
        )

    def _in_roles(self, bullets: Sequence[WireBullet]) -> tuple[Bullet, ...]:
        """One bullet for each role, in order; an empty one stands for what is missing, so that
        it is found wanting and can be repaired from the same place."""
        by_role = {bullet.role: bullet for bullet in reversed(bullets)}
        evidence = bullets[0].evidence if bullets else []
        return tuple(
            self.bullet(by_role.get(role) or WireBullet(text="", evidence=evidence, role=role))
            for role in self._preset.section_roles
        )

    def bullet(self, bullet: WireBullet) -> Bullet:
        role = bullet.role if self._preset.section_roles else None
        return Bullet(text=bullet.text, citations=self.cite(bullet.evidence), role=role)

    def outline(self, answer: WireOutline) -> OutlineContent:
        nodes = self._nodes(answer.chapters, level=1)
        return OutlineContent(nodes=nodes[: self._preset.summary_sections])

    def _nodes(self, chapters: Sequence[WireChapter], level: int) -> tuple[OutlineNode, ...]:
        """The chapters of this level, each with those behind it that are deeper."""
        firsts = [at for at, each in enumerate(chapters) if not at or each.level <= level]
        runs = [chapters[a:b] for a, b in itertools.pairwise([*firsts, len(chapters)])]
        nodes = [
            self._deepest(run)
            if level == self._preset.outline_depth
            else self._node(run[0].title, run[0].points, self._nodes(run[1:], level + 1))
            for run in runs
        ]
        return tuple(node for node in nodes if node.points or node.children)

    def _deepest(self, run: Sequence[WireChapter]) -> OutlineNode:
        """As deep as the preset goes: what is deeper adds its points."""
        return self._node(run[0].title, [point for each in run for point in each.points])

    def _node(
        self, title: str, points: Sequence[WirePoint], children: tuple[OutlineNode, ...] = ()
    ) -> OutlineNode:
        kept = tuple(
            OutlinePoint(text=point.text, citations=self.cite(point.evidence))
            for point in points[: self._preset.bullets_per_section]
        )
        spans = [(c.start_sec, c.end_sec) for point in kept for c in point.citations]
        spans += [(child.start_sec, child.end_sec) for child in children]
        return OutlineNode(
            title=title,
            start_sec=min((start for start, _ in spans), default=0.0),
            end_sec=max((end for _, end in spans), default=0.0),
            points=kept,
            children=children,
        )

    def key_terms(self, answer: WireTerms) -> KeyTermsContent:
        wanted = _distinct(answer.terms)[: self._preset.key_terms]
        return KeyTermsContent(terms=tuple(self.key_term(each) for each in wanted))

    def key_term(self, each: WireTerm) -> KeyTerm:
        citations = self.cite(each.evidence)
        said_sec = self._spoken.first_said_sec(each.term)
        return KeyTerm(
            term=each.term,
            definition=each.definition,
            example=each.example,
            first_said_sec=citations[0].start_sec if said_sec is None else said_sec,
            citations=citations,
        )

    def flashcards(self, answer: WireCards) -> FlashcardsContent:
        uses: Counter[str] = Counter()
        cards = []
        for each in _distinct(answer.cards)[: self._preset.flashcards]:
            card = self.flashcard(each)
            uses[card.key] += 1
            if (use := uses[card.key]) > 1:
                card = card.model_copy(update={"key": f"{card.key}:{use}"})
            cards.append(card)
        return FlashcardsContent(cards=tuple(cards))

    def flashcard(self, card: WireCard) -> Flashcard:
        return Flashcard(
            key=f"{card.kind}:{' '.join(tokens(card.about))}",
            kind=card.kind,
            front=card.front,
            back=card.back,
            difficulty=card.difficulty,
            tags=tuple(filter(None, ["-".join(tokens(card.about))])),
            citations=self.cite(card.evidence),
        )

    def exam_questions(self, answer: WireQuestions) -> ExamQuestionsContent:
        left = dict(self._preset.question_counts)
        questions = []
        for each in _distinct(answer.questions):
            if left.get(each.kind, 0) < 1:
                continue
            left[each.kind] -= 1
            questions.append(self.exam_question(each))
        return ExamQuestionsContent(questions=tuple(questions))

    def exam_question(self, each: WireQuestion) -> ExamQuestion:
        right = each.answer.strip()
        return ExamQuestion(
            kind=each.kind,
            question=each.question,
            options=tuple(option.strip() for option in each.options)
            if each.kind == "multiple-choice"
            else (),
            answer=right.capitalize() if each.kind == "true-false" else right,
            explanation=each.explanation,
            marking_points=tuple(each.marking_points),
            citations=self.cite(each.evidence),
        )

    def concepts(self, answer: WireConcepts) -> tuple[Concept, ...]:
        return tuple(self._concept(each) for each in _distinct(answer.concepts))

    def _concept(self, each: WireConcept) -> Concept:
        continues = each.continues if each.continues in self._known else None
        change = None
        if continues and each.change and each.change_summary:
            change = Change(each.change, each.change_summary)
        return Concept(
            title=each.title,
            description=each.description,
            complexity=min(5, max(1, each.complexity)),
            evidence=self.cite(each.evidence),
            aliases=tuple(each.aliases),
            continues=continues,
            change=change,
        )

    def cite(self, evidence: Sequence[WireEvidence]) -> tuple[Citation, ...]:
        """At least one citation; an item without evidence cites nothing at all, and is
        dropped and counted when quotes are checked."""
        cited = tuple(
            Citation(start_sec=start_sec, end_sec=end_sec, quote=each.quote)
            for each in evidence
            for start_sec, end_sec in [self._spans.get(each.utterance, (0.0, 0.0))]
        )
        return cited or (Citation(start_sec=0.0, end_sec=0.0, quote=""),)


def _distinct(items: Sequence[Written]) -> list[Written]:
    """Without repetitions: a model that has fallen into a loop writes one item again and again."""
    return [item for n, item in enumerate(items) if item not in items[:n]]


def _spans(transcript: Transcript) -> dict[int, tuple[float, float]]:
    return {u.id: (u.start_sec, u.end_sec) for u in transcript.utterances}

"""Accepts, from any provider, only items that quote the lecture and keep to its preset.

Every item is judged. Those that fail go back to the provider once, with the reasons; what
comes back is judged in the same way, and what fails again is dropped and counted.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from functions.generate.drafts import NO_CONTENTS, Concept, Contents, Cost, Draft, Overview
from functions.generate.grounding.entailment import EntailmentCheck
from functions.generate.grounding.judging import Judge, Round
from functions.generate.grounding.limits import has_roles
from functions.generate.grounding.polarity.check import PolarityCheck
from functions.generate.grounding.quotes import check_quotes
from functions.generate.providers.base import GenerationRequest, Provider
from shared.documents.artifacts import (
    ArtifactType,
    ExamQuestionsContent,
    FlashcardsContent,
    Grounding,
    KeyTermsContent,
    OutlineContent,
    OutlineNode,
    SummaryContent,
    SummarySection,
)
from shared.errors import GenerationInvalidError
from shared.presets import Preset


@dataclass(frozen=True)
class GroundedDraft:
    contents: Contents
    concepts: tuple[Concept, ...]
    grounding: Mapping[ArtifactType, Grounding]
    cost: Cost
    substituted: Mapping[ArtifactType, str] = field(default_factory=dict)
    """Artifacts that the substitute made, each with the code of what was wrong."""

    @property
    def lacking(self) -> tuple[ArtifactType, ...]:
        """Artifacts that have no items."""
        return tuple(
            kind for kind, each in self.grounding.items() if not each.verified + each.repaired
        )


def ground(
    draft: Draft,
    request: GenerationRequest,
    provider: Provider,
    substitute: Provider | None = None,
) -> GroundedDraft:
    """Check every item of a draft, and have the provider repair once what fails.

    A misplaced or slightly wrong quote is replaced by the very words and times; an item
    none of whose quotes was said, that is about something else than its quotes, that changes
    what they say (a negation, a number, how many, how surely), that exceeds a limit of the
    preset, that is broken in itself, or that does not follow from its quotes, as far as the
    provider can tell, is repaired or dropped. An artifact that could not be
    written, or that loses all its items, is made by the substitute; the others stay.

    Raises GenerationInvalidError if an artifact has no items in the end, and what the provider
    raises where it is to be asked again.
    """
    judge = Judge(request.transcript, request.preset)
    entailment = EntailmentCheck(provider, request, judge)
    last = Round(judge)
    contents = _walk(draft.contents, last, request.preset)
    doubted = entailment.doubts(last.admitted)
    cost = draft.cost
    if faults := dict(sorted([*last.faults, *doubted.items()])):
        repairs = provider.repair(request, list(faults.values()))
        cost = Cost.total((cost, repairs.cost))
        written = dict(zip(faults, repairs.items, strict=True))
        last = Round(judge, written, doubted=doubted)
        contents = _walk(draft.contents, last, request.preset)
        again = entailment.doubts(
            {number: each for number, each in last.admitted.items() if number in faults}
        )
        if again:
            kept = {number: item for number, item in written.items() if number not in again}
            last = Round(judge, kept, doubted=doubted | again)
            contents = _walk(draft.contents, last, request.preset)
    grounded = GroundedDraft(
        contents,
        tuple(_concepts(draft.concepts, judge)),
        {kind: _counted(last, kind, entailment) for kind in ArtifactType},
        Cost.total((cost, entailment.cost)),
    )
    lost = dict.fromkeys(grounded.lacking, GenerationInvalidError.code) | dict(draft.failed)
    if not contents.summary.sections:
        lost.setdefault(ArtifactType.SUMMARY, GenerationInvalidError.code)  # an overview alone
    if substitute is not None and substitute.name == provider.name:
        substitute = None
    if substitute is not None and (lost or not grounded.concepts):
        grounded = _completed(
            grounded, lost, ground(substitute.generate(request), request, substitute)
        )
    for kind in grounded.lacking:
        raise GenerationInvalidError(
            f"{kind}: none of {grounded.grounding[kind].items} items quotes the lecture"
        )
    return grounded


def _counted(last: Round, kind: ArtifactType, entailment: EntailmentCheck) -> Grounding:
    items = [each for each in last.admitted.values() if each.kind is kind]
    return last.counted(kind, ("entailment",) if items and entailment.passed(items) else ())


def _completed(
    grounded: GroundedDraft, lost: Mapping[ArtifactType, str], other: GroundedDraft
) -> GroundedDraft:
    """With the artifacts that were lost, and concepts where there are none, from the other."""
    taken = {_FIELDS[kind]: getattr(other.contents, _FIELDS[kind]) for kind in lost}
    return replace(
        grounded,
        contents=replace(grounded.contents, **taken),
        concepts=grounded.concepts or other.concepts,
        grounding={
            kind: (other if kind in lost else grounded).grounding[kind] for kind in ArtifactType
        },
        substituted=lost,
    )


_FIELDS: Mapping[ArtifactType, str] = {kind: kind.value.replace("-", "_") for kind in ArtifactType}
"""The field of `Contents` that holds an artifact."""


def _walk(contents: Contents, judged: Round, preset: Preset) -> Contents:
    """The contents with what passes; every item is judged in the same order each time."""
    return Contents(
        summary=_summary(contents.summary, judged, preset),
        outline=OutlineContent(
            nodes=tuple(n for node in contents.outline.nodes if (n := _node(node, judged)))
        ),
        key_terms=KeyTermsContent(
            terms=judged.admit_all(ArtifactType.KEY_TERMS, contents.key_terms.terms)
        ),
        flashcards=FlashcardsContent(
            cards=judged.admit_all(ArtifactType.FLASHCARDS, contents.flashcards.cards)
        ),
        exam_questions=ExamQuestionsContent(
            questions=judged.admit_all(
                ArtifactType.EXAM_QUESTIONS, contents.exam_questions.questions
            )
        ),
    )


def _summary(content: SummaryContent, judged: Round, preset: Preset) -> SummaryContent:
    if content == NO_CONTENTS.summary:
        return content
    written = Overview(content.overview, content.overview_citations)
    overview = judged.admit(ArtifactType.SUMMARY, written)
    sections = []
    for section in content.sections:
        bullets = judged.admit_all(ArtifactType.SUMMARY, section.bullets)
        kept = SummarySection(title=judged.title(section.title, bullets), bullets=bullets)
        if bullets and has_roles(kept, preset):
            sections.append(kept)
        else:
            # Half a discussion is none: what is left of it goes as well.
            judged.discard(ArtifactType.SUMMARY, bullets)
    if overview is None:
        # An overview that nothing said supports gives way to the first point of each section,
        # a line each: without full stops, two in one line would make one long sentence.
        leads = [section.bullets[0] for section in sections]
        overview = Overview(
            "\n".join(lead.text for lead in leads),
            tuple(c for lead in leads for c in lead.citations),
        )
    return SummaryContent.model_construct(
        overview=overview.text, overview_citations=overview.citations, sections=tuple(sections)
    )


def _node(node: OutlineNode, judged: Round) -> OutlineNode | None:
    points = judged.admit_all(ArtifactType.OUTLINE, node.points)
    children = tuple(child for each in node.children if (child := _node(each, judged)))
    inner = [(c.start_sec, c.end_sec) for point in points for c in point.citations]
    inner += [(child.start_sec, child.end_sec) for child in children]
    if not inner:
        return None
    start_sec, end_sec = judged.span(node.start_sec, node.end_sec, inner)
    return OutlineNode(
        title=judged.title(node.title, points) or children[0].title,
        start_sec=start_sec,
        end_sec=end_sec,
        points=points,
        children=children,
    )


def _concepts(concepts: Sequence[Concept], judge: Judge) -> Iterator[Concept]:
    """Those that were spoken of. A description that changes what was said gives way to the words
    that were said; such a change of a thread is none."""
    for concept in concepts:
        evidence, _ = check_quotes(concept.evidence, judge.spoken)
        if evidence and concept.title.strip():
            yield _faithful(replace(concept, evidence=evidence), judge.polarity)


def _faithful(concept: Concept, polarity: PolarityCheck) -> Concept:
    if polarity.changes_in(concept.description, concept.evidence):
        concept = replace(concept, description=concept.evidence[0].quote)
    change = concept.change
    if change and polarity.changes_in(change.summary, concept.evidence):
        concept = replace(concept, change=None)
    return concept

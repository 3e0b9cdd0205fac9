"""Summary and outline: the lecture's own sentences, chosen, shortened and put under titles."""

from collections.abc import Iterator, Sequence

from functions.generate.providers.extractive.analysis import Analysis, Section
from functions.generate.providers.extractive.text.segmentation import segment
from functions.generate.providers.extractive.writing.discussion import discussions
from functions.generate.providers.extractive.writing.points import best_points
from functions.generate.text.sentences import Sentence
from shared.documents.artifacts import (
    Bullet,
    OutlineContent,
    OutlineNode,
    OutlinePoint,
    SummaryContent,
    SummarySection,
)
from shared.presets import Preset

OVERVIEW_SENTENCES = 3
CHAPTER_SENTENCES = 10
"""A chapter from this length on has sub-chapters, about half as long."""
CHAPTER_CHILDREN = 4


def summarize(analysis: Analysis, preset: Preset) -> SummaryContent:
    overview = best_points(analysis, preset, analysis.sentences, OVERVIEW_SENTENCES)
    sections = _sections(analysis, preset, whole=True) or _sections(analysis, preset, whole=False)
    return SummaryContent(
        overview=" ".join(point.text for point in overview),
        overview_citations=tuple(citation for point in overview for citation in point.citations),
        sections=sections,
    )


def _sections(analysis: Analysis, preset: Preset, *, whole: bool) -> tuple[SummarySection, ...]:
    """With `whole`, without those that no sentence within the word limit can stand for."""
    bullets = discussions if preset.section_roles else _points_by_section
    return tuple(
        SummarySection(title=section.title, bullets=found)
        for section, found in bullets(analysis, preset, whole=whole)
        if found
    )


def _points_by_section(
    analysis: Analysis, preset: Preset, *, whole: bool
) -> Iterator[tuple[Section, tuple[Bullet, ...]]]:
    count = preset.bullets_per_section
    for section in analysis.sections:
        points = best_points(analysis, preset, section.sentences, count, whole=whole)
        yield section, tuple(Bullet(text=p.text, citations=p.citations) for p in points)


def outline(analysis: Analysis, preset: Preset) -> OutlineContent:
    depth = preset.outline_depth
    nodes = tuple(
        node
        for section in analysis.sections
        if (node := _chapter(analysis, preset, section.title, section.sentences, depth, whole=True))
    )
    if not nodes:
        first = analysis.sections[0]
        node = _chapter(analysis, preset, first.title, first.sentences, depth, whole=False)
        nodes = (node,) if node else ()
    return OutlineContent(nodes=nodes)


def _chapter(
    analysis: Analysis,
    preset: Preset,
    title: str,
    sentences: Sequence[Sentence],
    depth: int,
    *,
    whole: bool,
) -> OutlineNode | None:
    """At most so deep; None where no sentence within the word limit can stand for it."""
    parts: list[tuple[str, Sequence[Sentence]]] = []
    if depth > 1 and len(sentences) >= CHAPTER_SENTENCES:
        count = min(CHAPTER_CHILDREN, 2 * len(sentences) // CHAPTER_SENTENCES)
        runs = segment(sentences, count)
        parts = list(zip(analysis.titles(runs), runs, strict=True))
    children = tuple(
        child
        for part_title, run in parts
        if (child := _chapter(analysis, preset, part_title, run, depth - 1, whole=whole))
    )
    points = () if children else _points(analysis, preset, sentences, whole=whole)
    if not (points or children):
        return None
    return _node(title, sentences, points=points, children=children)


def _node(
    title: str,
    sentences: Sequence[Sentence],
    *,
    points: tuple[OutlinePoint, ...],
    children: tuple[OutlineNode, ...],
) -> OutlineNode:
    return OutlineNode(
        title=title,
        start_sec=sentences[0].citation.start_sec,
        end_sec=sentences[-1].citation.end_sec,
        points=points,
        children=children,
    )


def _points(
    analysis: Analysis, preset: Preset, sentences: Sequence[Sentence], *, whole: bool
) -> tuple[OutlinePoint, ...]:
    found = best_points(analysis, preset, sentences, preset.bullets_per_section, whole=whole)
    return tuple(OutlinePoint(text=point.text, citations=point.citations) for point in found)

"""Summary and outline: the lecture's own sentences, chosen, shortened and put under titles."""

from collections.abc import Sequence
from dataclasses import dataclass

from functions.generate.extractive.analysis import Analysis
from functions.generate.extractive.passages import Passage, passages
from functions.generate.extractive.segmentation import segment
from functions.generate.extractive.sentences import Sentence
from functions.generate.extractive.shorten import shorten
from shared.artifacts import (
    Bullet,
    Citation,
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


@dataclass(frozen=True)
class _Point:
    text: str
    citations: tuple[Citation, ...]


def summarize(analysis: Analysis, preset: Preset) -> SummaryContent:
    overview = _shortened(analysis, preset, analysis.sentences, OVERVIEW_SENTENCES)
    sections = (
        SummarySection(
            title=section.title,
            bullets=tuple(
                Bullet(text=short.text, citations=short.citations)
                for short in _shortened(
                    analysis, preset, section.sentences, preset.bullets_per_section
                )
            ),
        )
        for section in analysis.sections
    )
    return SummaryContent(
        overview=" ".join(short.text for short in overview),
        overview_citations=tuple(citation for short in overview for citation in short.citations),
        sections=tuple(sections),
    )


def outline(analysis: Analysis, preset: Preset) -> OutlineContent:
    return OutlineContent(
        nodes=tuple(
            _chapter(analysis, preset, section.title, section.sentences)
            for section in analysis.sections
        )
    )


def _chapter(
    analysis: Analysis, preset: Preset, title: str, sentences: Sequence[Sentence]
) -> OutlineNode:
    parts: list[tuple[str, Sequence[Sentence]]] = []
    if len(sentences) >= CHAPTER_SENTENCES:
        count = min(CHAPTER_CHILDREN, 2 * len(sentences) // CHAPTER_SENTENCES)
        runs = segment(sentences, count)
        parts = list(zip(analysis.titles(runs), runs, strict=True))
    return _node(
        title,
        sentences,
        points=() if parts else _points(analysis, preset, sentences),
        children=tuple(
            _node(part_title, run, points=_points(analysis, preset, run))
            for part_title, run in parts
        ),
    )


def _node(
    title: str,
    sentences: Sequence[Sentence],
    *,
    points: tuple[OutlinePoint, ...],
    children: tuple[OutlineNode, ...] = (),
) -> OutlineNode:
    return OutlineNode(
        title=title,
        start_sec=sentences[0].citation.start_sec,
        end_sec=sentences[-1].citation.end_sec,
        points=points,
        children=children,
    )


def _points(
    analysis: Analysis, preset: Preset, sentences: Sequence[Sentence]
) -> tuple[OutlinePoint, ...]:
    shortened = _shortened(analysis, preset, sentences, preset.bullets_per_section)
    return tuple(OutlinePoint(text=s.text, citations=s.citations) for s in shortened)


def _shortened(
    analysis: Analysis, preset: Preset, sentences: Sequence[Sentence], count: int
) -> list[_Point]:
    """The best passages, each sentence within the word limit; first choice are those that
    lose no clause by it."""
    limit, language = preset.sentence_word_limit, analysis.language
    found = passages(sentences) or [Passage((sentence,)) for sentence in sentences]
    short = {p: [shorten(s, limit, language) for s in p.sentences] for p in found}
    fitting = [p for p in found if all(part.is_whole for part in short[p])]
    chosen = analysis.best(fitting, count)
    if not any(passage.stands for passage in chosen):
        chosen = analysis.best(found, count)
    return [
        _Point(
            " ".join(part.text for part in short[passage]),
            tuple(part.citation for part in short[passage]),
        )
        for passage in chosen
    ]

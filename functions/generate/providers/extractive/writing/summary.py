"""The summary: the lecture's own sentences, chosen, shortened and put under titles."""

from collections.abc import Iterator

from functions.generate.providers.extractive.analysis import Analysis, Section
from functions.generate.providers.extractive.writing.discussion import discussions
from functions.generate.providers.extractive.writing.points import best_points
from shared.documents.artifacts import Bullet, SummaryContent, SummarySection
from shared.presets import Preset

OVERVIEW_SENTENCES = 3
FEWEST_BULLETS = 2


def summarize(analysis: Analysis, preset: Preset) -> SummaryContent:
    overview = best_points(analysis, preset, analysis.sentences, OVERVIEW_SENTENCES)
    told = {sentence.index for point in overview for sentence in point.passage.sentences}
    sections = _sections(analysis, preset, told, whole=True) or _sections(
        analysis, preset, told, whole=False
    )
    return SummaryContent(
        overview=" ".join(point.text for point in overview),
        overview_citations=tuple(citation for point in overview for citation in point.citations),
        sections=sections,
    )


def _sections(
    analysis: Analysis, preset: Preset, told: set[int], *, whole: bool
) -> tuple[SummarySection, ...]:
    """With `whole`, without those that no sentence within the word limit can stand for."""
    bullets = (
        discussions(analysis, preset, whole=whole)
        if preset.section_roles
        else _points_by_section(analysis, preset, told, whole=whole)
    )
    return tuple(
        SummarySection(title=section.title, bullets=found) for section, found in bullets if found
    )


def _points_by_section(
    analysis: Analysis, preset: Preset, told: set[int], *, whole: bool
) -> Iterator[tuple[Section, tuple[Bullet, ...]]]:
    """Without what the overview has `told`, where a section has enough besides."""
    count = preset.bullets_per_section
    for section in analysis.sections:
        fresh = [sentence for sentence in section.sentences if sentence.index not in told]
        points = best_points(analysis, preset, fresh, count, whole=whole) if fresh else []
        if min(count, len(points)) < FEWEST_BULLETS:
            points = best_points(analysis, preset, section.sentences, count, whole=whole)
        yield section, tuple(Bullet(text=p.text, citations=p.citations) for p in points)

"""The statements of a stretch of the lecture that keep to the preset's word limit."""

from collections.abc import Sequence
from dataclasses import dataclass

from functions.generate.providers.extractive.analysis import Analysis
from functions.generate.providers.extractive.text.passages import Passage, passages
from functions.generate.providers.extractive.text.shorten import shorten
from functions.generate.text.sentences import Sentence
from shared.documents.artifacts import Citation
from shared.presets import Preset


@dataclass(frozen=True)
class Point:
    text: str
    citations: tuple[Citation, ...]
    passage: Passage
    score: float

    def has_any(self, phrases: Sequence[str]) -> bool:
        return any(sentence.has_any(phrases) for sentence in self.passage.sentences)


def best_points(
    analysis: Analysis,
    preset: Preset,
    sentences: Sequence[Sentence],
    count: int,
    *,
    whole: bool = False,
) -> list[Point]:
    """At most `count` that say most and do not repeat each other, in spoken order. With `whole`,
    none that loses a clause or leans on something before."""
    points = {p.passage: p for p in fitting_points(analysis, preset, sentences, whole=whole)}
    return [points[passage] for passage in analysis.best(list(points), count)]


def fitting_points(
    analysis: Analysis, preset: Preset, sentences: Sequence[Sentence], *, whole: bool
) -> list[Point]:
    """All of them, in spoken order. Without `whole`, and where no other is left, sentences are
    broken off at the limit."""
    limit, language = preset.sentence_word_limit, analysis.language
    found = passages(sentences) or [Passage((sentence,)) for sentence in sentences]
    short = {p: [shorten(s, limit, language) for s in p.sentences] for p in found}
    fitting = [p for p in found if all(part.is_whole for part in short[p])]
    if whole:
        fitting = [p for p in fitting if p.stands]
    return [
        Point(
            text=" ".join(part.text for part in short[passage]),
            citations=tuple(part.citation for part in short[passage]),
            passage=passage,
            score=analysis.score(passage),
        )
        for passage in (fitting or ([] if whole else found))
    ]

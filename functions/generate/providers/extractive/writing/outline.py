"""The outline: chapters under titles, with what is named and asked in each, in spoken order.

Its points are names and the lecturer's questions; statements are the summary's, and one is a point
only where a chapter names little and the summary leaves it out.
"""

from collections.abc import Collection, Iterator, Sequence

from functions.generate.providers.extractive.analysis import Analysis
from functions.generate.providers.extractive.text.passages import is_statement
from functions.generate.providers.extractive.text.places import Place, Stems, Term
from functions.generate.providers.extractive.text.rhetorical import (
    asks_whether,
    stands_as_question,
)
from functions.generate.providers.extractive.text.segmentation import segment
from functions.generate.providers.extractive.writing.points import best_points
from functions.generate.text.sentences import Sentence
from shared.documents.artifacts import Citation, OutlineContent, OutlineNode, OutlinePoint
from shared.presets import Preset

CHAPTER_SENTENCES = 10
"""A chapter from this length on has sub-chapters, about half as long."""
CHAPTER_CHILDREN = 4
UNTOLD = 2
"""Statements in a chapter that names nothing."""


def outline(analysis: Analysis, preset: Preset, told: Collection[Citation] = ()) -> OutlineContent:
    """`told`: what the summary cites."""
    writer = _Writer(analysis, preset, frozenset(told))
    nodes = tuple(
        node
        for section in analysis.sections
        if (node := writer.chapter(section.title, section.sentences, preset.outline_depth))
    )
    return OutlineContent(nodes=nodes or (writer.only_chapter(),))


class _Writer:
    """No term and no question is a point twice."""

    def __init__(self, analysis: Analysis, preset: Preset, told: frozenset[Citation]) -> None:
        self._told = told
        self._analysis = analysis
        self._preset = preset
        self._named: set[Stems] = set()
        self._asked: set[int] = set()

    def chapter(self, title: str, sentences: Sequence[Sentence], depth: int) -> OutlineNode | None:
        """At most so deep; None where nothing is named in it."""
        children: tuple[OutlineNode, ...] = ()
        named, asked = set(self._named), set(self._asked)
        if depth > 1 and len(sentences) >= CHAPTER_SENTENCES:
            # What names nothing new is a part of the chapter, and no chapter of its own.
            count = min(CHAPTER_CHILDREN, 2 * len(sentences) // CHAPTER_SENTENCES)
            runs = segment(sentences, count)
            titles = self._analysis.titles(runs, title)
            children = tuple(
                child
                for part_title, run in zip(titles, runs, strict=True)
                if (child := self.chapter(part_title, run, depth - 1))
            )
        if len(children) < 2:
            # One part is the chapter itself, and what it names is named here.
            children = ()
            self._named, self._asked = named, asked
        points = () if children else self._points(title, sentences)
        if not (points or children):
            return None
        return _node(title, sentences, points, children)

    def only_chapter(self) -> OutlineNode:
        """Of a lecture that names nothing: what it says first."""
        section = self._analysis.sections[0]
        points = best_points(self._analysis, self._preset, section.sentences, 1)
        found = tuple(OutlinePoint(text=p.text, citations=p.citations) for p in points)
        return _node(section.title, section.sentences, found, ())

    def _points(self, title: str, sentences: Sequence[Sentence]) -> tuple[OutlinePoint, ...]:
        """The lecturer's questions and the terms of the chapter, at most as many as the preset
        allows; where they are few, a statement that the summary leaves out."""
        most = self._preset.bullets_per_section
        asked = list(self._questions(sentences))[: most // 2]
        terms = self._terms(title, sentences)[: most - len(asked)]
        self._asked.update(each.index for each in asked)
        self._named.update(term.stems for term, _ in terms)
        points = [OutlinePoint(text=each.text, citations=(each.citation,)) for each in asked]
        points += [OutlinePoint(text=_capital(term.text), citations=(at,)) for term, at in terms]
        if len(points) < most:
            # A discussion holds one claim a section: what else was said stands here.
            room = most - len(points)
            few = 1 if points else UNTOLD
            points += self._untold(sentences, room if self._preset.section_roles else few)
        return tuple(sorted(points, key=lambda point: point.citations[0].start_sec))

    def _untold(self, sentences: Sequence[Sentence], count: int) -> list[OutlinePoint]:
        fresh = [s for s in sentences if is_statement(s) and s.citation not in self._told]
        found = best_points(self._analysis, self._preset, fresh, count, whole=True) if fresh else []
        return [OutlinePoint(text=point.text, citations=point.citations) for point in found]

    def _questions(self, sentences: Sequence[Sentence]) -> Iterator[Sentence]:
        language = self._analysis.language
        first, last = sentences[0].index, sentences[-1].index
        for sentence in self._analysis.sentences[first : last + 1]:
            stands = stands_as_question(sentence, language) and not asks_whether(sentence, language)
            fresh = sentence.index not in self._asked
            if fresh and stands and sentence.length <= self._preset.sentence_word_limit:
                yield sentence

    def _rank(self, term: Term) -> int:
        return min(self._analysis.asking_rank(term), 1 if len(term.stems) > 1 else 2)

    def _terms(self, title: str, sentences: Sequence[Sentence]) -> list[tuple[Term, Citation]]:
        """Those that are said here and in no chapter before, best first, each where it is said."""
        analysis = self._analysis
        here = {sentence.index: sentence for sentence in sentences if is_statement(sentence)}
        titled = analysis.language.content_stems(title)
        found = []
        for term in sorted(analysis.terms, key=self._rank):
            if self._rank(term) > 1:
                break  # words that the lecture merely uses
            said = [place for place in term.places if place.sentence in here]
            if not said or term.stems in self._named or set(term.stems) <= set(titled):
                continue
            explaining = {s.index for s in analysis.explanations[term.stems].sentences}
            explains = [place for place in said if place.sentence in explaining]
            # What is merely mentioned on the way is no point of a chapter.
            if explains or len(said) > 1:
                place = (explains or said)[0]
                found.append((term, _cited(here[place.sentence], place)))
        return found


def _cited(sentence: Sentence, place: Place) -> Citation:
    """The words that name the term."""
    parts = sentence.tokens
    return sentence.cited(parts[place.first].word, parts[place.last].word + 1)


def _node(
    title: str,
    sentences: Sequence[Sentence],
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


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]

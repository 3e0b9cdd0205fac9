"""A section of the summary as a discussion: a claim, what speaks for it and against it, where it
ends, what to ask. From the lecturer's own sentences; where there is none of a role, the reader is
asked for it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from functions.generate.providers.extractive.analysis import Analysis, Section
from functions.generate.providers.extractive.text.rhetorical import stands_as_question
from functions.generate.providers.extractive.writing.points import Point, fitting_points
from functions.generate.text.phrasing import Templates
from functions.generate.text.sentences import Sentence
from shared.documents.artifacts import Bullet, BulletRole, Citation
from shared.presets import Preset


@dataclass(frozen=True)
class _Found:
    text: str
    citations: tuple[Citation, ...]
    """Empty where the lecture has nothing: then it is the claim that is asked about."""


def discussions(
    analysis: Analysis, preset: Preset, *, whole: bool
) -> Iterator[tuple[Section, tuple[Bullet, ...]]]:
    """For each section one bullet for each of the preset's roles, in its order. A section in
    which no sentence can be the claim is left out. With `whole`, no sentence loses a clause."""
    points = {
        section.title: fitting_points(analysis, preset, section.sentences, whole=whole)
        for section in analysis.sections
    }
    tables = [
        _Table(analysis, preset, section, points[section.title])
        for section in analysis.sections
        if points[section.title]
    ]
    topics = analysis.topics([table.claim.passage.sentences for table in tables])
    for table, topic in zip(tables, topics, strict=True):
        found = [(role, table.find(role, topic)) for role in preset.section_roles]
        yield (
            table.section,
            tuple(
                Bullet(text=it.text, citations=it.citations or table.claim.citations, role=role)
                for role, it in found
            ),
        )


class _Table:
    """Who says what; no sentence speaks twice."""

    def __init__(
        self, analysis: Analysis, preset: Preset, section: Section, points: Sequence[Point]
    ) -> None:
        self._analysis = analysis
        self.section = section
        self._points = points
        self._word_limit = preset.sentence_word_limit
        phrasing = analysis.language.phrasing
        self._signs: Mapping[BulletRole, Sequence[str]] = {
            "support": (*phrasing.evidence, *phrasing.examples, *phrasing.relations),
            "counterargument": phrasing.contrasts,
            "critique": phrasing.limits,
        }
        self.claim = self._claim()
        self._taken = [self.claim]
        # What is rarest in a lecture chooses first.
        self._given: dict[BulletRole, Point] = {}
        roles: tuple[BulletRole, ...] = ("critique", "counterargument", "support")
        for role in roles:
            point = self._for(role)
            if point:
                self._given[role] = point
                self._taken.append(point)

    def find(self, role: BulletRole, topic: str) -> _Found:
        """`topic`: what the claim is about, for a question to the reader."""
        if role == "claim":
            return _Found(self.claim.text, self.claim.citations)
        if role == "question":
            asked = next(self._questions(), None)
            return _Found(asked.text, (asked.citation,)) if asked else self._asked(role, topic)
        given = self._given.get(role)
        return _Found(given.text, given.citations) if given else self._asked(role, topic)

    def _claim(self) -> Point:
        """The best that is neither an objection nor a limit nor, if possible, itself a
        proof of something."""
        phrasing = self._analysis.language.phrasing
        against = (*phrasing.contrasts, *phrasing.limits)
        plain = self._best(lambda point: not point.has_any((*against, *phrasing.evidence)))
        claim = plain or self._best(lambda point: not point.has_any(against))
        return claim or max(self._points, key=_worth)

    def _for(self, role: BulletRole) -> Point | None:
        signs, topic = self._signs[role], set(self.claim.passage.content)
        return self._best(
            lambda point: (
                point not in self._taken
                and point.has_any(signs)
                # What shares no word with the claim is hardly about it.
                and not topic.isdisjoint(point.passage.content)
            )
        )

    def _best(self, suits: Callable[[Point], bool]) -> Point | None:
        return max(filter(suits, self._points), key=_worth, default=None)

    def _questions(self) -> Iterator[Sentence]:
        """The lecturer's own, within the section."""
        first, last = self.section.sentences[0].index, self.section.sentences[-1].index
        return (
            sentence
            for sentence in self._analysis.sentences[first : last + 1]
            if sentence.length <= self._word_limit
            and stands_as_question(sentence, self._analysis.language)
        )

    def _asked(self, role: BulletRole, topic: str) -> _Found:
        templates: Templates = self._analysis.language.phrasing.templates
        template = {
            "support": templates.what_supports,
            "counterargument": templates.what_opposes,
            "critique": templates.where_it_fails,
        }.get(role, templates.what_follows)
        return _Found(template.format(topic=topic), ())


def _worth(point: Point) -> float:
    return point.score

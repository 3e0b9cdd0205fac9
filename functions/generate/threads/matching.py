"""Recognizing a concept of one lecture as a thread that other lectures began.

Names come first: the same one, another one, an acronym. Where they leave it open, what is said
(descriptions and quotes) decides. What a provider took to be the same is one sign among others.
"""

import math
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from functions.generate.drafts import Concept, KnownThread
from functions.generate.text.language import Language
from functions.generate.threads.mentions import Mentions, Named
from functions.generate.threads.names import Kinship, Name, thread_key

ENOUGH = 0.6
"""The score from which on two are one concept. Of two mistakes it prefers a thread too many:
two concepts in one thread would mix up two histories."""
SAME_TITLE, OTHER_NAME = 1.0, 0.9
ACRONYM, SHORT_ACRONYM = 0.6, 0.45
"""Two letters stand for too much to be believed alone."""
GENERAL_NAME = 0.45
"""A name that is part of the concept's own title: another name of it ("separate chaining":
"chaining"), or of its kind ("universal hashing": "hashing")."""
CLAIMED = {Kinship.PART: 0.6, Kinship.NONE: 0.45, Kinship.CONTRAST: 0.3}
"""The provider says so, by how the titles stand to each other: enough with a common word; without
one, or where each title has a word of its own ("supply curve", "demand curve"), only if what is
said is like enough."""
SAID = 0.75
"""Weight of the likeness of what is said. Alone it is enough from 0.8 on, which two wordings of
one definition reach, and two definitions of one kind do not."""
MIN_COMMON = 4
"""Stems that two definitions share at least, to be one."""
CLEAR = 0.05
"""By how much the best thread must lead where no name decides."""


def match(
    concepts: Sequence[Concept], threads: Sequence[KnownThread], language: Language
) -> tuple[KnownThread | None, ...]:
    """For each concept, in order, the thread it continues.

    A thread that the lecture calls by name elsewhere, or that fits another concept better, is
    not this one's: the lecture itself distinguishes the two.
    """
    sides = _Sides.of(concepts, threads, language)
    scores = {
        (c, t): score
        for c, ours in enumerate(sides.concepts)
        for t, theirs in enumerate(sides.threads)
        if (score := _score(ours, theirs, sides)) >= ENOUGH
    }
    found: dict[int, int] = {}
    for (concept, thread), score in sorted(scores.items(), key=lambda item: -item[1]):
        if concept in found:
            continue
        rivals = [s for (c, t), s in scores.items() if c == concept and t != thread]
        doubtful = thread in found.values() or any(s > score - CLEAR for s in rivals)
        if score >= OTHER_NAME or not doubtful:
            found[concept] = thread
    return tuple(threads[found[c]] if c in found else None for c in range(len(concepts)))


def synonyms(concepts: Sequence[Concept], language: Language) -> tuple[int, ...]:
    """For each concept of one lecture, in order, the index of the first that is it by name."""
    sides = _Sides.of(concepts, (), language).concepts
    firsts: list[int] = []
    for index, ours in enumerate(sides):
        same = (n for n in range(index) if _by_name(ours, sides[n]) >= ENOUGH)
        firsts.append(firsts[first] if (first := next(same, None)) is not None else index)
    return tuple(firsts)


@dataclass(frozen=True)
class _Side:
    """A concept or a thread, as far as it is compared."""

    key: str
    title: Name
    others: tuple[Name, ...]
    written: str
    """Its title as it is written."""
    text: str
    definition: frozenset[str]
    """Stems of the description, without those of the title."""
    said: frozenset[str]
    """The same of description and quotes."""
    continues: str | None = None

    @classmethod
    def of(
        cls,
        title: str,
        aliases: Sequence[str],
        description: str,
        quotes: Sequence[str],
        *,
        language: Language,
        key: str | None = None,
        continues: str | None = None,
    ) -> "_Side":
        name = Name.of(title, language)
        text = " ".join((description, *quotes))
        own = frozenset(language.content_stems(title))
        others = (Name.of(alias, language) for alias in aliases)
        return cls(
            key=thread_key(title, language) if key is None else key,
            title=name,
            others=tuple(other for other in others if other.words),
            written=title,
            text=text,
            definition=frozenset(language.content_stems(description)) - own,
            said=frozenset(language.content_stems(text)) - own,
            continues=continues,
        )


@dataclass(frozen=True)
class _Sides:
    concepts: tuple[_Side, ...]
    threads: tuple[_Side, ...]
    frequency: Counter[str]
    """Of how many of them each stem is said."""
    language: Language

    @classmethod
    def of(
        cls, concepts: Sequence[Concept], threads: Sequence[KnownThread], language: Language
    ) -> "_Sides":
        ours = tuple(
            _Side.of(
                concept.title,
                concept.aliases,
                concept.description,
                [citation.quote for citation in concept.evidence],
                language=language,
                continues=concept.continues,
            )
            for concept in concepts
        )
        theirs = tuple(
            _Side.of(t.title, t.aliases, t.description, t.quotes, language=language, key=t.key)
            for t in threads
        )
        frequency = Counter(stem for side in (*ours, *theirs) for stem in side.said)
        return cls(ours, theirs, frequency, language)

    def likeness(self, left: Collection[str], right: Collection[str]) -> float:
        """0 to 1: the share of common stems, where a rare one counts more (inverse document
        frequency over the course's threads)."""
        common = self._weight(set(left).intersection(right))
        return common and common / math.sqrt(self._weight(left) * self._weight(right))

    def _weight(self, stems: Collection[str]) -> float:
        total = len(self.concepts) + len(self.threads)
        return math.fsum(math.log(1 + total / max(1, self.frequency[stem])) for stem in stems)


def _score(ours: _Side, theirs: _Side, sides: _Sides) -> float:
    if not ours.title.words:
        return 0.0
    if ours.key == theirs.key:
        return SAME_TITLE
    named = _by_name(ours, theirs)
    if named >= OTHER_NAME:
        return named
    titles = ours.title.kinship(theirs.title) if theirs.title.words else Kinship.NONE
    if ours.continues == theirs.key:
        named = max(named, CLAIMED.get(titles, 0.0))
    defined = sides.likeness(ours.definition, theirs.definition)
    if named:
        said = SAID * max(defined, sides.likeness(ours.said, theirs.said))
        return min(named + said, OTHER_NAME - CLEAR)
    apart = titles is not Kinship.NONE or len(ours.definition & theirs.definition) < MIN_COMMON
    return 0.0 if apart or _names_the_other(ours, theirs, sides.language) else SAID * defined


def _by_name(ours: _Side, theirs: _Side) -> float:
    """The best that any two names say."""
    return max(
        (
            _worth(ours, mine, theirs, other)
            for mine in (ours.title, *ours.others)
            for other in (theirs.title, *theirs.others)
            if mine.words and other.words
        ),
        default=0.0,
    )


def _worth(ours: _Side, mine: Name, theirs: _Side, other: Name) -> float:
    match mine.kinship(other):
        case Kinship.SAME:
            if mine is ours.title and other is theirs.title:
                return SAME_TITLE
            general = Kinship.PART in (ours.title.kinship(mine), theirs.title.kinship(other))
            return GENERAL_NAME if general else OTHER_NAME
        case Kinship.ACRONYM:
            letters = mine.letters if mine.letters in other.initials else other.letters
            return ACRONYM if len(letters) > 2 else SHORT_ACRONYM
        case _:
            return 0.0


def _names_the_other(ours: _Side, theirs: _Side, language: Language) -> bool:
    """Whether one is explained with the help of the other, and so is not the other."""
    return any(
        Mentions([Named("other", one.written)], language).first(other.text)
        for one, other in ((ours, theirs), (theirs, ours))
    )

"""What a lecture adds to a concept."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from functions.generate.drafts import Change
from functions.generate.text.language import Language
from shared.models import ThreadChange

NEWS = 2
"""Content words that a sentence adds at least, to say something new: one may be chance. A
provider's sentence is there to say it, and needs but one."""


@dataclass(frozen=True)
class Told:
    """What one lecture says of one concept."""

    names: tuple[str, ...]
    description: str
    quotes: tuple[str, ...]
    complexity: int


def newest(
    texts: Iterable[str], known: Collection[str], language: Language, *, least: int = NEWS
) -> str | None:
    """The text with most content words that are not among the `known` stems, the earliest of
    several; None if none says something new."""
    listed = list(texts)
    news = [len({*language.content_stems(text)}.difference(known)) for text in listed]
    most = max(news, default=0)
    return listed[news.index(most)] if most >= least else None


def change(
    claim: Change | None, now: Told, before: Sequence[Told], language: Language
) -> Change | None:
    """How `now` changes what was said `before`, which is not empty; None if it only repeats it.

    What the provider claims counts if its sentence says something new; a contradiction may be
    put in old words. Without a claim it is complexity where the concept is harder than in any
    lecture before, and a refinement otherwise; given by the lecture's description if that says
    something new, else by the quote that says most.
    """
    told = [text for each in before for text in (*each.names, each.description, *each.quotes)]
    known = known_stems((*told, *now.names), language)
    if claim and (
        claim.kind is ThreadChange.CONTRADICTION
        or newest([claim.summary], known, language, least=1)
    ):
        return claim
    summary = newest([now.description], known, language) or newest(now.quotes, known, language)
    if summary is None:
        return None
    harder = now.complexity > max(each.complexity for each in before)
    return Change(ThreadChange.COMPLEXITY if harder else ThreadChange.REFINEMENT, summary)


def known_stems(texts: Iterable[str], language: Language) -> frozenset[str]:
    return frozenset(stem for text in texts for stem in language.content_stems(text))

"""Short answers that name the term missing in a sentence of the lecture."""

from collections.abc import Callable, Collection, Iterator

from functions.generate.providers.extractive.analysis import Analysis
from functions.generate.providers.extractive.text.passages import is_statement
from functions.generate.providers.extractive.text.places import Term
from functions.generate.providers.extractive.writing.wording import (
    BLANK,
    is_free,
    is_recalled,
    replace_term,
)
from functions.generate.text.sentences import Sentence
from shared.documents.artifacts import ExamQuestion

WORDS = range(6, 29)
TELLING_WORDS = 4


def gaps(analysis: Analysis, shown: Collection[float]) -> Iterator[ExamQuestion]:
    """Best first, one for each term; not of sentences that begin at one of the times `shown`."""
    templates = analysis.language.phrasing.templates
    used: set[Term] = set()
    for sentence in sorted(analysis.sentences, key=lambda s: (-analysis.scores[s.index], s.index)):
        if sentence.citation.start_sec in shown or not _may_have_gap(sentence):
            continue
        for term in analysis.terms_by_sentence.get(sentence.index, ()):
            if term in used or not (is_recalled(analysis, term) and is_free(sentence, term)):
                continue
            hidden: list[str] = []
            blanked = replace_term(sentence.text, term, _hide_in(hidden), analysis.language)
            if not blanked:
                continue
            used.add(term)
            yield ExamQuestion(
                kind="short-answer",
                question=templates.fill_blank.format(text=blanked),
                answer=hidden[0],
                explanation=templates.because.format(quote=sentence.citation.quote),
                marking_points=(sentence.text,),
                citations=(sentence.citation,),
            )
            break


def _may_have_gap(sentence: Sentence) -> bool:
    alone = is_statement(sentence) and not (sentence.refers_back or sentence.opens)
    telling = sum(not token.is_common for token in sentence.tokens)
    whole = not (sentence.is_personal or sentence.is_fragment)
    return alone and whole and telling >= TELLING_WORDS and sentence.length in WORDS


def _hide_in(hidden: list[str]) -> Callable[[str], str]:
    def hide(surface: str) -> str:
        hidden.append(surface)
        return BLANK

    return hide

"""True-or-false statements: alternately one as it was said, and one that was altered."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

from functions.generate.providers.extractive.analysis import Analysis
from functions.generate.providers.extractive.text.passages import is_statement
from functions.generate.providers.extractive.writing.asking.distractors import distractors
from functions.generate.providers.extractive.writing.wording import (
    fits,
    is_free,
    replace_term,
    with_articles,
)
from functions.generate.text.cutting import CLAUSE_ENDS, CLOSING, SENTENCE_ENDS
from functions.generate.text.lexicon import Operator, load_words
from functions.generate.text.sentences import Sentence, tidy
from functions.generate.text.words import Token, split_word, tokens
from shared.documents.artifacts import ExamQuestion

CHOICES = 8
"""Terms that multiple-choice questions are made of: what defines them is not asked twice."""
STATEMENT_WORDS = range(5, 36)
_MARKS = frozenset(SENTENCE_ENDS + CLAUSE_ENDS + CLOSING + "“„«").difference("'’–—")
_HEDGES = frozenset(
    {Operator.NEGATION, Operator.DENIAL, Operator.SOME, Operator.MAY, Operator.LIMIT}
)
"""In a sentence with one of these the exchange of a word is not known to make it false."""


@dataclass(frozen=True)
class _Falsehood:
    statement: str
    right: str
    wrong: str


def true_false(analysis: Analysis) -> Iterator[ExamQuestion]:
    """As many as are taken are made: looking for a falsehood is slow."""
    said = list(_statements(analysis))
    used: set[int] = set()
    falsehoods = _falsehoods(analysis, said, used)
    while True:
        as_said = next((sentence for sentence in said if sentence.index not in used), None)
        if as_said:
            used.add(as_said.index)
            yield _true(analysis, as_said)
        turned = next(falsehoods, None)
        if turned:
            yield _false(analysis, *turned)
        if not (as_said or turned):
            return


def _true(analysis: Analysis, sentence: Sentence) -> ExamQuestion:
    templates = analysis.language.phrasing.templates
    return ExamQuestion(
        kind="true-false",
        question=templates.is_it_true.format(text=sentence.text),
        answer="True",
        explanation=templates.because.format(quote=sentence.citation.quote),
        citations=(sentence.citation,),
    )


def _false(analysis: Analysis, sentence: Sentence, falsehood: _Falsehood) -> ExamQuestion:
    templates = analysis.language.phrasing.templates
    return ExamQuestion(
        kind="true-false",
        question=templates.is_it_true.format(text=falsehood.statement),
        answer="False",
        explanation=templates.instead.format(
            right=falsehood.right, wrong=falsehood.wrong, quote=sentence.citation.quote
        ),
        citations=(sentence.citation,),
    )


def _statements(analysis: Analysis) -> Iterator[Sentence]:
    """Sentences that stand alone and hold a term, best first."""
    asked = {
        sentence.index
        for term in sorted(analysis.terms, key=analysis.asking_rank)[:CHOICES]
        for sentence in analysis.explanations[term.stems].sentences
    }
    for sentence in sorted(
        analysis.sentences,
        key=lambda s: (s.index in asked, -analysis.scores[s.index], s.index),
    ):
        alone = (
            not (sentence.is_personal or sentence.is_fragment)
            and is_statement(sentence)
            and not (sentence.refers_back or sentence.opens)
        )
        terms = analysis.terms_by_sentence.get(sentence.index)
        if alone and terms and sentence.length in STATEMENT_WORDS:
            yield sentence


def _is_flat(analysis: Analysis, sentence: Sentence) -> bool:
    """It claims something of everything it speaks of. What may be, or is true of some, may be so
    of the opposite as well; and what one thing is not, another is often not either."""
    words = load_words(analysis.language.code)
    norms = [token.norm for token in sentence.tokens]
    return not words.has_any(norms, _HEDGES)


def _falsehoods(
    analysis: Analysis, sentences: Sequence[Sentence], used: set[int]
) -> Iterator[tuple[Sentence, _Falsehood]]:
    """Of sentences that are not used yet, and then are. The surest first: a word turned into its
    opposite, then a definition given to another term, then any other exchange, which may come
    near the truth."""
    defining = {
        sentence.index
        for explanation in analysis.explanations.values()
        if explanation.defines
        for sentence in explanation.sentences[:1]
    }
    for turn, only in ((_reversed, None), (_exchanged, defining), (_exchanged, None)):
        for sentence in sentences:
            if sentence.index in used or (only is not None and sentence.index not in only):
                continue
            falsehood = turn(analysis, sentence) if _is_flat(analysis, sentence) else None
            if falsehood:
                used.add(sentence.index)
                yield sentence, falsehood


def _reversed(analysis: Analysis, sentence: Sentence) -> _Falsehood | None:
    """With one word turned into its opposite: "slopes downward", "slopes upward"."""
    said = [token.norm for token in sentence.tokens]
    particles = analysis.language.phrasing.verb_particles
    if any(t.norm in particles for t in sentence.tokens if _ends(sentence, t)):
        return None  # "Das Magma steigt auf": the verb is "aufsteigen"
    for one, other in analysis.language.phrasing.opposites:
        if (one in said) == (other in said):
            continue  # neither, or both: "to the left or to the right"
        right, wrong = (one, other) if one in said else (other, one)
        if said.count(right) > 1:
            continue
        at = said.index(right)
        if at and said[at - 1] in analysis.language.phrasing.fixed_before:
            continue  # "three or more", "the most common"
        changed = _with_word(sentence.text, right, wrong)
        if changed and not _is_said(analysis, changed):
            return _Falsehood(tidy(changed), right, wrong)
    return None


def _ends(sentence: Sentence, token: Token) -> bool:
    return token.ends_clause or token is sentence.tokens[-1]


def _with_word(text: str, right: str, wrong: str) -> str | None:
    words = text.split()
    for position, word in enumerate(words):
        if split_word(word) == (right,):
            as_written = wrong[:1].upper() + wrong[1:] if word[:1].isupper() else wrong
            bare = re.escape(right)
            words[position] = re.sub(bare, as_written, word, count=1, flags=re.IGNORECASE)
            return " ".join(words)
    return None


def _is_said(analysis: Analysis, statement: str) -> bool:
    """The lecture does say it, of another case or to correct it."""
    words = tokens(statement)
    phrase = f" {' '.join(words)} "
    return any(
        set(words) == {t.norm for t in sentence.tokens} or phrase in sentence.phrase
        for sentence in analysis.sentences
    )


def _exchanged(analysis: Analysis, sentence: Sentence) -> _Falsehood | None:
    """With another term in the place of one that stands for itself."""
    for term in analysis.terms_by_sentence[sentence.index]:
        if not is_free(sentence, term):
            continue
        forms = {text for _, text in term.forms}
        shown = next((form for form in forms if form in sentence.text), term.text)
        wrong = next(
            (
                other
                for other in distractors(analysis, term, sentence.text, shown)
                if fits(analysis, sentence, term, other)
            ),
            None,
        )
        if wrong is None or not (_is_plain(shown) and _is_plain(wrong)):
            continue
        changed = replace_term(sentence.text, term, partial(_instead, wrong), analysis.language)
        if changed and not _is_said(analysis, changed):
            return _Falsehood(tidy(with_articles(changed, analysis.language)), shown, wrong)
    return None


def _is_plain(term: str) -> bool:
    """No mark within it ("e.g", "Mr. “Smith”"), which would look like the end of a sentence or of a
    quotation where the term stands."""
    return _MARKS.isdisjoint(term)


def _instead(wrong: str, _: str) -> str:
    return wrong

"""Multiple-choice questions: which term the lecturer's own words are about."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from itertools import islice

from functions.generate.providers.extractive.analysis import Analysis
from functions.generate.providers.extractive.terms.explain import Explanation
from functions.generate.providers.extractive.text.places import Term
from functions.generate.providers.extractive.writing.asking.concise import concise
from functions.generate.providers.extractive.writing.asking.distractors import distractors
from functions.generate.providers.extractive.writing.wording import (
    BLANK,
    contains_term,
    is_free,
    replace_term,
)
from functions.generate.text.language import Language
from shared.documents.artifacts import ExamQuestion

OPTIONS = 4
STEM_WORDS = 32
MIN_OPTIONS = 3


def multiple_choice(analysis: Analysis) -> Iterator[ExamQuestion]:
    """One question a term: those that the lecture defines first, then others that its
    sentences begin with, then the rest, each best first."""
    shown: set[str] = set()
    for term in sorted(analysis.terms, key=analysis.asking_rank):
        explanation = analysis.explanations[term.stems]
        text = explanation.text
        if text in shown or not _is_whole(term, explanation):
            continue
        question = _question(analysis, term)
        if question:
            shown.add(text)
            yield question


def _question(analysis: Analysis, term: Term) -> ExamQuestion | None:
    explanation = analysis.explanations[term.stems]
    templates = analysis.language.phrasing.templates
    # "Which term …?" gives the answer "term" away.
    frames = f"{templates.which_term} {templates.fill_blank}".replace("{text}", "")
    if contains_term(frames, term.stems, analysis.language):
        return None
    told = concise(explanation, STEM_WORDS, analysis.language)
    if told is None:
        return None
    answer, asked = term.text, templates.which_term.format(text=told.text)
    hidden: list[str] = []

    def hide(surface: str) -> str:
        hidden.append(surface)
        return BLANK

    blanked = replace_term(told.text, term, hide, analysis.language)
    if blanked:
        answer = _as_option(hidden, term)
        asked = templates.fill_blank.format(text=_of_either(blanked, analysis.language))
    elif not explanation.defines:
        # The text does not name the term, so a reader could not tell that it is meant.
        return None
    tempting = (
        other
        for other in distractors(analysis, term, told.text, answer)
        if not contains_term(frames, analysis.language.stems(other), analysis.language)
    )
    wrong = list(islice(tempting, OPTIONS - 1))
    if len(wrong) + 1 < MIN_OPTIONS:
        return None
    return ExamQuestion(
        kind="multiple-choice",
        question=asked,
        options=_shuffled([answer, *wrong]),
        answer=answer,
        explanation=templates.because.format(
            quote=" ".join(citation.quote for citation in told.citations)
        ),
        citations=told.citations,
    )


def _is_whole(term: Term, explanation: Explanation) -> bool:
    """The gap does not hide half of a name."""
    return (
        all(
            is_free(sentence, term) or not any(p.sentence == sentence.index for p in term.places)
            for sentence in explanation.sentences[:1]
        )
        or explanation.defines
    )


def _of_either(text: str, language: Language) -> str:
    """ "An _____" would tell how the answer begins."""
    if language.phrasing.indefinite_articles != ("a", "an"):
        return text
    return re.sub(rf"\b([Aa])n? (?={BLANK})", r"\1(n) ", text)


def _as_option(hidden: Sequence[str], term: Term) -> str:
    """As it stands in the sentence, but for the capital of the sentence's beginning."""
    written = {text for _, text in term.forms}
    lower = hidden[0][:1].lower() + hidden[0][1:]
    return lower if lower in written or lower == term.text else hidden[0]


def _shuffled(options: list[str]) -> tuple[str, ...]:
    """In an order that says nothing about the answer and is the same every time."""
    return tuple(sorted(options, key=lambda option: hashlib.sha256(option.encode()).digest()))

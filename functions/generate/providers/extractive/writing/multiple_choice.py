"""Multiple-choice questions: which term the lecturer's own words are about."""

import hashlib
from collections.abc import Iterator, Sequence
from itertools import islice

from functions.generate.providers.extractive.analysis import Analysis
from functions.generate.providers.extractive.text.places import Term
from functions.generate.providers.extractive.writing.distractors import distractors
from functions.generate.providers.extractive.writing.wording import BLANK, replace_term
from shared.documents.artifacts import ExamQuestion

OPTIONS = 4
MIN_OPTIONS = 3


def multiple_choice(analysis: Analysis) -> Iterator[ExamQuestion]:
    """One question a term: those that the lecture defines first, then others that its
    sentences begin with, then the rest, each best first."""
    shown: set[str] = set()
    for term in sorted(analysis.terms, key=analysis.asking_rank):
        text = analysis.explanations[term.stems].text
        if text in shown:
            continue
        question = _question(analysis, term)
        if question:
            shown.add(text)
            yield question


def _question(analysis: Analysis, term: Term) -> ExamQuestion | None:
    explanation = analysis.explanations[term.stems]
    templates = analysis.language.phrasing.templates
    answer, asked = term.text, templates.which_term.format(text=explanation.text)
    hidden: list[str] = []

    def hide(surface: str) -> str:
        hidden.append(surface)
        return BLANK

    blanked = replace_term(explanation.text, term, hide, analysis.language)
    if blanked:
        answer = _as_option(hidden, term)
        asked = templates.fill_blank.format(text=blanked)
    elif not explanation.defines:
        # The text does not name the term, so a reader could not tell that it is meant.
        return None
    wrong = list(islice(distractors(analysis, term, explanation.text, answer), OPTIONS - 1))
    if len(wrong) + 1 < MIN_OPTIONS:
        return None
    return ExamQuestion(
        kind="multiple-choice",
        question=asked,
        options=_shuffled([answer, *wrong]),
        answer=answer,
        explanation=templates.because.format(
            quote=" ".join(sentence.citation.quote for sentence in explanation.sentences)
        ),
        citations=explanation.citations,
    )


def _as_option(hidden: Sequence[str], term: Term) -> str:
    """As it stands in the sentence, but for the capital of the sentence's beginning."""
    written = {text for _, text in term.forms}
    lower = hidden[0][:1].lower() + hidden[0][1:]
    return lower if lower in written or lower == term.text else hidden[0]


def _shuffled(options: list[str]) -> tuple[str, ...]:
    """In an order that says nothing about the answer and is the same every time."""
    return tuple(sorted(options, key=lambda option: hashlib.sha256(option.encode()).digest()))

"""Key terms: each with the lecturer's own explanation and, where there is one, an example."""

import math

from functions.generate.providers.extractive.analysis import Analysis
from functions.generate.providers.extractive.terms.explain import Explanation
from functions.generate.providers.extractive.text.passages import is_statement
from functions.generate.providers.extractive.text.places import Term
from functions.generate.text.sentences import Sentence
from shared.documents.artifacts import Citation, KeyTerm, KeyTermsContent
from shared.presets import Preset

FILLED = 0.5
"""Up to this part of what the preset wants, words that the lecture only uses make up for terms
that it lacks."""
EXAMPLE_WITHIN = 1
"""An example belongs to a term said in it or at most this many sentences before."""


def key_terms(analysis: Analysis, preset: Preset) -> KeyTermsContent:
    telling = [term for term in analysis.terms if _is_telling(analysis, term)]
    others = [term for term in analysis.terms if not _is_telling(analysis, term)]
    chosen: list[KeyTerm] = []
    shown: set[str] = set()
    for terms, limit in ((telling, preset.key_terms), (others, _at_least(preset))):
        for term in terms:
            explanation = analysis.explanations[term.stems]
            if len(chosen) < limit and explanation.text not in shown:
                shown.add(explanation.text)
                chosen.append(_key_term(analysis, term, explanation))
    return KeyTermsContent(terms=tuple(chosen))


def _is_telling(analysis: Analysis, term: Term) -> bool:
    """The lecture says what it is, or what it does, or comes back to a name of several words."""
    return analysis.asking_rank(term) < 2 or (len(term.stems) > 1 and len(term.places) > 1)


def _at_least(preset: Preset) -> int:
    return math.ceil(preset.key_terms * FILLED)


def _key_term(analysis: Analysis, term: Term, explanation: Explanation) -> KeyTerm:
    example = _example(analysis, term, explanation)
    first = term.places[0]
    sentence = analysis.sentences[first.sentence]
    citations: tuple[Citation, ...] = explanation.citations
    if example:
        citations = (*citations, example.citation)
    return KeyTerm(
        term=term.text,
        definition=explanation.text,
        example=example.text if example else None,
        first_said_sec=sentence.words[sentence.tokens[first.first].word].start_sec,
        citations=citations,
    )


def _example(analysis: Analysis, term: Term, explanation: Explanation) -> Sentence | None:
    cues = analysis.language.phrasing.examples
    used = {sentence.index for sentence in explanation.sentences}
    for index in term.sentences:
        for sentence in analysis.sentences[index : index + EXAMPLE_WITHIN + 1]:
            fresh = sentence.index not in used and is_statement(sentence)
            if fresh and sentence.has_any(cues) and not sentence.refers_back:
                return sentence
    return None

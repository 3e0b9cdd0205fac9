"""Key terms: each with the lecturer's own explanation and, where there is one, an example."""

from functions.generate.extractive.analysis import Analysis
from functions.generate.extractive.explain import Explanation
from functions.generate.extractive.passages import is_statement
from functions.generate.extractive.sentences import Sentence
from functions.generate.extractive.terms import Term
from shared.artifacts import Citation, KeyTerm, KeyTermsContent
from shared.presets import Preset

EXAMPLE_WITHIN = 1
"""An example belongs to a term said in it or at most this many sentences before."""


def key_terms(analysis: Analysis, preset: Preset) -> KeyTermsContent:
    chosen: list[KeyTerm] = []
    shown: set[str] = set()
    for term in analysis.terms:
        explanation = analysis.explanations[term.stems]
        if len(chosen) == preset.key_terms or explanation.text in shown:
            continue
        shown.add(explanation.text)
        chosen.append(_key_term(analysis, term, explanation))
    return KeyTermsContent(terms=tuple(chosen))


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
            if fresh and sentence.has_any(cues) and not sentence.leans_back:
                return sentence
    return None

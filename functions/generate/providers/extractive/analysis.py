"""Everything the five artifacts are made from, computed once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from functions.generate.providers.extractive.terms.definitions import find_namings, mark_roles
from functions.generate.providers.extractive.terms.explain import Explanation, explain_terms
from functions.generate.providers.extractive.terms.proper_names import proper_names
from functions.generate.providers.extractive.terms.terms import MAX_TERM_WORDS, find_terms
from functions.generate.providers.extractive.terms.titles import Titler
from functions.generate.providers.extractive.text.kinds import emphasize
from functions.generate.providers.extractive.text.passages import Passage
from functions.generate.providers.extractive.text.places import Place, Stems, Term, term_at
from functions.generate.providers.extractive.text.ranking import (
    Choice,
    inverse_frequencies,
    score_sentences,
    select_diverse,
    vector,
)
from functions.generate.providers.extractive.text.segmentation import segment
from functions.generate.text.edges import mark_edges
from functions.generate.text.language import Language, language_of
from functions.generate.text.sentences import Sentence, split_sentences
from shared.documents.transcript import Transcript
from shared.presets import Emphasis

MIN_TELLING = 0.5
"""A term of which the lecture says next to nothing is no term of it."""
SPARE_TERMS = 2
"""Terms looked for per key term wanted: titles, wrong options and concepts need more."""


@dataclass(frozen=True)
class Section:
    title: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Analysis:
    language: Language
    sentences: tuple[Sentence, ...]
    scores: tuple[float, ...]
    """Of each sentence, in order."""
    terms: tuple[Term, ...]
    """Best first; each has an explanation."""
    explanations: Mapping[Stems, Explanation]
    sections: tuple[Section, ...]

    @cached_property
    def _idf(self) -> dict[str, float]:
        return inverse_frequencies(self.sentences)

    def titles(self, runs: Sequence[Sequence[Sentence]], above: str = "") -> list[str]:
        """One title for each run of sentences, no two alike where terms allow; `above`: the title
        of what they are parts of, which names something else."""
        taken = self.language.content_stems(above) if above else ()
        return self._titler.titles(runs, taken)

    def topics(self, runs: Sequence[Sequence[Sentence]]) -> list[str]:
        """What each run is about, in two terms where there are two, for questions that differ in
        nothing else."""
        return self._titler.titles(runs, second=0.0)

    @cached_property
    def _titler(self) -> Titler:
        return Titler(self.terms, self.explanations, self.scores, self.language)

    def asking_rank(self, term: Term) -> int:
        """0 for a term that the lecture defines, 1 for one that its explanation begins with,
        2 for one that is only used there."""
        explanation = self.explanations[term.stems]
        if explanation.defines:
            return 0
        opening = self.language.content_stems(explanation.text)[: len(term.stems)]
        return 1 if set(opening) == set(term.stems) else 2

    def score(self, passage: Passage) -> float:
        return sum(self.scores[sentence.index] for sentence in passage.sentences)

    def best(self, candidates: Sequence[Passage], count: int) -> list[Passage]:
        """The passages to show: those that stand alone first, then others; in spoken order."""
        chosen: list[Passage] = []
        for stands in (True, False):
            choices = [
                Choice(passage, self.score(passage), vector(passage.content, self._idf))
                for passage in candidates
                if passage.stands is stands
            ]
            if stands or not chosen:
                chosen += select_diverse(choices, count - len(chosen))
        return sorted(chosen, key=lambda passage: passage.sentences[0].index)

    @cached_property
    def terms_by_sentence(self) -> dict[int, list[Term]]:
        """The terms said in each sentence, best first."""
        found: dict[int, list[Term]] = {}
        for term in self.terms:
            for index in term.sentences:
                found.setdefault(index, []).append(term)
        return found


def analyse(
    transcript: Transcript,
    *,
    term_count: int,
    section_count: int,
    emphasis: Sequence[Emphasis] = (),
) -> Analysis:
    """`sentences` is empty if, and only if, nothing was said."""
    language = language_of(transcript.language)
    spoken = mark_edges(split_sentences(transcript, language), language)
    namings = find_namings(spoken, language)
    sentences = mark_roles(spoken, namings)
    scores = score_sentences(sentences, language)
    found = find_terms(
        sentences,
        language,
        named=(naming.stems for naming in namings),
        proper=proper_names(sentences, language),
        count=term_count * SPARE_TERMS,
    )
    explanations = explain_terms(found, namings, sentences, scores, language)
    if sentences and not explanations:
        found = (_only_term(sentences, scores, language),)
        explanations = {found[0].stems: Explanation.of(sentences[found[0].places[0].sentence])}
    explained = tuple(term for term in found if term.stems in explanations)
    terms = tuple(t for t in explained if explanations[t.stems].telling >= MIN_TELLING) or explained
    defining = {naming.sentence for naming in namings if naming.defines}
    content = [s for s in sentences if s.index in defining or (not s.is_talk and s.says_something)]
    runs = segment(content or sentences, section_count)
    titles = Titler(terms, explanations, scores, language).titles(runs)
    sections = tuple(Section(t, run) for t, run in zip(titles, runs, strict=True))
    weighed = emphasize(sentences, scores, emphasis, language, defining=defining)
    return Analysis(language, sentences, weighed, terms, explanations, sections)


def _only_term(sentences: Sequence[Sentence], scores: Sequence[float], language: Language) -> Term:
    """Of a recording too short or too plain for terms: the first content words of its best
    sentence, or simply its first words."""
    best = max(sentences, key=lambda sentence: (scores[sentence.index], -sentence.index))
    parts = best.tokens
    first = next((n for n, token in enumerate(parts) if not token.is_stop), 0)
    last = first
    while last + 1 < min(len(parts), first + MAX_TERM_WORDS) and not parts[last + 1].is_stop:
        last += 1
    places = (Place(best.index, first, last),)
    return term_at(sentences, places, nouns=places, score=1.0, language=language)

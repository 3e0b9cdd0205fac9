"""Everything the five artifacts are made from, computed once."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from functions.generate.providers.extractive.terms.definitions import find_namings, mark_roles
from functions.generate.providers.extractive.terms.explain import Explanation, explain_terms
from functions.generate.providers.extractive.terms.proper_names import proper_names
from functions.generate.providers.extractive.terms.terms import MAX_TERM_WORDS, find_terms
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
from functions.generate.text.language import Language, language_of
from functions.generate.text.lexicon import load_words
from functions.generate.text.sentences import Sentence, split_sentences
from functions.generate.text.words import tokens
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

    def titles(self, runs: Sequence[Sequence[Sentence]]) -> list[str]:
        """One title for each run of sentences, no two alike where terms allow."""
        return _titles(runs, self.terms, self.scores, self.language)

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
    spoken = split_sentences(transcript, language)
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
    titles = _titles(runs, terms, scores, language)
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


def _titles(
    runs: Sequence[Sequence[Sentence]],
    terms: Sequence[Term],
    scores: Sequence[float],
    language: Language,
) -> list[str]:
    """For each run one or two terms that are said there more than elsewhere."""
    titles: list[str] = []
    used: set[Stems] = set()
    for run in runs:
        indexes = {sentence.index for sentence in run}
        here = Counter(
            {term.stems: sum(place.sentence in indexes for place in term.places) for term in terms}
        )
        weights = {
            term.stems: term.score * here[term.stems] ** 2 / len(term.places)
            for term in terms
            if here[term.stems] and term.stems not in used
        }
        chosen: list[Term] = []
        for term in sorted(terms, key=lambda term: -weights.get(term.stems, 0.0)):
            apart = all(set(term.stems).isdisjoint(other.stems) for other in chosen)
            if weights.get(term.stems) and apart and len(chosen) < 2:
                chosen.append(term)
        used.update(term.stems for term in chosen)
        names = [term.text for term in sorted(chosen, key=lambda term: _first(term, indexes))]
        # For want of a term, what the best sentence says; a short one says it whole.
        best = max(run, key=lambda s: (_may_head(s), scores[s.index], -s.index))
        titles.append(_title(names, best, language))
    return titles


def _may_head(sentence: Sentence) -> bool:
    return Passage((sentence,)).stands and sentence.length <= TITLE_WORDS


def _first(term: Term, indexes: set[int]) -> tuple[int, int]:
    return min((p.sentence, p.first) for p in term.places if p.sentence in indexes)


TITLE_WORDS = 8


def _title(names: Sequence[str], best: Sentence, language: Language) -> str:
    if len(names) == 2:
        joint = language.phrasing.templates.joint.format(a=names[0], b=names[1])
        return joint[:1].upper() + joint[1:]
    if names:
        return names[0][:1].upper() + names[0][1:]
    words = best.text.removesuffix(".").split()
    known = load_words(language.code)
    if len(words) <= TITLE_WORDS or known.takes_back(tokens(" ".join(words[TITLE_WORDS:]))):
        return " ".join(words)
    return f"{' '.join(words[:TITLE_WORDS])} …"

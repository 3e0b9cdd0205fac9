"""Titles of sections and chapters: one or two terms that are said there more than elsewhere."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from functions.generate.providers.extractive.terms.explain import Explanation
from functions.generate.providers.extractive.text.passages import Passage
from functions.generate.providers.extractive.text.places import Stems, Term
from functions.generate.text.cutting import CLAUSE_ENDS, CLOSING, SENTENCE_ENDS
from functions.generate.text.language import Language
from functions.generate.text.sentences import Sentence

DEFINED, NAMED, PLAIN = 2.0, 1.5, 1.0
"""Weights of a term that the lecture defines, a name of several words, and any other."""
SECOND = 0.35
"""Least weight of a second term, as a part of the first one's."""
LONGEST_NAME = 4
TITLE_WORDS = 8


@dataclass(frozen=True)
class Titler:
    terms: Sequence[Term]
    explanations: Mapping[Stems, Explanation]
    scores: Sequence[float]
    language: Language

    def titles(
        self,
        runs: Sequence[Sequence[Sentence]],
        taken: Collection[str] = (),
        second: float = SECOND,
    ) -> list[str]:
        """For each run a title; `taken`: stems of words that are in none; `second`: the least
        weight of a second term."""
        titles: list[str] = []
        used: set[Stems] = {term.stems for term in self.terms if set(term.stems) <= {*taken}}
        for run in runs:
            indexes = {sentence.index for sentence in run}
            chosen = self._chosen(indexes, used, second)
            used.update(term.stems for term in chosen)
            names = [term.text for term in sorted(chosen, key=lambda term: _first(term, indexes))]
            titles.append(self._joined(names) if names else self._of_sentence(run))
        return titles

    def _chosen(self, indexes: set[int], used: set[Stems], second: float) -> list[Term]:
        here = Counter(
            {t.stems: sum(place.sentence in indexes for place in t.places) for t in self.terms}
        )
        weights = {
            term.stems: self._kind(term) * term.score * here[term.stems] ** 2 / len(term.places)
            for term in self.terms
            if here[term.stems] and term.stems not in used
        }
        chosen: list[Term] = []
        for term in sorted(self.terms, key=lambda term: -weights.get(term.stems, 0.0)):
            weight = weights.get(term.stems, 0.0)
            apart = all(set(term.stems).isdisjoint(other.stems) for other in chosen)
            enough = not chosen or weight >= second * weights[chosen[0].stems]
            if weight and apart and enough and len(chosen) < 2:
                chosen.append(term)
        return chosen

    def _kind(self, term: Term) -> float:
        if self.explanations[term.stems].defines:
            return DEFINED
        return NAMED if len(term.stems) > 1 else PLAIN

    def _joined(self, names: Sequence[str]) -> str:
        if len(names) == 2:
            joint = self.language.phrasing.templates.joint.format(a=names[0], b=names[1])
            return joint[:1].upper() + joint[1:]
        return names[0][:1].upper() + names[0][1:]

    def _of_sentence(self, run: Sequence[Sentence]) -> str:
        """For want of a term: what the best sentence names, or its first words."""
        best = max(run, key=lambda s: (_may_head(s), self.scores[s.index], -s.index))
        name = self._name_in(best)
        if name:
            return name[:1].upper() + name[1:]
        words = best.text.removesuffix(".").split()
        return (
            " ".join(words) if len(words) <= TITLE_WORDS else f"{' '.join(words[:TITLE_WORDS])} …"
        )

    def _name_in(self, sentence: Sentence) -> str:
        """The longest run of content words behind an article, a preposition or the like."""
        markers = {*self.language.phrasing.noun_markers, *self.language.phrasing.articles}
        parts, best = sentence.tokens, (0, 0)
        first = 0
        while first < len(parts):
            last = first
            while last < len(parts) and not parts[last].is_stop:
                last += 1
                if parts[last - 1].ends_clause:
                    break
            marked = first > 0 and parts[first - 1].norm in markers
            # What runs on behind a name ("the price rises") is not known to belong to it.
            ends = last == len(parts) or (parts[last].is_stop and parts[last].norm in markers)
            if marked and (ends or last - first > 1) and 0 < last - first <= LONGEST_NAME:
                best = max(best, (first, last), key=lambda span: span[1] - span[0])
            first = max(last, first + 1)
        words = sentence.words[parts[best[0]].word : parts[best[1] - 1].word + 1] if best[1] else ()
        return " ".join(word.text for word in words).strip(SENTENCE_ENDS + CLAUSE_ENDS + CLOSING)


def _may_head(sentence: Sentence) -> bool:
    return Passage((sentence,)).stands and sentence.length <= TITLE_WORDS


def _first(term: Term, indexes: set[int]) -> tuple[int, int]:
    return min((p.sentence, p.first) for p in term.places if p.sentence in indexes)

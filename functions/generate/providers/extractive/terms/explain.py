"""The best words the lecturer found for each term."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, pstdev

from functions.generate.providers.extractive.terms.antecedents import antecedent
from functions.generate.providers.extractive.terms.definitions import Naming
from functions.generate.providers.extractive.text.passages import Passage, passages
from functions.generate.providers.extractive.text.places import Stems, Term
from functions.generate.text.language import Language
from functions.generate.text.sentences import Sentence, tidy
from functions.generate.text.words import tokens
from shared.documents.artifacts import Citation

SHORT_WORDS = 9
"""A defining sentence below this length takes the one after it along."""
DEFINES, NAMED_IN, SUBJECT, MENTION, LEANING = 4.5, 1.8, 1.5, 0.6, 0.25
"""Weights: the sentence defines the term, names it, begins with it, contains it, or contains
it but leans on the sentence before."""
SHORTEST_BREATH_SEC = 0.1
"""More than the unsteadiness of a recognizer's times."""
NAMED_LEANING = 2.0
"""Weight of what a name is given to, where it leans on something before."""
NAMED_WITHIN = 3
NAMED_BY = 2
"""Content words of which one sentence makes a definition of a name."""
FIRST_MENTION = 1.25
REPEATED = 0.35
"""Factor on an explanation that a better term has taken."""
DEFINING = 0.6
"""What a definition counts at least, be it in the plainest words."""
TELLING = (0.05, 0.15, 0.6, 0.8, 1.0)
"""By how many content words an explanation says beside the term itself."""


@dataclass(frozen=True)
class Explanation:
    text: str
    sentences: tuple[Sentence, ...]
    """What the text is made of, and the sentence that names the term."""
    defines: bool
    """It says what the term is; otherwise something about it."""
    telling: float
    """0 to 1: how much it says beside the term."""

    @classmethod
    def of(cls, sentence: Sentence) -> "Explanation":
        """The sentence itself, for lack of a better one."""
        return cls(sentence.text, (sentence,), defines=False, telling=0.0)

    @property
    def citations(self) -> tuple[Citation, ...]:
        return tuple(sentence.citation for sentence in self.sentences)


@dataclass(frozen=True)
class _Candidate:
    weight: float
    text: str
    sentences: tuple[Sentence, ...]


def explain_terms(
    terms: Sequence[Term],
    namings: Sequence[Naming],
    sentences: Sequence[Sentence],
    scores: Sequence[float],
    language: Language,
) -> dict[Stems, Explanation]:
    """An explanation for every term of which some sentence says something. Terms that are
    introduced by name choose first, then better ones, so that two terms seldom share one."""
    top = max(scores, default=1.0) or 1.0
    names = {stem for naming in namings for stem in naming.stems}
    passage_of = {s.index: passage for passage in passages(sentences) for s in passage.sentences}
    explanations: dict[Stems, Explanation] = {}
    taken: set[str] = set()
    introduced = {naming.stems for naming in namings}
    for term in sorted(terms, key=lambda term: term.stems not in introduced):

        def worth(candidate: _Candidate, own: Stems = term.stems) -> float:
            central = max(scores[sentence.index] for sentence in candidate.sentences) / top
            fresh = REPEATED if candidate.text in taken else 1.0
            telling = _telling(candidate, own, names, language)
            return candidate.weight * telling * fresh * (0.3 + central)

        candidates = [
            *_from_namings(
                [n for n in namings if n.stems == term.stems], sentences, passage_of, language
            ),
            *_from_mentions(term, sentences, passage_of),
        ]
        if candidates:
            best = max(candidates, key=worth)
            taken.add(best.text)
            explanations[term.stems] = Explanation(
                best.text,
                best.sentences,
                defines=best.weight in {DEFINES, NAMED_IN, NAMED_LEANING},
                telling=_telling(best, term.stems, names, language),
            )
    return explanations


def _telling(
    candidate: _Candidate, own: Sequence[str], names: Collection[str], language: Language
) -> float:
    # "The first stage is called X, and the second stage is called Y" explains neither.
    beside = names if candidate.weight == NAMED_IN else own
    said = {
        language.stem(token) for token in tokens(candidate.text) if not language.is_common(token)
    }
    telling = TELLING[min(len(said.difference(beside)), len(TELLING) - 1)]
    return max(telling, DEFINING) if candidate.weight == DEFINES and len(said) > 0 else telling


def _from_namings(
    namings: Sequence[Naming],
    sentences: Sequence[Sentence],
    passage_of: Mapping[int, Passage],
    language: Language,
) -> Iterator[_Candidate]:
    breath = _breath(sentences) if namings else 0.0
    for naming in namings:
        here = sentences[naming.sentence]
        passage = passage_of.get(naming.sentence) or Passage((here,))
        described = antecedent(naming, sentences, language)
        if naming.meaning is not None:
            yield _Candidate(DEFINES, tidy(naming.meaning), (here,))
        elif described is not None:
            yield _Candidate(DEFINES, described[0], (described[1], here))
        elif _names_itself(here, naming, language):
            yield _Candidate(DEFINES, here.text, (here,))
        elif naming.explained_by != "sentence" and len(passage.sentences) > 1:
            # "We call this photorespiration" adds nothing; "These membranes are called
            # thylakoids" says which of the things before is meant.
            adds = set(here.content) - set(naming.stems)
            shown = [s for s in passage.sentences if adds or s.index != here.index]
            # Behind "he" or "then" it is not known what was named.
            weight = NAMED_LEANING if passage.sentences[0].refers_back else DEFINES
            yield _Candidate(weight, " ".join(s.text for s in shown), passage.sentences)
        elif naming.explained_by == "sentence":
            weight = DEFINES if naming.defines else NAMED_IN
            yield _Candidate(weight, passage.text, passage.sentences)
            # "Robin Hood hashing is a beautiful repair": the substance comes next.
            after = passage_of.get(naming.sentence + 1)
            same_breath = after and after.sentences[0].pause_before_sec < breath
            if after and same_breath and here.length < SHORT_WORDS:
                run = tuple(dict.fromkeys((*passage.sentences, *after.sentences[:1])))
                yield _Candidate(weight, " ".join(s.text for s in run), run)


def _names_itself(here: Sentence, naming: Naming, language: Language) -> bool:
    """ "The marking of microbes for phagocytosis is called opsonisation": with nothing that points
    back, and enough beside the name."""
    opening = {token.norm for token in here.tokens[:NAMED_WITHIN]}
    adds = set(here.content) - set(naming.stems)
    points = opening & {*language.phrasing.back_references, *language.phrasing.pronouns}
    return naming.explained_by == "previous" and not points and len(adds) >= NAMED_BY


def _breath(sentences: Sequence[Sentence]) -> float:
    """Seconds of a pause that ends a train of thought."""
    pauses = [sentence.pause_before_sec for sentence in sentences]
    return fmean(pauses) + pstdev(pauses) + SHORTEST_BREATH_SEC


def _from_mentions(
    term: Term, sentences: Sequence[Sentence], passage_of: Mapping[int, Passage]
) -> Iterator[_Candidate]:
    for order, place in enumerate(term.places):
        passage = passage_of.get(place.sentence)
        if passage is None:
            continue
        sentence = sentences[place.sentence]
        lead = sentence.tokens[place.first].word - sentence.subject_word
        alone = SUBJECT if lead <= 1 else MENTION
        leans = passage.sentences[0].refers_back or any(s.is_personal for s in passage.sentences)
        weight = LEANING if leans else alone
        # Lecturers explain a thing when they first speak of it.
        early = FIRST_MENTION if order == 0 else 1.0
        yield _Candidate(weight * early, passage.text, passage.sentences)
        after = passage_of.get(passage.sentences[-1].index + 1)
        if order == 0 and lead <= 1 and after and passage.sentences[0].length < SHORT_WORDS:
            run = (*passage.sentences[:1], *after.sentences[:1])
            yield _Candidate(weight, " ".join(s.text for s in run), run)

"""The lecture's concepts, and how they change what earlier lectures said of them."""

from collections import Counter
from collections.abc import Sequence

from functions.generate.extractive.analysis import Analysis
from functions.generate.extractive.explain import Explanation
from functions.generate.extractive.passages import is_statement, passages
from functions.generate.extractive.sentences import Sentence
from functions.generate.extractive.terms import Place, Term, surface, written
from functions.generate.language import Language
from functions.generate.matching import match
from functions.generate.provider import Change, Concept, KnownThread
from shared.models import ThreadChange

MAX_CONCEPTS = 12
MAX_EVIDENCE = 5
OFTEN = 5
NEW_IDEAS = 4
"""Terms beside a known concept that its description lacks, from which on it became more
complex and is not only put more exactly."""


def concepts(analysis: Analysis, known: Sequence[KnownThread]) -> tuple[Concept, ...]:
    """The best terms, and every known thread that the lecture speaks of."""
    language = analysis.language
    leading = _leading(analysis)
    resumed = _resumed(analysis, known)
    terms = {term.stems: term for term in (*leading, *resumed)}
    found = [_concept(analysis, term) for term in terms.values()]
    threads = match(found, known, language)
    return tuple(
        concept if thread is None else _continued(analysis, concept, term, thread)
        for concept, term, thread in zip(found, terms.values(), threads, strict=True)
    )


def _leading(analysis: Analysis) -> list[Term]:
    """The terms that are ideas: defined, or of several words, or said again and again; and no
    lone word that a longer term ("hash function") has taken."""
    ideas = [
        term
        for term in analysis.terms
        if analysis.explanations[term.stems].defines
        or len(term.stems) > 1
        or len(term.places) >= OFTEN
    ]
    longer = {stem for term in ideas if len(term.stems) > 1 for stem in term.stems}
    free = [term for term in ideas if len(term.stems) > 1 or term.stems[0] not in longer]
    return free[:MAX_CONCEPTS] or list(analysis.terms[:1])


def _resumed(analysis: Analysis, known: Sequence[KnownThread]) -> list[Term]:
    """Known threads as terms of this lecture, where it names them."""
    wanted = {analysis.language.stems(thread.title) for thread in known}
    wanted -= {term.stems for term in _leading(analysis)} | {()}
    longest = max((len(stems) for stems in wanted), default=0)
    places: dict[tuple[str, ...], list[Place]] = {}
    for sentence in analysis.sentences:
        stems = tuple(token.stem for token in sentence.tokens)
        for first in range(len(stems)):
            for last in range(first, min(first + longest, len(stems))):
                if stems[first : last + 1] in wanted:
                    place = Place(sentence.index, first, last)
                    places.setdefault(stems[first : last + 1], []).append(place)
    return [
        Term(surface(analysis.sentences, found), stems, 0.0, tuple(found))
        for stems, found in places.items()
    ]


def _concept(analysis: Analysis, term: Term) -> Concept:
    explanation = analysis.explanations.get(term.stems)
    mentions = [analysis.sentences[index] for index in term.sentences]
    telling = [sentence for sentence in mentions if is_statement(sentence)] or mentions
    # "Let me finish with the load factor": what is said of it follows.
    after = analysis.sentences[mentions[0].index + 1 : mentions[0].index + 2]
    if not any(is_statement(sentence) for sentence in mentions):
        telling = [sentence for sentence in after if is_statement(sentence)] or mentions
    best = max(telling, key=lambda sentence: analysis.scores[sentence.index])
    forms = Counter(written(analysis.sentences[place.sentence], place) for place in term.places)
    return Concept(
        title=term.text,
        description=explanation.text if explanation else best.text,
        complexity=_complexity(analysis, term),
        evidence=tuple(s.citation for s in _evidence(telling, explanation)),
        aliases=tuple(sorted({form for form in forms if form.casefold() != term.text.casefold()})),
    )


def _evidence(mentions: Sequence[Sentence], explanation: Explanation | None) -> list[Sentence]:
    """Up to MAX_EVIDENCE sentences in spoken order: those that explain, then mentions spread
    over the lecture."""
    first = {s.index: s for s in explanation.sentences} if explanation else {}
    others = [sentence for sentence in mentions if sentence.index not in first]
    room = max(0, MAX_EVIDENCE - len(first))
    step = max(1.0, len(others) / room) if room else 1.0
    spread = [others[int(n * step)] for n in range(min(room, len(others)))]
    chosen = {**first, **{s.index: s for s in spread}}
    return [chosen[index] for index in sorted(chosen)]


def _neighbours(analysis: Analysis, term: Term) -> list[Term]:
    """Other terms said in the same sentences."""
    here = {
        other.stems: other
        for index in term.sentences
        for other in analysis.terms_by_sentence.get(index, ())
        if other.stems != term.stems
    }
    return list(here.values())


def _complexity(analysis: Analysis, term: Term) -> int:
    """1 to 5, by how many other terms it takes to speak of this one."""
    return 1 + min(4, len(_neighbours(analysis, term)) // 2)


def _continued(analysis: Analysis, concept: Concept, term: Term, thread: KnownThread) -> Concept:
    told = [
        passage
        for passage in passages(analysis.sentences)
        if any(sentence.index in term.sentences for sentence in passage.sentences)
    ]
    against = _contradiction(analysis, term)
    if against:
        kind, summary = ThreadChange.CONTRADICTION, against
    else:
        before = set(analysis.language.content_stems(f"{thread.title} {thread.description}"))
        new = [t for t in _neighbours(analysis, term) if not before.issuperset(t.stems)]
        kind = ThreadChange.COMPLEXITY if len(new) >= NEW_IDEAS else ThreadChange.REFINEMENT
        best = analysis.best(told, 1)
        summary = best[0].sentences[0].text if best else concept.description
    return Concept(
        title=concept.title,
        description=concept.description,
        complexity=concept.complexity,
        evidence=concept.evidence,
        aliases=concept.aliases,
        continues=thread.key,
        change=Change(kind, summary),
    )


def _contradiction(analysis: Analysis, term: Term) -> str | None:
    """What takes back or limits an earlier claim about the term: a sentence that names it, or
    the next if that leans on it ("I said that … That is only true if …")."""
    for index in term.sentences:
        sentence = analysis.sentences[index]
        if not sentence.is_question and _contradicts(sentence, analysis.language):
            before = analysis.sentences[index - 1 : index] if sentence.leans_back else ()
            return " ".join(s.text for s in (*before, sentence))
        for following in analysis.sentences[index + 1 : index + 2]:
            if following.leans_back and _contradicts(following, analysis.language):
                return f"{sentence.text} {following.text}"
    return None


def _contradicts(sentence: Sentence, language: Language) -> bool:
    phrasing = language.phrasing
    return sentence.has_any(phrasing.contradictions) or (
        sentence.has_any(phrasing.recalls) and sentence.has_any(phrasing.negations)
    )

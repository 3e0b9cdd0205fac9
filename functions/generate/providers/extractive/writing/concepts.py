"""The lecture's concepts, and how they change what earlier lectures said of them."""

from collections.abc import Sequence
from dataclasses import replace

from functions.generate.drafts import Change, Concept, KnownThread
from functions.generate.providers.extractive.analysis import Analysis
from functions.generate.providers.extractive.terms.explain import Explanation
from functions.generate.providers.extractive.text.passages import is_statement, passages
from functions.generate.providers.extractive.text.places import Place, Term, surface
from functions.generate.providers.extractive.writing.aliases import aliases
from functions.generate.text.phrasing import Phrasing
from functions.generate.text.sentences import Sentence
from functions.generate.text.words import tokens
from functions.generate.threads.matching import match
from functions.generate.threads.novelty import known_stems, newest
from shared.models import ThreadChange

MAX_CONCEPTS = 12
MAX_EVIDENCE = 5
OFTEN = 5
NEW_IDEAS = 4
"""Terms beside a known concept that no lecture before has brought up with it, from which on it
became more complex and is not only put more exactly."""


def concepts(analysis: Analysis, known: Sequence[KnownThread]) -> tuple[Concept, ...]:
    """The best terms, and every known thread that the lecture speaks of."""
    language = analysis.language
    leading = {term.stems: term for term in _leading(analysis)}
    terms = {**leading, **{term.stems: term for term in _resumed(analysis, known)}}
    found = [_concept(analysis, term) for term in terms.values()]
    threads = match(found, known, language)
    return tuple(
        _continued(analysis, concept, term, thread) if thread else concept
        for concept, term, thread in zip(found, terms.values(), threads, strict=True)
        # Stems are shared by relatives: "hashing" does not resume the thread of "hashes".
        if thread or term.stems in leading
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
    language = analysis.language
    names = (name for thread in known for name in (thread.title, *thread.aliases))
    wanted = {
        language.stems(name)
        for name in names
        if not all(language.is_stop(token) for token in tokens(name))
    }
    wanted -= {term.stems for term in _leading(analysis)}
    longest = max((len(stems) for stems in wanted), default=0)
    named: dict[int, list[Place]] = {}
    for term in analysis.terms:
        for place in term.places:
            named.setdefault(place.sentence, []).append(place)
    places: dict[tuple[str, ...], list[Place]] = {}
    for sentence in analysis.sentences:
        stems = tuple(token.stem for token in sentence.tokens)
        spans = [
            Place(sentence.index, first, last)
            for first in range(len(stems))
            for last in range(first, min(first + longest, len(stems)))
            if stems[first : last + 1] in wanted
        ]
        # Who speaks of a supply curve does not yet speak of supply.
        longer = [*spans, *named.get(sentence.index, ())]
        for place in spans:
            if not any(other.holds(place) for other in longer):
                places.setdefault(stems[place.first : place.last + 1], []).append(place)
    return [
        Term(surface(analysis.sentences, found), stems, 0.0, tuple(found))
        for stems, found in places.items()
    ]


def _concept(analysis: Analysis, term: Term) -> Concept:
    explanation = analysis.explanations.get(term.stems)
    telling = _telling(analysis, term)
    best = max(telling, key=lambda sentence: analysis.scores[sentence.index])
    against = _contradiction(analysis, term)
    return Concept(
        title=term.text,
        description=explanation.text if explanation else best.text,
        complexity=_complexity(analysis, term),
        evidence=tuple(s.citation for s in _evidence(telling, explanation)),
        aliases=aliases(analysis, term),
        change=Change(ThreadChange.CONTRADICTION, against) if against else None,
    )


def _telling(analysis: Analysis, term: Term) -> list[Sentence]:
    """The sentences that say something of the term: statements that name it, if there are any."""
    mentions = [analysis.sentences[index] for index in term.sentences]
    if statements := [sentence for sentence in mentions if is_statement(sentence)]:
        return statements
    # "Let me finish with the load factor": what is said of it follows.
    after = analysis.sentences[mentions[0].index + 1 : mentions[0].index + 2]
    return [sentence for sentence in after if is_statement(sentence)] or mentions


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
    """1 to 5: one more for every two other terms that it takes to speak of this one."""
    return 1 + min(4, len(_neighbours(analysis, term)) // 2)


def _continued(analysis: Analysis, concept: Concept, term: Term, thread: KnownThread) -> Concept:
    """With what the lecture changes in the thread; nothing, if it only says it again."""
    language = analysis.language
    texts = (thread.title, *thread.aliases, thread.description, *thread.quotes)
    known = known_stems(texts, language)
    change = concept.change
    here = {sentence.index for sentence in _telling(analysis, term)}
    told = [
        passage
        for passage in passages(analysis.sentences)
        if any(sentence.index in here for sentence in passage.sentences)
    ]
    telling = [passage.text for passage in told if passage.stands] or [p.text for p in told]
    if change is None and (summary := newest(telling, known | set(term.stems), language)):
        new = [t for t in _neighbours(analysis, term) if not known.issuperset(t.stems)]
        kind = ThreadChange.COMPLEXITY if len(new) >= NEW_IDEAS else ThreadChange.REFINEMENT
        change = Change(kind, summary)
    return replace(concept, continues=thread.key, change=change)


def _contradiction(analysis: Analysis, term: Term) -> str | None:
    """What takes back or limits an earlier claim about the term: a sentence that names it where
    it does so, or the next if that leans on it ("I said that … That is only true if …")."""
    phrasing = analysis.language.phrasing
    for place in term.places:
        sentence = analysis.sentences[place.sentence]
        # In "that is only true if the keys are even" the keys are not what was wrong.
        if not (sentence.is_question or sentence.refers_back) and _contradicts(sentence, phrasing):
            clause = _clause(sentence, place)
            if any(f" {sign} " in clause for sign in (*phrasing.contradictions, *phrasing.recalls)):
                return sentence.text
        for following in analysis.sentences[place.sentence + 1 : place.sentence + 2]:
            if following.refers_back and _contradicts(following, phrasing):
                return f"{sentence.text} {following.text}"
    return None


def _contradicts(sentence: Sentence, phrasing: Phrasing) -> bool:
    return sentence.has_any(phrasing.contradictions) or (
        sentence.has_any(phrasing.recalls) and sentence.has_any(phrasing.negations)
    )


def _clause(sentence: Sentence, place: Place) -> str:
    """The bare words of the clause around a place, between spaces."""
    parts = sentence.tokens
    first, last = place.first, place.last
    while first > 0 and not parts[first - 1].ends_clause:
        first -= 1
    while last + 1 < len(parts) and not parts[last].ends_clause:
        last += 1
    return f" {' '.join(part.norm for part in parts[first : last + 1])} "

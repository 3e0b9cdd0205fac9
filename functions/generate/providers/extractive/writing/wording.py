"""Terms inside sentences: asked for, blanked out, replaced."""

import re
from collections.abc import Callable
from itertools import takewhile

from functions.generate.providers.extractive.analysis import Analysis
from functions.generate.providers.extractive.terms.nouns import closes
from functions.generate.providers.extractive.text.places import Place, Stems, Term
from functions.generate.text.cutting import CLAUSE_ENDS, CLOSING, SENTENCE_ENDS
from functions.generate.text.inflection import is_plural
from functions.generate.text.language import Language
from functions.generate.text.sentences import Sentence
from functions.generate.text.words import Token, split_word

BLANK = "_____"
_TAIL = CLAUSE_ENDS + SENTENCE_ENDS + CLOSING
_HEAD = "“‘«„([¿¡\"'"
_ELIDED = re.compile(r"[^'’-]*['’-]")
VOWELS = tuple("aeiou")
PERSON_WITHIN = 14
"""Words behind a name that tell whose it is."""
SOME = 3
"""One in so many uses with "the" is enough where nothing else shows how the term is used."""


def ask_what(analysis: Analysis, term: Term) -> str:
    """ "What is a hash table?", "What is the Calvin cycle?", "What are thylakoids?": with the
    article that the lecturer uses. A term that the lecturer uses without saying what it is:
    "What does the lecture say about “energy”?"."""
    language = analysis.language
    phrasing, templates = language.phrasing, language.phrasing.templates
    if templates.who_was and is_person(analysis, term):
        return templates.who_was.format(term=term.text)
    if not analysis.explanations[term.stems].defines:
        return templates.what_is_said_about.format(term=term.text)
    if not phrasing.indefinite_articles:
        return templates.what_is.format(term=term.text)
    if is_plural(term.text, language):
        return templates.what_are.format(term=f"{_article(analysis, term)}{term.text}")
    return templates.what_is.format(term=f"{_article(analysis, term)}{term.text}")


def is_asked_for(analysis: Analysis, term: Term) -> bool:
    """The lecture says what or who it is."""
    return analysis.explanations[term.stems].defines or (
        analysis.asking_rank(term) < 2
        and bool(analysis.language.phrasing.templates.who_was)
        and is_person(analysis, term)
    )


def is_recalled(analysis: Analysis, term: Term) -> bool:
    """Nothing else could stand in a gap for it: the lecture defines it, or it is a name. Of a word
    that is used now and then ("air") others could."""
    is_name = len(term.stems) > 1 or (
        term.text != term.text.lower() and not analysis.language.phrasing.nouns_are_capital
    )
    return analysis.explanations[term.stems].defines or is_name


def is_free(sentence: Sentence, term: Term) -> bool:
    """Said once in the sentence, and not as a part of a longer name ("pneumonic plague", "Unfair
    Terms Act"), of which half would be hidden or exchanged."""
    places = [place for place in term.places if place.sentence == sentence.index]
    stems = [token.stem for token in sentence.tokens]
    size = len(term.stems)
    said = sum(tuple(stems[at : at + size]) == term.stems for at in range(len(stems)))
    return len(places) == said == 1 and _stands_apart(sentence, places[0])


def _stands_apart(sentence: Sentence, place: Place) -> bool:
    parts = sentence.tokens
    before = parts[place.first - 1] if place.first else None
    joined = bool(before) and before is not None and not (before.is_stop or before.ends_clause)
    follows = parts[place.last + 1] if place.last + 1 < len(parts) else None
    hyphened = follows is not None and follows.word == parts[place.last].word
    names = (
        follows is not None and not parts[place.last].ends_clause and _is_capital(sentence, follows)
    )
    ends = len(parts[place.first : place.last + 1]) > 1 or closes(sentence, place.last)
    return ends and not (joined or hyphened or names)


def _is_capital(sentence: Sentence, token: Token) -> bool:
    written = sentence.words[token.word].text.lstrip(_HEAD)
    return not token.is_stop and written[:1] != written[:1].lower()


def is_person(analysis: Analysis, term: Term) -> bool:
    """A name whose bearer does what people do, or is called "he" or "she" in the same sentence or
    at the beginning of the next."""
    phrasing = analysis.language.phrasing
    if phrasing.nouns_are_capital or not all(word[:1].isupper() for word in term.text.split()):
        return False
    for place in term.places:
        sentence = analysis.sentences[place.sentence]
        # "In Dick Bentley the dealer said": a case that has a person's name.
        if _before(analysis, place) in phrasing.noun_markers:
            continue
        behind = [token.norm for token in sentence.tokens[place.last + 1 :]]
        following = analysis.sentences[place.sentence + 1 : place.sentence + 2]
        opening = [token.norm for each in following for token in each.tokens[:1]]
        signs = (*behind[:PERSON_WITHIN], *opening)
        if not set(signs).isdisjoint(phrasing.person_signs):
            return True
    return False


def _article(analysis: Analysis, term: Term) -> str:
    """The article that the lecturer uses with the term, and a space; or nothing."""
    phrasing = analysis.language.phrasing
    before = [_before(analysis, place) for place in term.places]
    definite = [word for word in before if word in phrasing.definite_articles]
    indefinite = [word for word in before if word in phrasing.indefinite_articles]
    if is_plural(term.text, analysis.language):
        return f"{definite[0]} " if len(definite) * 2 > len(before) else ""
    if indefinite:
        return f"{indefinite[0]} "
    if len(definite) * 2 > len(before):
        return f"{definite[0]} "
    # "Temperature is a measure of …": the lecturer defines it without one.
    is_bare = any(_begins_as_one(analysis, place) for place in term.places)
    if _has_plural(analysis, term) and not is_bare:
        vowel = term.text[:1].casefold() in VOWELS
        return f"{phrasing.indefinite_articles[vowel]} "
    return f"{definite[0]} " if len(definite) * SOME >= len(before) and definite else ""


def fits(analysis: Analysis, sentence: Sentence, term: Term, other: str) -> bool:
    """Where the sentence has the term without an article, the other is used without one too
    ("modulation", but "a tritone")."""
    phrasing = analysis.language.phrasing
    if not phrasing.indefinite_articles or is_plural(other, analysis.language):
        return True
    places = [place for place in term.places if place.sentence == sentence.index]
    is_bare = not any(_before(analysis, place) in phrasing.noun_markers for place in places)
    known = next((t for t in analysis.terms if other in {text for _, text in t.forms}), None)
    return not (is_bare and known and _article(analysis, known))


def with_articles(text: str, language: Language) -> str:
    """ "A" and "an" as the next word wants them, where the language has both."""
    if language.phrasing.indefinite_articles != ("a", "an"):
        return text
    text = re.sub(r"\b([Aa])n (?=[^aeiouAEIOU\W])", r"\1 ", text)
    return re.sub(r"\b([Aa]) (?=[aeioAEIO])", r"\1n ", text)


def _begins_as_one(analysis: Analysis, place: Place) -> bool:
    """A sentence begins with the term in the singular."""
    last = analysis.sentences[place.sentence].tokens[place.last].norm
    return place.first == 0 and not is_plural(last, analysis.language)


def _before(analysis: Analysis, place: Place) -> str:
    return analysis.sentences[place.sentence].tokens[place.first - 1].norm if place.first else ""


def _has_plural(analysis: Analysis, term: Term) -> bool:
    """Its last word is also said of several."""
    last = term.stems[-1]
    return any(
        token.stem == last and is_plural(token.norm, analysis.language)
        for sentence in analysis.sentences
        for token in sentence.tokens
    )


def ask_at(analysis: Analysis, sentence: Sentence) -> str:
    """ "What is said at 1:05 in the lecture?"."""
    return analysis.language.phrasing.templates.what_is_said_at.format(time=clock(sentence))


def clock(sentence: Sentence) -> str:
    """When the sentence begins, in minutes and seconds."""
    minutes, seconds = divmod(int(sentence.citation.start_sec), 60)
    return f"{minutes}:{seconds:02}"


def replace_term(
    text: str, term: Term, replace: Callable[[str], str], language: Language
) -> str | None:
    """The text with every occurrence of the term replaced by what `replace` makes of it.
    Punctuation around it stays, and what is elided before it. None if it does not occur, or
    also in a form that is not the term's ("keyed" of "key"): that would give it away."""
    words = text.split()
    parts = [(norm, i) for i, word in enumerate(words) for norm in split_word(word)]
    forms = {norms for norms, _ in term.forms}
    size = len(term.stems)
    result: list[str] = []
    position, done, found = 0, -1, False
    while position < len(parts):
        window = parts[position : position + size]
        norms = tuple(norm for norm, _ in window)
        if tuple(map(language.stem, norms)) == term.stems:
            if norms not in forms:
                return None
            first, last = window[0][1], window[-1][1]
            result.extend(words[done + 1 : first])
            elided = position > 0 and parts[position - 1][1] == first
            head = _head(words[first], elided=elided)
            tail = words[last][len(words[last].rstrip(_TAIL)) :]
            surface = " ".join(words[first : last + 1])[len(head) :].rstrip(_TAIL)
            result.append(f"{head}{replace(surface)}{tail}")
            done, found = last, True
            position += size
            while position < len(parts) and parts[position][1] <= done:
                position += 1
        else:
            position += 1
    result.extend(words[done + 1 :])
    return " ".join(result) if found else None


def _head(word: str, *, elided: bool) -> str:
    """What stands before a term in its first word: "“", "l'"."""
    signs = word[: len(word) - len(word.lstrip(_HEAD))]
    match = _ELIDED.match(word[len(signs) :]) if elided else None
    return signs + (match.group() if match else "")


def contains_term(text: str, stems: Stems, language: Language) -> bool:
    own = language.stems(text)
    return any(own[i : i + len(stems)] == stems for i in range(len(own) - len(stems) + 1))


def in_form_of(term: Term, model: str) -> str:
    """The term in the form that ends most like the model: the plural beside a plural, the same
    case; of forms that end alike the commonest."""

    def likeness(form: str) -> int:
        pairs = zip(reversed(form.casefold()), reversed(model.casefold()), strict=False)
        return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))

    return max([term.text, *(text for _, text in term.forms)], key=likeness)

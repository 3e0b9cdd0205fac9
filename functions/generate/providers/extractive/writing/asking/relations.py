"""Questions after relations that the lecturer states: why something is so ("…, because …"), and
what follows from a condition ("If …, …")."""

from collections.abc import Iterator
from dataclasses import dataclass

from functions.generate.providers.extractive.analysis import Analysis
from functions.generate.providers.extractive.text.passages import is_statement
from functions.generate.providers.extractive.text.shorten import shorten
from functions.generate.providers.extractive.writing.asking.concise import ANSWER_WORDS
from functions.generate.text.cutting import CLAUSE_ENDS
from functions.generate.text.language import Language
from functions.generate.text.lexicon import Operator, load_words
from functions.generate.text.sentences import Sentence, tidy
from functions.generate.text.words import Token, tokens
from shared.documents.artifacts import Citation

STATED_WORDS = range(4, 21)
CONDITION_WORDS = range(3, 16)
FEWEST_ANSWER_WORDS = 3
_NEGATIONS = frozenset({Operator.NEGATION, Operator.DENIAL})


@dataclass(frozen=True)
class Relation:
    question: str
    answer: str
    sentence: Sentence
    citation: Citation


def relations(analysis: Analysis) -> Iterator[Relation]:
    """Best first, one for each sentence."""
    for sentence in sorted(analysis.sentences, key=lambda s: (-analysis.scores[s.index], s.index)):
        alone = is_statement(sentence) and sentence.says_something
        if not alone or sentence.refers_back or sentence.is_personal or sentence.opens:
            continue
        found = _reason(sentence, analysis.language) or _consequence(sentence, analysis.language)
        if found:
            yield found


def _reason(sentence: Sentence, language: Language) -> Relation | None:
    template = language.phrasing.templates.why
    parts = [token for token in sentence.tokens if token.word >= sentence.first_word]
    grounds = [at for at, part in enumerate(parts) if part.norm in language.phrasing.grounds]
    if not template or len(grounds) != 1 or grounds[0] == 0:
        return None
    before, ground = parts[grounds[0] - 1], parts[grounds[0]]
    stated, reason = (
        _words(sentence, sentence.first_word, ground.word),
        len(sentence.words) - (ground.word),
    )
    # "Only because", "perhaps because": the word before belongs to the reason.
    if before.is_stop and not before.ends_clause:
        return None
    # What "it does not fail because it is weak" denies is the reason.
    norms = [part.norm for part in parts[: grounds[0]]]
    denied = load_words(language.code).has_any(norms, _NEGATIONS) and not before.ends_clause
    if denied or len(stated) not in STATED_WORDS:
        return None
    if not FEWEST_ANSWER_WORDS <= reason <= ANSWER_WORDS:
        return None
    return Relation(
        template.format(text=tidy(" ".join(stated))),
        tidy(" ".join(_words(sentence, ground.word, len(sentence.words)))),
        sentence,
        sentence.citation,
    )


def _consequence(sentence: Sentence, language: Language) -> Relation | None:
    templates = language.phrasing.templates
    parts = [token for token in sentence.tokens if token.word >= sentence.first_word]
    if not templates.what_if or not _opens_condition(parts, language):
        return None
    comma = next(
        (
            at
            for at, part in enumerate(parts[:-1])
            if part.ends_clause and _begins_main(parts[at + 1], language)
        ),
        None,
    )
    if comma is None or not {p.norm for p in parts[comma:]}.isdisjoint(language.phrasing.unreal):
        return None
    if load_words(language.code).has_any([part.norm for part in parts], _NEGATIONS):
        return None
    said = _words(sentence, sentence.first_word, parts[comma].word + 1)
    # "If we add keys, however, …": the connective is no part of the condition.
    aside = parts[comma - 1].ends_clause and parts[comma].norm in language.phrasing.openers
    condition = said[:-1] if aside else said
    short = shorten(sentence, len(said) + ANSWER_WORDS, language)
    follows = short.text.split()[len(said) :]
    if follows and tokens(follows[0]) in {(word,) for word in language.phrasing.correlates}:
        follows = follows[1:]
    if not short.is_whole or len(condition) not in CONDITION_WORDS:
        return None
    telling = [part for part in parts[comma + 1 :] if not part.is_common]
    if len(follows) < FEWEST_ANSWER_WORDS or not telling:
        return None
    asked = " ".join(condition).rstrip(CLAUSE_ENDS)
    return Relation(
        _capital(templates.what_if.format(condition=asked[:1].lower() + asked[1:])),
        tidy(templates.consequence.format(text=" ".join(follows))),
        sentence,
        short.citation,
    )


def _opens_condition(parts: list[Token], language: Language) -> bool:
    """ "If both would agree": of whom that is said stands before."""
    opens = len(parts) > 1 and parts[0].norm in language.phrasing.conditionals
    return opens and parts[1].norm not in language.phrasing.back_references


def _begins_main(part: Token, language: Language) -> bool:
    """What follows the comma is a clause, and not an aside or a further condition ("if it rains,
    or snows, …")."""
    phrasing = language.phrasing
    if part.norm in (*phrasing.coordinators, *phrasing.conditionals, *phrasing.conjunctions):
        return False
    return not part.is_stop or part.norm in (
        *phrasing.articles,
        *phrasing.pronouns,
        *phrasing.starters,
        *phrasing.correlates,
        *phrasing.finite_verbs,
    )


def _words(sentence: Sentence, first: int, end: int) -> list[str]:
    return [word.text for word in sentence.words[first:end]]


def _capital(text: str) -> str:
    """ "¿qué …", "what …": the first letter is a capital one."""
    at = next((n for n, sign in enumerate(text) if sign.isalpha()), 0)
    return text[:at] + text[at : at + 1].upper() + text[at + 1 :]

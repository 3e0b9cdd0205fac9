"""Whether a sentence can be understood alone, judged by its words."""

from collections.abc import Sequence

from functions.generate.text.language import Language
from functions.generate.text.phrasing import Phrasing
from functions.generate.text.words import Token
from shared.documents.transcript import Word

OPENING_WORDS = 3
"""Where a pronoun shows that the sentence is about something said before."""
PERSONAL_WITHIN = 8
"""Where the lecturer who speaks of himself or herself does so; further in it is an aside."""
FRAGMENT_WORDS = 6


def refers_back(
    parts: Sequence[Token], first: int, words: Sequence[Word], language: Language
) -> bool:
    """`first`: where its subject is looked for."""
    if not parts:
        return False
    phrasing = language.phrasing
    opening = [part.norm for part in parts[first : first + OPENING_WORDS]]
    # "Because some become memory cells.": half of an answer.
    subordinate = opening[0] in phrasing.subordinators and opening[0] in phrasing.conjunctions
    if subordinate and not any(part.ends_clause for part in parts[first:]):
        return True
    if _refers_back(parts[first:], phrasing) or _is_elliptic(parts, phrasing):
        return True
    if _is_article(parts, first, words, language):
        opening = opening[1:]
    return bool(opening) and (
        opening[0] in phrasing.back_references or not set(opening).isdisjoint(phrasing.pronouns)
    )


def _head(part: Token) -> str:
    """ "He" of "he'd"."""
    return part.norm.split("'", maxsplit=1)[0]


def _refers_back(parts: Sequence[Token], phrasing: Phrasing) -> bool:
    """ "The ear hears them as one", "In western Europe it dissolved": a pronoun in the first
    clause, before which nothing but the clause's own subject is named that it could stand for."""
    runs, within = 0, False
    for part in parts:
        if _head(part) in phrasing.personal:
            return runs < 2
        if not part.is_stop and not within:
            runs += 1
        within = not part.is_stop
        if runs and (part.ends_clause or part.norm in phrasing.clause_openers):
            return False
    return False


def _is_elliptic(parts: Sequence[Token], phrasing: Phrasing) -> bool:
    """ "If sellers can't switch, then they do."."""
    before = {part.norm for part in parts[-2:-1]}
    return parts[-1].norm in phrasing.elliptic_ends and bool(
        before.intersection((*phrasing.personal, *phrasing.pronouns))
    )


def is_personal(parts: Sequence[Token], phrasing: Phrasing) -> bool:
    """In "class I molecules" the letter is a number."""
    return any(
        part.norm in phrasing.first_person
        and (at == 0 or parts[at - 1].is_stop or parts[at - 1].ends_clause)
        for at, part in enumerate(parts[:PERSONAL_WITHIN])
    )


def is_fragment(parts: Sequence[Token], words: Sequence[Word], phrasing: Phrasing) -> bool:
    """A few words without a verb ("The share of income."), as far as the language's lists know."""
    if not phrasing.finite_verbs:
        return False
    # "The elasticity of supply, which is the same for sellers.": the verb is the clause's.
    clauses = [at for at, part in enumerate(parts[:-1]) if part.ends_clause]
    if len(clauses) == 1 and parts[clauses[0] + 1].norm in phrasing.relatives:
        parts = parts[: clauses[0] + 1]
    if not 0 < len(parts) <= FRAGMENT_WORDS:
        return False
    if any(part.norm in phrasing.finite_verbs for part in parts):
        return False
    return not any(_may_be_verb(parts, at, words, phrasing) for at in range(1, len(parts)))


def _may_be_verb(
    parts: Sequence[Token], at: int, words: Sequence[Word], phrasing: Phrasing
) -> bool:
    """Its ending is a verb's, or it stands behind several things, and a noun stands before it."""
    before, part = parts[at - 1], parts[at]
    if before.norm in phrasing.verb_markers:
        return True
    if part.is_stop or before.norm in phrasing.noun_markers or before.ends_clause:
        return False
    if phrasing.nouns_are_capital and words[part.word].text[:1].isupper():
        return False
    return part.norm.endswith(phrasing.verb_endings) or before.norm.endswith("s")


def _is_article(
    parts: Sequence[Token], first: int, words: Sequence[Word], language: Language
) -> bool:
    """German "das" is one before a noun ("Das Wasser"), and a pronoun elsewhere ("Das ist")."""
    phrasing = language.phrasing
    following = parts[first + 1 : first + 2]
    return (
        phrasing.nouns_are_capital
        and parts[first].norm in phrasing.articles
        and bool(following)
        and words[following[0].word].text[:1].isupper()
    )

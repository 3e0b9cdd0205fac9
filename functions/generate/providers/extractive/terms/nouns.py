"""Which words the lecture itself shows to be nouns: by what stands before and after them."""

from collections import Counter
from collections.abc import Sequence

from functions.generate.text.inflection import is_plural
from functions.generate.text.language import Language
from functions.generate.text.sentences import Sentence
from functions.generate.text.words import Token

RELATIVES = frozenset({"that", "which", "who", "whom", "whose"})
FIXED_PAIR = 0.8
"""Share of a word's uses that follow one and the same word."""


def noun_evidence(sentences: Sequence[Sentence], language: Language) -> Counter[str]:
    """For each word how much more often it ends a noun phrase than it stands as a verb.

    Empty for a language whose markers of nouns are not known.
    """
    noun_markers = frozenset(language.phrasing.noun_markers)
    noun_followers = frozenset(language.phrasing.noun_followers)
    verb_markers = frozenset(language.phrasing.verb_markers)
    predicates = frozenset(language.phrasing.predicate_markers)
    openers = frozenset(language.phrasing.clause_openers)
    endings = language.phrasing.ambiguous_endings
    articles = {*language.phrasing.indefinite_articles, *language.phrasing.definite_articles}
    evidence: Counter[str] = Counter()
    before_article: Counter[str] = Counter()
    pairs: Counter[tuple[str, str]] = Counter()
    total: Counter[str] = Counter()
    for sentence in sentences:
        parts = sentence.tokens
        total.update(part.norm for part in parts)
        for position in range(1, len(parts)):
            before, part = parts[position - 1], parts[position]
            closing = closes(sentence, position)
            pairs[before.norm, part.norm] += closing
            following = parts[position + 1].norm if position + 1 < len(parts) else ""
            before_article[part.norm] += following in articles and not part.ends_clause
            if before.norm in verb_markers and not before.ends_clause:
                evidence[part.norm] -= 2
            elif closing and before.norm in noun_markers:
                # "A system that holds and manipulates": a clause may begin here.
                is_clause = before.norm in openers and part.norm.endswith(endings)
                evidence[part.norm] += 0 if is_clause else 2
            elif (
                not part.is_stop
                and before.norm in predicates
                and _ends_predicate(part, following, openers)
            ):
                evidence[part.norm] -= 1
            if following in noun_followers and not part.ends_clause:
                evidence[part.norm] += 2
    # "Destroy the cells": a noun is now and then followed by an article, a verb mostly.
    for norm, count in before_article.items():
        if 2 * count >= total[norm]:
            evidence[norm] -= 2 * count
    # In "carbon dioxide" the second word never stands alone: the pair is the noun.
    for (first, second), count in pairs.items():
        if count < 2 or count < FIXED_PAIR * total[second]:
            continue
        # "Cells mature": where nouns are joined, the first one stands in the singular.
        if language.phrasing.indefinite_articles and is_plural(first, language):
            continue
        if not second.endswith(language.phrasing.ambiguous_endings) and evidence[second] >= 0:
            evidence[second] += evidence[first] > 0
    return evidence


def _ends_predicate(part: Token, following: str, openers: frozenset[str]) -> bool:
    """ "Demand is elastic if …", but "heat is energy that …", "it is memory for facts"."""
    return (
        part.ends_clause or not following or (following in openers and following not in RELATIVES)
    )


def closes(sentence: Sentence, position: int) -> bool:
    """Whether a run of content words ends with this token."""
    parts = sentence.tokens
    return position + 1 == len(parts) or parts[position + 1].is_stop or parts[position].ends_clause

"""What a name is given to, where a sentence before has described it.

"We choose a function that maps each key to a small integer. The function is called a hash
function." says what a hash function is: a function that maps each key to a small integer.
"""

import re
from collections.abc import Sequence
from functools import cache
from itertools import pairwise

from functions.generate.providers.extractive.terms.definitions import Naming
from functions.generate.text.language import Language
from functions.generate.text.sentences import Sentence, tidy
from functions.generate.text.words import tokens

BEFORE = 2
"""How many sentences before the name its thing may have been described."""
FEWEST_WORDS = 2
"""Content words that a description has beside the noun and the name."""


def antecedent(
    naming: Naming, sentences: Sequence[Sentence], language: Language
) -> tuple[str, Sentence] | None:
    """The description and the sentence that it is taken from; the nearest, or None."""
    noun = _named_noun(naming, sentences[naming.sentence], language)
    if noun is None:
        return None
    pattern = language.phrasing.description.replace("{noun}", re.escape(noun))
    first = max(0, naming.sentence - BEFORE)
    for sentence in reversed(sentences[first : naming.sentence]):
        match = None if sentence.is_question else _compiled(pattern).search(sentence.text)
        described = _to_the_next_clause(match["described"], language) if match else ""
        if _says_enough(described, noun, naming, language):
            return tidy(described), sentence
    return None


def _to_the_next_clause(text: str, language: Language) -> str:
    """ "… to a small integer and we use it …": without a comma, a pronoun begins the next one."""
    phrasing, words = language.phrasing, text.split()
    subjects = {*phrasing.verb_markers, *phrasing.pronouns}
    for at, (word, following) in enumerate(pairwise(words)):
        if {*tokens(word)} <= {*phrasing.coordinators} and {*tokens(following)} & subjects:
            return " ".join(words[:at])
    return text


def _named_noun(naming: Naming, here: Sentence, language: Language) -> str | None:
    if not language.phrasing.named_subject:
        return None
    for match in _compiled(language.phrasing.named_subject).finditer(here.text):
        stems = tuple(language.stem(token) for token in tokens(match["term"]))
        if stems[: len(naming.stems)] == naming.stems and not language.is_stop(match["noun"]):
            return match["noun"]
    return None


def _says_enough(text: str, noun: str, naming: Naming, language: Language) -> bool:
    said = tokens(text)
    phrasing = language.phrasing
    if not {*said}.isdisjoint({*phrasing.personal, *phrasing.first_person}):
        return False  # the clause has ended, or leans on something else
    besides = {language.stem(noun), *naming.stems}
    content = {language.stem(token) for token in said if not language.is_common(token)}
    return len(content - besides) >= FEWEST_WORDS


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, re.IGNORECASE)

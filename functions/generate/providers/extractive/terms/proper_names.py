"""Names of people, places, laws and works: capital letters where the language gives them to names
alone."""

from collections.abc import Iterator, Sequence

from functions.generate.text.language import Language
from functions.generate.text.sentences import Sentence

MAX_WORDS = 4


def proper_names(sentences: Sequence[Sentence], language: Language) -> frozenset[tuple[str, ...]]:
    """Stems of all names of two to MAX_WORDS words: "Black Death", "Statute of Labourers". Empty
    for a language that writes every noun with a capital, or has none."""
    if language.phrasing.nouns_are_capital:
        return frozenset()
    return frozenset(
        name
        for sentence in sentences
        for name in _in_sentence(sentence, language)
        if 1 < len(name) <= MAX_WORDS
    )


def _in_sentence(sentence: Sentence, language: Language) -> Iterator[tuple[str, ...]]:
    joiners = language.phrasing.name_joiners
    run: list[str] = []
    waiting: list[str] = []
    for position, token in enumerate(sentence.tokens):
        # The first word has its capital from its place.
        if position and _is_capital(sentence, position) and not token.is_stop:
            run += [*waiting, token.stem]
            waiting = []
        elif run and not waiting and token.norm in joiners:
            waiting = [token.stem]
        else:
            yield tuple(run)
            run, waiting = [], []
        if token.ends_clause:
            yield tuple(run)
            run, waiting = [], []
    yield tuple(run)


def _is_capital(sentence: Sentence, position: int) -> bool:
    token, before = sentence.tokens[position], sentence.tokens[position - 1]
    written = sentence.words[token.word].text.lstrip("“‘«„([¿¡\"'")
    # "Light-Dependent": what follows a hyphen belongs to the same word.
    return (
        before.word != token.word and written[:1].isupper() and written[:1] != written[:1].lower()
    )

"""Which of the words that a correction concerns are terms worth remembering.

Names and technical terms are what a recognizer gets wrong again and again. Ordinary words it
knows; those it only misheard.
"""

from collections.abc import Collection, Iterator, Sequence

from shared.speech.writing import join, unspaced

RARE_FROM = 6
"""Letters from which a word in lower case may be a term, if the lecture has it nowhere else."""
MOST_WORDS = 4
LONGEST = 60
"""Of one term, in characters."""

_NOUNS_CAPITALIZED = frozenset({"de", "lb"})
"""Languages in which a capital letter says only that a word is a noun."""
_ENDS = (".", "?", "!", "…", "。", "？", "！", "।")
_CLITIC = 2
"""Letters behind an apostrophe that are no part of the word: Euler's, I'm, we'll."""


def terms(
    words: Sequence[str], run: range, *, elsewhere: Collection[str], language: str
) -> Iterator[str]:
    """The terms among the words of an utterance at `run`; neighbours make one.

    `elsewhere` holds the bare words of the lecture's other utterances, as `bare` gives them.
    """
    group: list[str] = []
    for index in run:
        word = bare(words[index], folded=False)
        begins = index == 0 or words[index - 1].endswith(_ENDS)
        if _is_term(word, begins=begins, elsewhere=elsewhere, language=language):
            group.append(word)
            # Punctuation, or what hangs on a name, parts it from the next word.
            if len(group) < MOST_WORDS and words[index].endswith(word):
                continue
        yield from _joined(group)
        group = []
    yield from _joined(group)


def bare(word: str, *, folded: bool = True) -> str:
    """Without what surrounds it, in lower case by default."""
    start, end = 0, len(word)
    while start < end and not word[start].isalnum():
        start += 1
    while end > start and not word[end - 1].isalnum():
        end -= 1
    stem, _, behind = word[start:end].replace("’", "'").rpartition("'")
    kept = stem if stem and len(behind) <= _CLITIC else word[start:end]
    return kept.casefold() if folded else kept


def _is_term(word: str, *, begins: bool, elsewhere: Collection[str], language: str) -> bool:
    if not any(map(str.isalpha, word)):
        return False
    if unspaced(word[0]):
        return True
    if len(word) < 2:
        return False
    if any(map(str.isupper, word[1:])):
        return True
    if word[0].isupper() and not begins and language not in _NOUNS_CAPITALIZED:
        return True
    return len(word) >= RARE_FROM and word.casefold() not in elsewhere


def _joined(group: Sequence[str]) -> Iterator[str]:
    term = join(group)
    # One character of an unspaced script says too little.
    if 2 <= len(term) <= LONGEST:
        yield term

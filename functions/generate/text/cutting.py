"""Where a sentence ends in a stream of words."""

from collections.abc import Iterator, Sequence

from functions.generate.text.timing import timed_words
from shared.documents.transcript import Utterance, Word

SENTENCE_ENDS = ".?!…。！？؟।۔"
CLAUSE_ENDS = ",;:،؛—–"
CLOSING = "\"'”’»)]"
MAX_WORDS = 60
"""A recognizer that writes no full stops must not make one sentence of a lecture."""
UNPUNCTUATED_WORDS = 25
"""Past this length the end of an utterance ends the sentence as well."""
TITLES = frozenset({"dr", "mr", "mrs", "ms", "prof", "st", "vs", "fig", "bzw", "ca", "sr", "sra"})


def cut(
    utterances: Sequence[Utterance],
) -> Iterator[tuple[tuple[Word, ...], frozenset[int]]]:
    """The words of each sentence, and which of them end an utterance."""
    pending: list[Word] = []
    ends: set[int] = set()
    stream = [(word, utterance.id) for utterance in utterances for word in timed_words(utterance)]
    for position, (word, utterance_id) in enumerate(stream):
        pending.append(word)
        following = stream[position + 1] if position + 1 < len(stream) else None
        at_utterance_end = following is None or following[1] != utterance_id
        if at_utterance_end:
            ends.add(len(pending) - 1)
        if (
            _ends_sentence(word.text, following[0].text if following else "")
            or (at_utterance_end and len(pending) >= UNPUNCTUATED_WORDS)
            or len(pending) >= MAX_WORDS
        ):
            yield tuple(pending), frozenset(ends)
            pending, ends = [], set()
    if pending:
        yield tuple(pending), frozenset(ends)


def _ends_sentence(word: str, following: str) -> bool:
    bare = word.rstrip(CLOSING)
    if bare[-1:] not in SENTENCE_ENDS:
        return False
    if not bare.endswith("."):
        return True
    # "e.g. rivers", "Dr. Gray", "J. Watson": a full stop that ends no sentence.
    stem = bare[:-1].casefold()
    return not (stem in TITLES or len(stem) == 1 or "." in stem or following[:1].islower())

"""Words of a text that was said, with the times of words that are nearly the same."""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from shared.documents.transcript import Word
from shared.speech.writing import unspaced


@dataclass(frozen=True)
class Aligned:
    words: tuple[Word, ...]
    put_in: tuple[range, ...]
    """Where among them some are new."""
    taken_out: tuple[range, ...]
    """Where among the words before some are gone."""


def align(
    before: Sequence[Word],
    texts: Sequence[str],
    *,
    start_sec: float,
    end_sec: float,
    probability: float,
) -> Aligned:
    """One word for each text, between `start_sec` and `end_sec`, in which `before` lie in order.

    A word that stays keeps its time, and if it is written as before its probability; all others
    have the one given. Words that replace others share the time of those, by their lengths. Words
    that were added share the pause they stand in; where there is none they have no length.
    """
    matcher = SequenceMatcher(
        None, [_key(word.text) for word in before], [_key(text) for text in texts], autojunk=False
    )
    words: list[Word] = []
    put_in: list[range] = []
    taken_out: list[range] = []
    for kind, i, i_end, j, j_end in matcher.get_opcodes():
        if kind == "equal":
            words += (
                word if word.text == text else _rewritten(word, text, probability)
                for word, text in zip(before[i:i_end], texts[j:j_end], strict=True)
            )
            continue
        if i < i_end:
            taken_out.append(range(i, i_end))
            span = before[i].start_sec, before[i_end - 1].end_sec
        else:
            span = (
                before[i - 1].end_sec if i else start_sec,
                before[i].start_sec if i < len(before) else end_sec,
            )
        if j < j_end:
            put_in.append(range(j, j_end))
            words += _spread(texts[j:j_end], *span, probability)
    return Aligned(tuple(words), tuple(put_in), tuple(taken_out))


def split_words(text: str) -> tuple[str, ...]:
    """As a recognizer's: punctuation attached; where none are spaced, a character is a word."""
    return tuple(word for chunk in text.split() for word in _split_unspaced(chunk))


def _split_unspaced(chunk: str) -> Iterator[str]:
    begun = ""
    for character in chunk:
        apart = begun and (unspaced(character) or unspaced(begun[-1]))
        # Marks belong to the letter before them, and so does what closes or parts.
        attached = unicodedata.category(character) in {"Mn", "Mc", "Me", "Pe", "Pf", "Po", "Pd"}
        opens = begun and all(unicodedata.category(each) in {"Ps", "Pi"} for each in begun)
        if apart and not attached and not opens:
            yield begun
            begun = ""
        begun += character
    if begun:
        yield begun


def _key(text: str) -> str:
    """By which a word is the same word, however it is written."""
    return "".join(filter(str.isalnum, text.casefold())) or text


def _rewritten(word: Word, text: str, probability: float) -> Word:
    return word.model_copy(update={"text": text, "probability": probability})


def _spread(
    texts: Sequence[str], start_sec: float, end_sec: float, probability: float
) -> Iterator[Word]:
    total = sum(map(len, texts))
    done = 0
    for text in texts:
        begin = start_sec + (end_sec - start_sec) * done / total
        done += len(text)
        end = start_sec + (end_sec - start_sec) * done / total
        yield Word(
            text=text,
            start_sec=round(begin, 3),
            end_sec=max(round(begin, 3), round(end, 3)),
            probability=probability,
        )

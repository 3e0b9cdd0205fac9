"""Text in scripts without spaces between words, as a search index can find parts of it.

Postgres' parser takes a Chinese or Thai clause for one word, and a Korean noun with its particle
as well. Such runs are indexed by overlapping pairs of characters, as Lucene's CJKAnalyzer does: a
run of the query matches where its pairs follow one another, which is where it occurs as it is.
A pair is written in ASCII, so that no locale of the database splits it otherwise.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain, groupby, pairwise

_BLOCKS = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x0F00, 0x0FFF),  # Tibetan
    (0x1000, 0x109F),  # Myanmar
    (0x1100, 0x11FF),  # Hangul Jamo
    (0x1780, 0x17FF),  # Khmer
    (0x3000, 0x30FF),  # 々 and 〇, Hiragana, Katakana
    (0x3100, 0x312F),  # Bopomofo
    (0x3130, 0x318F),  # Hangul compatibility Jamo
    (0x31F0, 0x31FF),  # Katakana extensions
    (0x3400, 0x4DBF),  # CJK extension A
    (0x4E00, 0x9FFF),  # CJK
    (0xA960, 0xA97F),  # Hangul Jamo extended A
    (0xAC00, 0xD7FF),  # Hangul
    (0xF900, 0xFAFF),  # CJK compatibility
    (0xFF66, 0xFF9D),  # half-width Katakana
    (0x1B000, 0x1B16F),  # Kana supplements
    (0x20000, 0x323AF),  # CJK extensions B to H
)
_PARTS_OF_WORDS = ("L", "M", "N")
"""General categories: letters, marks that combine with them, numbers."""
_PHRASE = re.compile(r'-?"[^"]*"?|[^\s"]+')


def has_runs(text: str) -> bool:
    """Whether anything in the text is to be indexed by pairs."""
    return any(map(_in_run, text))


def indexed(text: str) -> str:
    """What Postgres' parser is given to index a text: itself where it has no such run.

    Single characters stand behind everything else, so that one can be searched for.
    """
    if not has_runs(text):
        return text
    text = unicodedata.normalize("NFKC", text)
    pieces = [_pairs(run) if special else [run] for special, run in _runs(text)]
    singles = dict.fromkeys(map(_written, filter(_in_run, text)))
    return " ".join(chain(chain.from_iterable(pieces), singles))


def searched(query: str) -> str:
    """The query in the terms of `indexed`; `websearch_to_tsquery` reads both alike."""
    if not has_runs(query):
        return query
    query = unicodedata.normalize("NFKC", query)
    return " ".join(_searched_part(part) for part in _PHRASE.findall(query))


def occurrences(query: str, text: str) -> list[tuple[int, int]]:
    """Start and end of where the query's runs are in a text, for those not to be left out."""
    runs = {
        run
        for part in _PHRASE.findall(unicodedata.normalize("NFC", query))
        if not part.startswith("-")
        for special, run in _runs(part)
        if special
    }
    return [match.span() for run in runs for match in re.finditer(re.escape(run), text)]


def _searched_part(part: str) -> str:
    if not has_runs(part):
        return part
    minus = "-" if part.startswith("-") else ""
    runs = list(_runs(part.removeprefix("-").strip('"')))
    if len(runs) > 1 and any(special and len(run) == 1 for special, run in runs) and not minus:
        # A character alone is indexed where it does not follow what is before it.
        return " ".join(_phrase(_pairs(run) if special else [run]) for special, run in runs)
    words = [_pairs(run) if special else [run] for special, run in runs]
    return minus + _phrase(list(chain.from_iterable(words)))


def _phrase(words: Sequence[str]) -> str:
    return f'"{" ".join(words)}"'


def _runs(text: str) -> Iterator[tuple[bool, str]]:
    """The text in pieces: whether a piece is to be indexed by pairs, and the piece."""
    for special, characters in groupby(text, _in_run):
        yield special, "".join(characters)


def _pairs(run: str) -> list[str]:
    """A single character stays one."""
    return [_written(a + b) for a, b in pairwise(run)] or [_written(run)]


def _written(characters: str) -> str:
    return "".join(f"u{ord(each):x}" for each in characters)


def _in_run(character: str) -> bool:
    code = ord(character)
    return (
        code >= _BLOCKS[0][0]
        and any(first <= code <= last for first, last in _BLOCKS)
        and unicodedata.category(character)[0] in _PARTS_OF_WORDS
    )

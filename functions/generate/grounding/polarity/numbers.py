"""Numbers in a text, written in digits or as words, with percent and unit."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from functions.generate.text.lexicon import Words

_DIGITS = re.compile(r"^(\d+(?:[.,'\u00a0\u202f]\d+)*)([^\W\d_]*|°[^\W\d_])$")
_GROUPED = re.compile(r"^\d{1,3}(?:[.,'\u00a0\u202f]\d{3})+$")
_SEPARATORS = re.compile(r"[.,'\u00a0\u202f]")
_MINUS = re.compile(r"^\W*[-−–]\d")
_AROUND = ".,;:!?()\"'”’»"
_CENTURIES = range(10, 21)
"""Of years that are spoken as two numbers."""
_SCALE = 100
"""Number words from here on multiply what stands before them."""


@dataclass(frozen=True)
class Number:
    value: float
    unit: str
    """"%", a unit in its short form, or nothing."""
    is_word: bool


@dataclass(frozen=True)
class Written:
    """One bare word: its norm, and the written word it is part of."""

    norm: str
    word: str
    at: int
    """Which of the written words."""


def numbers_at(parts: Sequence[Written], words: Words) -> Iterator[tuple[int, int, Number]]:
    """Each number, with the index of its first word and of the one after its last."""
    position = 0
    while position < len(parts):
        found = _number(parts, position, words)
        if found is None:
            position += 1
            continue
        end, value, unit, is_word = found
        if (year := _year(parts, end, value, is_word, words)) is not None:
            end, value = year
        if not unit:
            end, unit = _unit(parts, position, end, words)
        yield position, end, Number(value, unit, is_word)
        position = end


def _number(
    parts: Sequence[Written], first: int, words: Words
) -> tuple[int, float, str, bool] | None:
    written = parts[first]
    match = _DIGITS.match(written.norm)
    if match:
        suffix = words.lexicon.units.get(match[2], "") if match[2] else ""
        if match[2] and not suffix:
            return None  # "19th", "3D"
        value = _value(match[1]) * (-1 if _MINUS.match(written.word) else 1)
        end = first + 1
        # "2 million"
        while end < len(parts) and words.lexicon.numbers.get(parts[end].norm, 0) >= _SCALE:
            value *= words.lexicon.numbers[parts[end].norm]
            end += 1
        return end, value, suffix, False
    if written.norm not in words.lexicon.numbers:
        return None
    end, value = _spelled(parts, first, words)
    return end, value, "", True


def _spelled(parts: Sequence[Written], first: int, words: Words) -> tuple[int, float]:
    """ "Two hundred and six", "quatre-vingt-dix"."""
    known = words.lexicon.numbers
    total, current, end, before = 0.0, 0.0, first, 0
    while end < len(parts):
        norm = parts[end].norm
        if norm in words.lexicon.number_joints and end > first and end + 1 < len(parts):
            following = known.get(parts[end + 1].norm, 0)
            if not 0 < following < before:
                break
            end += 1
            continue
        if norm not in known:
            break
        value = known[norm]
        if value >= 1000:
            total += max(current, 1.0) * value
            current = 0.0
        elif value == _SCALE or (before == 4 and value == 20):
            current = max(current, 1.0) * value
        elif end > first and 0 < before <= value:
            break  # "two three": two numbers
        else:
            current += value
        before = value
        end += 1
    return end, total + current


def _year(
    parts: Sequence[Written], end: int, value: float, is_word: bool, words: Words
) -> tuple[int, float] | None:
    """ "Thirteen forty seven": the year 1347."""
    if not (is_word and value in _CENTURIES and end < len(parts)):
        return None
    if words.lexicon.numbers.get(parts[end].norm, 0) < _CENTURIES.start:
        return None
    end, rest = _spelled(parts, end, words)
    if rest % 10 == 0 and end < len(parts) and parts[end].norm == words.lexicon.one:
        end, rest = end + 1, rest + 1
    return (end, value * 100 + rest) if rest < 100 else None


def _unit(parts: Sequence[Written], first: int, end: int, words: Words) -> tuple[int, str]:
    if "%" in parts[end - 1].word:
        return end, "%"
    for phrase in words.lexicon.percent:
        length = len(phrase.split())
        if " ".join(part.norm for part in parts[end : end + length]) == phrase:
            return end + length, "%"
    after = parts[end].word.strip(_AROUND).casefold() if end < len(parts) else ""
    in_compound = first > 0 and parts[first - 1].at == parts[first].at
    if after in words.lexicon.units and not in_compound:
        return end + 1, words.lexicon.units[after]
    return end, ""


def _value(digits: str) -> float:
    """ "1,000" is a thousand in whatever language: both sides of a comparison are read alike."""
    if _GROUPED.match(digits):
        return float(_SEPARATORS.sub("", digits))
    whole, *rest = _SEPARATORS.split(digits)
    return float(f"{whole}.{''.join(rest)}") if rest else float(whole)

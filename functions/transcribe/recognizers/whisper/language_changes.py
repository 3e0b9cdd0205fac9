"""Which language is spoken where, from how likely each is in pieces and windows of speech.

A piece of half a minute mostly suffices to detect it. Where one does not, or its neighbour
is in another language, windows of some seconds are examined. A single window says little: a
change counts once the windows after it outweigh it (hysteresis), so that a quoted sentence stays
in the language around it.
"""

import math
from collections.abc import Mapping, Sequence

SURE = 0.8
"""Probability from which on a piece is in one language. A language that is this sure nowhere is not
considered: in noise a window is like one language, the next like another."""
CHANGE = 3.0
"""What a change of language costs, in natural logarithms of probability: two are needed to quote a
sentence, and a window of four seconds in another language is worth `MOST` at most."""
LEAST = 0.02
"""Below this a probability says the same: no window decides alone."""

Languages = Mapping[str, float]


def likeliest(languages: Languages, expected: str) -> str:
    """The expected language if the model was not called."""
    return max(languages, key=lambda each: languages[each], default=expected)


def surely(languages: Languages, expected: str) -> str | None:
    """The language of a piece, None if it has to be looked into."""
    told = likeliest(languages, expected)
    return told if languages.get(told, 1.0) >= SURE else None


def unsettled(told: Sequence[str | None]) -> list[int]:
    """The pieces to be looked into: those of no sure language, and those where it changes."""
    return [
        index
        for index, language in enumerate(told)
        if language is None
        or any(
            other not in (None, language)
            for other in (*told[max(0, index - 1) : index], *told[index + 1 : index + 2])
        )
    ]


def settled(
    windows: Sequence[Languages], *, expected: str, before: str | None, after: str | None
) -> list[str]:
    """The language of each window, by the likeliest course of them all (Viterbi).

    `before` and `after` are the languages on either side, if they are known.
    """
    candidates = sorted(
        {expected}
        | {each for each in (before, after) if each is not None}
        | {
            language
            for languages in windows
            for language, probability in languages.items()
            if probability >= SURE
        }
    )
    scores = {each: _change(before, each) for each in candidates}
    courses: list[dict[str, str]] = []
    for languages in windows:
        origin = {
            each: max(candidates, key=lambda one: scores[one] + _change(one, each))
            for each in candidates
        }
        scores = {
            each: scores[origin[each]] + _change(origin[each], each) + _worth(languages, each)
            for each in candidates
        }
        courses.append(origin)
    last = max(candidates, key=lambda each: scores[each] + _change(each, after))
    course = [last]
    for origin in reversed(courses[1:]):
        course.append(origin[course[-1]])
    return course[::-1] if windows else []


def _change(one: str | None, other: str | None) -> float:
    return 0.0 if one is None or other is None or one == other else -CHANGE


def _worth(languages: Languages, language: str) -> float:
    return math.log(max(languages.get(language, 0.0), LEAST))

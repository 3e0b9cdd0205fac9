"""Which language is spoken where, from how likely each is in pieces and windows of speech.

A piece of half a minute mostly suffices to detect it. Where one does not, or its neighbour
is in another language, windows of some seconds are examined. A single window says little: a
change counts once the windows after it outweigh it (hysteresis), so that a quoted sentence stays
in the language around it.

That speech is not in the expected language is known sooner than which language it is in: of
synthetic German and French, windows of five seconds are German or French at 0.02 to 0.95, and
English at 0.45 at most; of English in noise as loud as itself, English at 0.46 at least
(docs/quality.md). So a stretch may be in `OTHER`, a language to be found from all of it.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence

from shared.speech.recognition import UNDETERMINED

SURE = 0.8
"""Probability from which on a piece is in one language. A language that is this sure nowhere is not
considered: in noise a window is like one language, the next like another."""
SURE_OF_RECORDING = 0.7
"""The same for a recording's first pieces, of which one decides."""
CHANGE = 3.0
"""What a change of language costs, in natural logarithms of probability: two are needed to quote a
sentence, and a window of four seconds in another language is worth `MOST` at most."""
CHANGE_TO_OTHER = 1.25
"""The same to or from `OTHER`, which is examined again as a whole."""
OTHER_SHARE = 0.5
"""How likely a window that is like no considered language is in `OTHER`."""
LEAST = 0.02
"""Below this a probability says the same: no window decides alone."""
OTHER = ""
"""In none of the languages that are considered."""
UNLIKE = 0.25
"""Probability below which ten seconds and more are not in a language."""

RELATED = (
    {"no", "nn"},
    {"hr", "bs", "sr"},
    {"hi", "ur"},
    {"id", "ms"},
    {"zh", "yue"},
    {"de", "yi"},
    {"nl", "af"},
)
"""Languages that Whisper takes for each other: speech in one is like any of its row."""
UNSPOKEN = {"la", "sa"}
"""Languages of texts. Speech that Whisper does not recognize is most often taken for Latin."""

Languages = Mapping[str, float]


def likeliest(languages: Languages, expected: str) -> str:
    """The expected language if the model was not called."""
    return max(languages, key=lambda each: languages[each], default=expected)


def detected(told: Iterable[Languages]) -> tuple[str, float]:
    """The language of a recording from its first pieces, and its probability.

    The first piece that is sure decides, else all of them together. faster-whisper's own detection
    takes speech that Whisper does not recognize for Latin.
    """
    sums: defaultdict[str, float] = defaultdict(float)
    count = 0
    for count, languages in enumerate(told, 1):  # noqa: B007 - it is read after the loop
        spoken = {each: languages[each] for each in set(languages) - UNSPOKEN}
        language = likeliest(spoken, UNDETERMINED)
        if spoken.get(language, 0.0) >= SURE_OF_RECORDING:
            return language, spoken[language]
        for each, probability in spoken.items():
            sums[each] += probability
    language = likeliest(sums, UNDETERMINED)
    return language, sums[language] / count if count else 0.0


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


def share(languages: Languages, language: str) -> float:
    """How likely a language or one that it is taken for is."""
    row = next((row for row in RELATED if language in row), {language})
    return min(1.0, sum(languages.get(each, 0.0) for each in row))


def settled(
    windows: Sequence[Languages], *, expected: str, before: str | None, after: str | None
) -> list[str]:
    """The language of each window or `OTHER`, by the likeliest course of them all (Viterbi).

    `before` and `after` are the languages on either side, if they are known.
    """
    named = {expected} | {each for each in (before, after) if each is not None}
    sure = {
        language
        for languages in windows
        for language, probability in languages.items()
        if probability >= SURE
    }
    spoken = sorted(named | (sure - _with_related(named)))
    candidates = [*spoken, OTHER]
    scores = {each: _change(before, each) for each in candidates}
    courses: list[dict[str, str]] = []
    for languages in windows:
        origin = {
            each: max(candidates, key=lambda one: scores[one] + _change(one, each))
            for each in candidates
        }
        worth = {each: share(languages, each) for each in spoken}
        unlike = 1.0 - sum(languages.get(each, 0.0) for each in _with_related(spoken))
        worth[OTHER] = OTHER_SHARE * unlike
        scores = {
            each: scores[origin[each]]
            + _change(origin[each], each)
            + math.log(max(worth[each], LEAST))
            for each in candidates
        }
        courses.append(origin)
    last = max(candidates, key=lambda each: scores[each] + _change(each, after))
    course = [last]
    for origin in reversed(courses[1:]):
        course.append(origin[course[-1]])
    return course[::-1] if windows else []


def _with_related(languages: Iterable[str]) -> set[str]:
    named = set(languages)
    return named.union(*(row for row in RELATED if row & named))


def _change(one: str | None, other: str | None) -> float:
    if one is None or other is None or one == other:
        return 0.0
    return -CHANGE_TO_OTHER if OTHER in (one, other) else -CHANGE

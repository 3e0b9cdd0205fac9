"""Housekeeping at the beginning and the end of a lecture that no phrase shows to be such: "A blue
bottle was left here". It stands between talk about the course and the edge of the recording, and
its words are not those of the lecture."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from functions.generate.text.language import Language
from functions.generate.text.sentences import Sentence

FEWEST = 24
"""Sentences of a lecture that is long enough to have edges."""
EDGE = 0.12
"""Part of the sentences that is one edge."""
LONGEST_EDGE = 20
SHARED = 1 / 3
"""Part of a sentence's telling words up to which it is about something else."""


def mark_edges(sentences: Sequence[Sentence], language: Language) -> tuple[Sentence, ...]:
    """The same sentences, with `is_talk` of such ones. One with a cue ("never", "remember") may be
    the lecture's moral."""
    if len(sentences) < FEWEST:
        return tuple(sentences)
    size = min(LONGEST_EDGE, round(EDGE * len(sentences)))
    middle = sentences[size:-size]
    subject = {stem for each in middle if not each.is_talk for stem in _telling(each)}
    found = {*_before_talk(sentences[:size]), *_after_talk(sentences[-size:])}
    return tuple(
        replace(each, is_talk=True)
        if each.index in found
        and _is_foreign(each, subject)
        and not each.has_any(language.phrasing.cues)
        else each
        for each in sentences
    )


def _before_talk(head: Sequence[Sentence]) -> Iterator[int]:
    last = max((at for at, each in enumerate(head) if each.is_talk), default=0)
    return (each.index for each in head[:last])


def _after_talk(tail: Sequence[Sentence]) -> Iterator[int]:
    first = next((at for at, each in enumerate(tail) if each.is_talk), len(tail))
    return (each.index for each in tail[first:])


def _is_foreign(sentence: Sentence, subject: set[str]) -> bool:
    telling = _telling(sentence)
    return len(telling & subject) <= SHARED * len(telling)


def _telling(sentence: Sentence) -> set[str]:
    return {token.stem for token in sentence.tokens if not token.is_common}

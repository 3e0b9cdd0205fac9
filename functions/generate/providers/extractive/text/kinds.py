"""What kind of statement a sentence is, judged by its wording."""

from collections.abc import Collection, Sequence

from functions.generate.text.language import Language
from functions.generate.text.sentences import Sentence
from shared.presets import Emphasis

EMPHASIZED = 2.0
"""Factor on the score of a sentence of a kind that the preset puts first."""


def is_kind(
    sentence: Sentence, kind: Emphasis, language: Language, *, defining: Collection[int]
) -> bool:
    """`defining`: indexes of the sentences that define a term."""
    phrasing = language.phrasing
    match kind:
        case "definitions":
            return sentence.index in defining
        case "examples":
            return sentence.has_any(phrasing.examples)
        case "contrasts":
            return sentence.has_any(phrasing.contrasts)
        case "relations":
            return sentence.has_any(phrasing.relations)
        case "evidence":
            return sentence.has_any(phrasing.evidence)
        case "open-questions":
            return sentence.has_any(phrasing.limits)


def emphasize(
    sentences: Sequence[Sentence],
    scores: Sequence[float],
    emphasis: Sequence[Emphasis],
    language: Language,
    *,
    defining: Collection[int],
) -> tuple[float, ...]:
    """The scores, with those higher that the preset puts first."""
    return tuple(
        score * EMPHASIZED
        if any(is_kind(sentence, kind, language, defining=defining) for kind in emphasis)
        else score
        for sentence, score in zip(sentences, scores, strict=True)
    )

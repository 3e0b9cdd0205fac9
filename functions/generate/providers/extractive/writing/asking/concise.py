"""An explanation in one sentence that can be recalled as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass

from functions.generate.providers.extractive.terms.explain import Explanation
from functions.generate.providers.extractive.text.shorten import shorten
from functions.generate.text.language import Language
from functions.generate.text.sentences import Sentence
from shared.documents.artifacts import Citation

WHOLE_WORDS = 6
"""A sentence of so many words explains without the next one."""
ANSWER_WORDS = 20
"""Of a card (Wozniak's rule of minimum information)."""


@dataclass(frozen=True)
class Answer:
    text: str
    citations: tuple[Citation, ...]


def concise(explanation: Explanation, limit: int, language: Language) -> Answer | None:
    """The explanation, or the sentence of it that explains, in at most as many words as asked for;
    None if neither is that short, or the sentence leans on another."""
    first, *others = explanation.sentences
    # "The first process is saltation.": what it is comes next. "We call this erosion.": what it is
    # comes before.
    said = others[0] if first.opens and others else first
    named = next((at for at, each in enumerate(others) if each.names_back), 0)
    stands = first.opens or not _leans(first, explanation.text)
    in_one = said.length >= WHOLE_WORDS and said.text in explanation.text and not named
    if stands and len(explanation.text.split()) <= limit and (len(others) < 1 or not in_one):
        return Answer(explanation.text, explanation.citations)
    if named:
        said = explanation.sentences[named]
    if (_leans(said, explanation.text) and not first.opens) or said.text not in explanation.text:
        return None
    short = shorten(said, limit, language)
    if not short.is_whole:
        return None
    # The sentence that names the term is evidence of whose explanation it is.
    naming = tuple(s.citation for s in explanation.sentences if s.names_back or s.opens)
    return Answer(short.text, tuple(dict.fromkeys((short.citation, *naming))))


def _leans(sentence: Sentence, text: str) -> bool:
    """It needs what stands before it. One that names what it explains itself ("The marking of
    microbes is called opsonisation") does not, nor do words that were taken out of it."""
    return sentence.refers_back and not sentence.names_back and sentence.text in text


def concise_reply(answer: Sequence[Sentence], limit: int, language: Language) -> Answer | None:
    """What answers a question of the lecturer: its first sentence, and the next behind a very short
    one ("No, it does not.")."""
    first, *others = answer
    if len(first.words) <= limit:
        text, citations, used = first.whole, (first.citation,), len(first.words)
    else:
        short = shorten(first, limit, language)
        if not short.is_whole:
            return None
        text, citations, used = short.text, (short.citation,), limit
    if others and used <= limit / 2:
        more = shorten(others[0], limit - used, language)
        if more.is_whole:
            return Answer(f"{text} {more.text}", (*citations, more.citation))
    return Answer(text, citations) if used > BARE_WORDS else None


BARE_WORDS = 3
"""An answer of fewer words ("Not necessarily.") is half of one."""

"""A sentence within the preset's word limit, cut where a clause ends."""

from dataclasses import dataclass

from functions.generate.extractive.sentences import CLOSING, Sentence, tidy
from functions.generate.language import Language
from shared.artifacts import Citation

MIN_WORDS = 5


@dataclass(frozen=True)
class Shortened:
    text: str
    citation: Citation
    """Exactly the words that were kept."""
    is_whole: bool
    """False if the limit broke a clause, which the text then shows by "…"."""


def shorten(sentence: Sentence, limit: int, language: Language) -> Shortened:
    """At most `limit` words of the sentence, without its connecting words."""
    if sentence.length <= limit:
        return Shortened(sentence.text, sentence.citation, is_whole=True)
    cut = _clause_end(sentence, limit, language)
    end = cut or sentence.first_word + limit
    words = sentence.words[sentence.first_word : end]
    quote = " ".join(word.text for word in words)
    text = tidy(quote) if cut else f"{quote[:1].upper()}{quote[1:].rstrip(',;:')} …"
    citation = Citation(start_sec=words[0].start_sec, end_sec=words[-1].end_sec, quote=quote)
    return Shortened(text, citation, is_whole=cut is not None)


def _clause_end(sentence: Sentence, limit: int, language: Language) -> int | None:
    """Where the last whole clause within the limit ends; None if there is none."""
    phrasing = language.phrasing
    opening = next((t.norm for t in sentence.tokens if t.word >= sentence.first_word), "")
    # "If the price changes, we move": the first comma does not end the main clause.
    open_commas = 1 if opening in phrasing.subordinators else 0
    best = None
    for this, following in zip(sentence.tokens, sentence.tokens[1:], strict=False):
        length = this.word + 1 - sentence.first_word
        written = sentence.words[this.word].text.rstrip(CLOSING)
        if this.word == following.word or not written.endswith((",", ";", ":", "–", "—")):
            continue
        if length > limit:
            break
        if written.endswith(",") and open_commas:
            open_commas -= 1
        elif length >= MIN_WORDS and (
            not written.endswith(",") or following.norm in phrasing.conjunctions
        ):
            best = this.word + 1
    return best

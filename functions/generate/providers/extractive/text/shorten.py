"""A sentence within the preset's word limit, cut where a clause ends."""

from dataclasses import dataclass

from functions.generate.text.cutting import CLOSING
from functions.generate.text.language import Language
from functions.generate.text.lexicon import load_words
from functions.generate.text.sentences import Sentence, tidy
from functions.generate.text.words import Token
from shared.documents.artifacts import Citation

MIN_WORDS = 5
MARKS = (",", ";", ":", "–", "—")


@dataclass(frozen=True)
class Shortened:
    text: str
    citation: Citation
    """The words that were kept, and what was said between them."""
    is_whole: bool
    """False if the limit broke a clause, which the text then shows by "…"."""


@dataclass(frozen=True)
class _Cut:
    end: int
    """Index of the first word that is left out."""
    joined_at: int | None = None
    """Index of the word whose comma gives way to `joint`: of a series the end is cut off."""
    joint: str = ""


def shorten(sentence: Sentence, limit: int, language: Language) -> Shortened:
    """At most `limit` words of the sentence, without its connecting words."""
    if sentence.length <= limit:
        return Shortened(sentence.text, sentence.citation, is_whole=True)
    cuts = _Clauses(sentence, language).cuts(limit)
    cut = cuts[-1] if cuts else None
    end = cut.end if cut else sentence.first_word + limit
    citation = sentence.cited(sentence.first_word, end)
    if not cut:
        kept = " ".join(word.text for word in sentence.words[sentence.first_word : end])
        broken = f"{kept[:1].upper()}{kept[1:].rstrip(',;:')} …"
        return Shortened(broken, citation, is_whole=False)
    return Shortened(_text(sentence, cut), citation, is_whole=True)


def _text(sentence: Sentence, cut: _Cut) -> str:
    texts = [word.text for word in sentence.words[: cut.end]]
    if cut.joined_at is not None:
        texts[cut.joined_at] = f"{texts[cut.joined_at].rstrip(',')} {cut.joint}"
    return tidy(" ".join(texts[sentence.first_word :]))


class _Clauses:
    """Where a sentence may end early and still be one, and true."""

    def __init__(self, sentence: Sentence, language: Language) -> None:
        self._sentence = sentence
        self._phrasing = language.phrasing
        self._words = load_words(language.code)
        self._tokens = [t for t in sentence.tokens if t.word >= sentence.first_word]

    def cuts(self, limit: int) -> list[_Cut]:
        """In order, each leaving MIN_WORDS to `limit` words, and no fewer than that behind."""
        opening = self._tokens[0].norm if self._tokens else ""
        # "If the price changes, we move": the first comma does not end the main clause.
        open_commas = 1 if opening in self._phrasing.subordinators else 0
        commas: list[int] = []
        found: list[_Cut] = []
        for this, following in zip(self._tokens, self._tokens[1:], strict=False):
            length = this.word + 1 - self._sentence.first_word
            if this.word == following.word:
                continue
            # A comma in the place of `joint` leaves room for one word less.
            fits = MIN_WORDS <= length <= limit - bool(commas)
            mark = self._mark(this)
            if mark == "," and open_commas:
                open_commas -= 1
            elif fits and not open_commas and self._may_go(following):
                cut = self._cut(this, following, mark, commas)
                found += [cut] if cut else []
                commas += [this.word] if mark == "," else []
            elif mark == ",":
                commas.append(this.word)
        return found

    def _may_go(self, first: Token) -> bool:
        """From this token on nothing takes back or limits what stands before it; a reason does not,
        whatever it denies."""
        if first.norm in self._phrasing.grounds:
            return True
        norms = [token.norm for token in self._tokens if token.word >= first.word]
        return not self._words.takes_back(norms)

    def _mark(self, token: Token) -> str:
        written = self._sentence.words[token.word].text.rstrip(CLOSING)
        return written[-1] if written.endswith(MARKS) else ""

    def _cut(self, this: Token, following: Token, mark: str, commas: list[int]) -> _Cut | None:
        end = this.word + 1
        if mark and mark != ",":
            return _Cut(end)
        if len(self._sentence.words) - end < MIN_WORDS:
            return None
        if following.norm in self._phrasing.coordinators:
            return self._before_coordinator(end, following, mark, commas)
        # Spoken language, and its recognizer, often leaves out the comma before a reason.
        marks_end = self._phrasing.conjunctions if mark else self._phrasing.reasons
        return _Cut(end) if following.norm in marks_end else None

    def _before_coordinator(
        self, end: int, following: Token, mark: str, commas: list[int]
    ) -> _Cut | None:
        if any(t.norm in self._phrasing.pairing for t in self._tokens if t.word < end):
            return None
        if commas:
            # "The price rises, the shelves are empty, and …": a series takes its "and" along.
            series = mark and self._begins_clause(commas[-1] + 1)
            return _Cut(end, joined_at=commas[-1], joint=following.norm) if series else None
        if following.norm != self._phrasing.coordinators[0]:
            # Of "the price rises, or the shelves are empty" neither half is claimed.
            return None
        return _Cut(end) if mark or self._begins_clause(following.word + 1) else None

    def _begins_clause(self, word: int) -> bool:
        norm = next((t.norm for t in self._tokens if t.word >= word), "")
        starts = (*self._phrasing.articles, *self._phrasing.pronouns, *self._phrasing.starters)
        return norm in starts

"""Speech as it is shown: without fillers, false starts, and slips that the speaker corrects.

After the parts of a repair (Levelt, 1983; Shriberg, 1994): the reparandum (what is taken back), an
editing term ("um", "sorry", "no"), and the repair, which mostly begins with a word of the
reparandum. Words are only left out where the speaker leaves them out: a filler, a word that is said
twice in a row, and what an editing term takes back. So nothing that was meant loses its negation.
Quotes keep every word.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

from functions.generate.text.language import Language
from functions.generate.text.lexicon import load_words
from functions.generate.text.words import tokens
from shared.documents.transcript import Word

LONGEST_REPEAT = 5
"""Words of a false start."""
LONGEST_REPARANDUM = 8
"""Words that a correction takes back."""
_MARKS = ",;–—"
_ENDS = ".?!…"


@dataclass(frozen=True)
class _Said:
    """One written word that is still to be shown."""

    at: int
    """Its index among the words of the sentence."""
    word: Word
    norms: tuple[str, ...]
    hesitates: bool = False
    """The speaker hesitates behind it."""

    @property
    def breaks_off(self) -> bool:
        return self.hesitates or self.ends_clause

    @property
    def ends_clause(self) -> bool:
        return _mark(self.word.text) in tuple(_MARKS)


def fluent(words: Sequence[Word], language: Language) -> list[tuple[int, Word]]:
    """The words of one sentence as they are shown, in order, each with its index among all. All of
    them where nothing else would be left."""
    said = [_Said(at, word, tokens(word.text)) for at, word in enumerate(words)]
    editing = _Editing.of(language)
    if editing.knows_nothing:
        return list(enumerate(words))
    said = editing.corrected(editing.without_fillers(said, asides=False))
    # "I mean" may begin a correction: an aside is what is left.
    said = editing.without_repeats(editing.without_fillers(said, asides=True))
    if not any(each.norms for each in said):
        return list(enumerate(words))
    return _written(said, words)


@dataclass(frozen=True)
class _Editing:
    fillers: frozenset[str]
    asides: tuple[tuple[str, ...], ...]
    corrections: tuple[tuple[str, ...], ...]
    openers: tuple[tuple[str, ...], ...]
    numbers: frozenset[str]
    joints: frozenset[str]
    language: Language

    @classmethod
    def of(cls, language: Language) -> "_Editing":
        phrasing = language.phrasing
        return cls(
            frozenset(phrasing.fillers),
            _phrases(phrasing.asides),
            _phrases(phrasing.corrections),
            _phrases(phrasing.openers),
            _number_words(language.code),
            frozenset(phrasing.bare_openers),
            language,
        )

    @property
    def knows_nothing(self) -> bool:
        return not (self.fillers or self.asides or self.corrections)

    def without_fillers(self, said: Sequence[_Said], *, asides: bool) -> list[_Said]:
        kept: list[_Said] = []
        position = 0
        while position < len(said):
            length = (
                self._aside_at(said, position, kept) if asides else self._is_filler(said[position])
            )
            if not length:
                kept.append(said[position])
                position += 1
                continue
            last = said[position + length - 1]
            if kept:
                kept[-1] = _closed(kept[-1], last, at_start=len(kept) <= 1)
            position += length
        return kept

    def _is_filler(self, each: _Said) -> bool:
        return bool(each.norms) and self.fillers.issuperset(each.norms)

    def _aside_at(self, said: Sequence[_Said], position: int, kept: Sequence[_Said]) -> int:
        """How many words the aside has that stands there; 0 if none does."""
        begins = position == 0 or (bool(kept) and kept[-1].breaks_off)
        # "And I mean, …"
        begins |= len(kept) == 1 and set(kept[0].norms) <= self.joints
        for phrase in self.asides if begins else ():
            end = position + len(phrase)
            if _norms(said[position:end]) == phrase and said[end - 1].ends_clause:
                return len(phrase)
        return 0

    def corrected(self, said: Sequence[_Said]) -> list[_Said]:
        """The repair in the place of what it takes back."""
        shown = list(said)
        position = 1
        while position < len(shown):
            length = self._correction_at(shown, position)
            first = None
            if length:
                first = self._reparandum(shown, position, position + length)
            elif shown[position - 1].hesitates:
                first = self._number_begun(shown, position)
            if first is None:
                position += 1
                continue
            del shown[first : position + length]
            position = max(first, 1)
        return shown

    def _correction_at(self, said: Sequence[_Said], position: int) -> int:
        if not said[position - 1].breaks_off:
            return 0
        longest = 0
        for phrase in self.corrections:
            end = position + len(phrase)
            is_there = end < len(said) and _norms(said[position:end]) == phrase
            if is_there and said[end - 1].breaks_off:
                longest = max(longest, len(phrase))
        return longest

    def _reparandum(self, said: Sequence[_Said], end: int, repair: int) -> int | None:
        """Where what is taken back begins; None where the repair does not say."""
        begins = said[repair].norms[:1]
        first = max(0, end - LONGEST_REPARANDUM)
        for place in range(end - 1, first - 1, -1):
            if begins and said[place].norms[:1] == begins:
                # "Fifty-five, sorry, fifty-six": from where the number begins.
                return self._number_start(said, place) if self._is_number(said[place]) else place
        if self._is_number(said[repair]) and self._is_number(said[end - 1]):
            return self._number_start(said, end - 1)
        return None

    def _number_begun(self, said: Sequence[_Said], position: int) -> int | None:
        """ "Four thousand, um, four thousand two hundred": where the number that is begun again
        begins; None where none is."""
        if not self._is_number(said[position - 1]) or not self._is_number(said[position]):
            return None
        first = self._number_start(said, position - 1)
        begun = _norms(said[first:position])
        again = _norms(said[position : position + position - first])
        return first if begun == again[: len(begun)] else None

    def _number_start(self, said: Sequence[_Said], place: int) -> int:
        while place > 0 and self._goes_on(said[place - 1]):
            place -= 1
        return place

    def _goes_on(self, each: _Said) -> bool:
        joints = load_words(self.language.code).lexicon.number_joints
        joins = bool(each.norms) and set(each.norms) <= set(joints)
        return not each.ends_clause and (self._is_number(each) or joins)

    def _is_number(self, each: _Said) -> bool:
        return bool(each.norms) and all(n in self.numbers or n[:1].isdigit() for n in each.norms)

    def without_repeats(self, said: Sequence[_Said]) -> list[_Said]:
        """Without words that are said twice in a row: the first of two runs of function words, or
        of any words where a comma or a dash shows that it was broken off. Numbers may be read
        out, and count what they say."""
        shown = list(said)
        position = 0
        while position < len(shown):
            length = self._taken_up(shown, position) or next(
                (n for n in range(LONGEST_REPEAT, 0, -1) if self._repeats(shown, position, n)), 0
            )
            if not length:
                position += 1
                continue
            del shown[position : position + length]
        return shown

    def _taken_up(self, said: Sequence[_Said], first: int) -> int:
        """ "Heat, on the other hand, heat is …": how many words there are before a sentence's first
        word is taken up again behind a connective; 0 if it is not."""
        if first or not said[0].ends_clause:
            return 0
        for phrase in self.openers:
            end = 1 + len(phrase)
            if end >= len(said) or _norms(said[1:end]) != phrase or not said[end - 1].ends_clause:
                continue
            if said[end].norms == said[0].norms:
                return end
        return 0

    def _repeats(self, said: Sequence[_Said], first: int, length: int) -> bool:
        run, again = said[first : first + length], said[first + length : first + 2 * length]
        norms = _norms(run)
        if len(again) < length or not norms or norms != _norms(again):
            return False
        if any(self._is_number(each) for each in run):
            return False
        if any(each.ends_clause for each in run[:-1]):
            return False
        return run[-1].breaks_off or (
            length <= 2 and all(norm in self.language.phrasing.doubled for norm in norms)
        )


def _closed(before: _Said, filler: _Said, *, at_start: bool) -> _Said:
    """The word before a filler, with the punctuation that is left: a full stop stays, and the two
    commas around a filler go, except behind the word that opens a sentence."""
    text = before.word.text
    mark = _mark(filler.word.text)
    if mark in tuple(_ENDS):
        text = text.rstrip(_MARKS) + mark
    elif filler.ends_clause and before.ends_clause and not at_start:
        text = text.rstrip(_MARKS)
    return replace(before, word=before.word.model_copy(update={"text": text}), hesitates=True)


def _written(said: Sequence[_Said], words: Sequence[Word]) -> list[tuple[int, Word]]:
    """With the sentence's end, where the words that had it are gone."""
    shown = [(each.at, each.word) for each in said]
    end = _mark(words[-1].text)
    at, last = shown[-1]
    if end in tuple(_ENDS) and _mark(last.text) not in tuple(_ENDS):
        shown[-1] = at, last.model_copy(update={"text": last.text.rstrip(_MARKS) + end})
    return shown


def _mark(text: str) -> str:
    """The punctuation that closes a written word, or its last letter."""
    return text.rstrip("\"'”’»)]")[-1:]


def _norms(said: Sequence[_Said]) -> tuple[str, ...]:
    return tuple(norm for each in said for norm in each.norms)


def _phrases(phrases: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    return tuple(sorted((tuple(phrase.split()) for phrase in phrases), key=len, reverse=True))


@cache
def _number_words(code: str) -> frozenset[str]:
    return frozenset(load_words(code).lexicon.numbers)

"""A course's terms, used only where a passage has something that sounds like one.

A hint is a previous text to Whisper: its style and its words carry over to what follows. So each
passage is recognized without one first. Where that has a doubtful spelling of a term, the passage
is recognized again with a hint, and of the result only the terms are taken, each in the place of
what sounds like it and only if the audio bears it out. Sentences, punctuation, times and all other
words stay those of the first recognition.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from functions.transcribe.vocabulary.likeness import bare, folded, likeness, most_alike
from shared.documents.transcript import Word
from shared.speech.sentences import ends_sentence
from shared.speech.writing import unspaced

ALIKE = 0.72
"""Likeness from which on a word that is certain may be a misheard term: "they collide" for
"thylakoid" has 0.73, and of a hundred words of a lecture one is that like some term of it."""
LESS_WHEN_UNSURE = 0.25
"""What is taken off for a word of probability 0."""
SUPPORTED = 0.1
"""Least probability of each word that is put in. It is the recognizer's without the hint, so this
is what the audio says of the word: "Cuckoo" has 0.48 where "cut who" was heard, "Kelvin" 0.01
where "Calvin" was."""
SUPPORTED_BESIDE = 0.25
"""The same, as a share of the mean probability of the words that it replaces."""

LONGEST_SENTENCE = 50
"""Words. Lecturers' sentences have 15 to 20 on average."""

_PUNCTUATION = ".,;:?!…\"'”’»)]}。，！？；："


@dataclass(frozen=True)
class _Span:
    """Words [start, stop)."""

    start: int
    stop: int


def resembled(words: Sequence[Word], terms: Sequence[str]) -> list[str]:
    """The terms that some words sound like without being them, in their order."""
    return [term for term in terms if _places(words, term)]


def with_terms(
    words: Sequence[Word], hinted: Sequence[Word], terms: Sequence[str]
) -> tuple[Word, ...]:
    """The words with the terms that the hinted recognition of the same passage has instead."""
    matches = SequenceMatcher(
        None, [bare(w.text) for w in words], [bare(w.text) for w in hinted], autojunk=False
    ).get_matching_blocks()
    replaced: dict[int, tuple[int, Sequence[Word]]] = {}
    taken: set[int] = set()
    for term in sorted(terms, key=len, reverse=True):
        for there in occurrences(hinted, term):
            said = hinted[there.start : there.stop]
            between = _counterpart(matches, there)
            place = _most_alike(words, between, term)
            if place is None or taken.intersection(range(place.start, place.stop)):
                continue
            if _borne_out(words[place.start : place.stop], said):
                taken.update(range(place.start, place.stop))
                replaced[place.start] = place.stop, said
    result: list[Word] = []
    at = 0
    while at < len(words):
        if at in replaced:
            stop, said = replaced[at]
            result += _in_place_of(words[at:stop], said)
            at = stop
        else:
            result.append(words[at])
            at += 1
    return tuple(result)


def lost_punctuation(words: Sequence[Word]) -> bool:
    """Whether a long text has hardly a sentence's end, as after a hint without any.

    False for scripts that write no spaces: some of them write no full stops either.
    """
    if any(unspaced(word.text[0]) for word in words):
        return False
    ends = sum(ends_sentence(word.text) for word in words)
    return len(words) > LONGEST_SENTENCE * (ends + 1)


def occurrences(words: Sequence[Word], term: str) -> Iterator[_Span]:
    """Where a term stands, its last word inflected or not ("tombstones")."""
    parts = [bare(part) for part in term.split()]
    texts = [bare(word.text) for word in words]
    for start in range(len(texts) - len(parts) + 1):
        *before, last = texts[start : start + len(parts)]
        if before == parts[:-1] and last.startswith(parts[-1]) and len(last) <= len(parts[-1]) + 2:
            yield _Span(start, start + len(parts))


def _places(words: Sequence[Word], term: str) -> list[tuple[float, _Span]]:
    """What sounds like the term without being it, and how much, the most alike last."""
    said = {at for span in occurrences(words, term) for at in range(span.start, span.stop)}
    # No term goes on behind the end of a sentence.
    ends = {at for at, word in enumerate(words) if ends_sentence(word.text)}
    count, sounds = len(term.split()), folded(term)
    spans = [
        _Span(start, start + length)
        for length in {max(1, count - 1), count, count + 1}
        for start in range(len(words) - length + 1)
        if said.isdisjoint(range(start, start + length))
        and ends.isdisjoint(range(start, start + length - 1))
    ]
    if not spans or not sounds:
        return []
    bounds = most_alike([folded(_text(words, span)) for span in spans], sounds)
    places = [
        (_likeness(words[span.start : span.stop], term), span)
        for span, bound in zip(spans, bounds.tolist(), strict=True)
        if bound >= _needed(words, span)
    ]
    return sorted(
        (place for place in places if place[0] >= _needed(words, place[1])),
        key=lambda place: place[0],
    )


def _likeness(words: Sequence[Word], term: str) -> float:
    """Of what words and term do not have in common: "Kaku hashing" is as like "cuckoo hashing"
    as "Kaku" is like "cuckoo", and "hashing" alone is not."""
    parts = [bare(part) for part in term.split()]
    texts = [bare(word.text) for word in words]
    ours = folded("".join(text for text in texts if text not in parts))
    theirs = folded("".join(part for part in parts if part not in texts))
    return likeness(ours, theirs)


def _text(words: Sequence[Word], span: _Span) -> str:
    return "".join(word.text for word in words[span.start : span.stop])


def _needed(words: Sequence[Word], span: _Span) -> float:
    certain = min(word.probability for word in words[span.start : span.stop])
    return ALIKE - LESS_WHEN_UNSURE * (1 - certain)


def _counterpart(matches: Sequence[tuple[int, int, int]], there: _Span) -> _Span:
    """Of the first words those between what both have before the term and what they have after."""
    start, stop = 0, None
    for ours, theirs, length in matches:
        if theirs < there.start:
            start = ours + min(length, there.start - theirs)
        if stop is None and theirs + length > there.stop:
            stop = ours + max(0, there.stop - theirs)
    # The last block has no length and lies behind the end.
    return _Span(start, matches[-1][0] if stop is None else stop)


def _most_alike(words: Sequence[Word], between: _Span, term: str) -> _Span | None:
    """What of the words between sounds like the term, None if nothing does."""
    places = _places(words[between.start : between.stop], term)
    if not places:
        return None
    _, span = places[-1]
    return _Span(between.start + span.start, between.start + span.stop)


def _borne_out(heard: Sequence[Word], said: Sequence[Word]) -> bool:
    """Whether the audio supports what is new; the same letters otherwise spaced need no support."""
    before, after = ([bare(word.text) for word in words] for words in (heard, said))
    if "".join(before) == "".join(after):
        return True
    gone = [word.probability for word in heard if bare(word.text) not in after]
    new = [word.probability for word in said if bare(word.text) not in before]
    if not gone or not new:
        return False
    return min(new) >= max(SUPPORTED, SUPPORTED_BESIDE * sum(gone) / len(gone))


def _in_place_of(heard: Sequence[Word], said: Sequence[Word]) -> Iterator[Word]:
    """The term in the time, with the first capital and the punctuation of what it replaces."""
    start_sec, end_sec = heard[0].start_sec, heard[-1].end_sec
    length_sec = (end_sec - start_sec) / len(said)
    for at, word in enumerate(said):
        text = word.text.strip(_PUNCTUATION)
        if at == 0 and heard[0].text[:1].isupper():
            text = text[:1].upper() + text[1:]
        if at == len(said) - 1:
            text += heard[-1].text[len(heard[-1].text.rstrip(_PUNCTUATION)) :]
        yield Word(
            text=text,
            start_sec=start_sec + at * length_sec,
            end_sec=start_sec + (at + 1) * length_sec,
            probability=word.probability,
        )

"""Flashcards: what a term means, what the lecturer asked and answered, and sentences with a
term blanked out."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from functions.generate.grounding.checks import gist, is_sound_card
from functions.generate.grounding.polarity.comparing import SMALL
from functions.generate.grounding.polarity.numbers import Written, numbers_at
from functions.generate.providers.extractive.analysis import Analysis
from functions.generate.providers.extractive.text.passages import is_statement
from functions.generate.providers.extractive.text.places import Term
from functions.generate.providers.extractive.text.rhetorical import answered_questions, asks_whether
from functions.generate.providers.extractive.writing.asking.concise import (
    ANSWER_WORDS,
    concise,
    concise_reply,
)
from functions.generate.providers.extractive.writing.asking.relations import relations
from functions.generate.providers.extractive.writing.wording import (
    ask_at,
    ask_what,
    clock,
    is_asked_for,
    is_free,
    is_recalled,
    replace_term,
)
from functions.generate.text.cutting import CLAUSE_ENDS, CLOSING, SENTENCE_ENDS
from functions.generate.text.lexicon import load_words
from functions.generate.text.sentences import Sentence
from functions.generate.text.words import split_word, tokens
from shared.documents.artifacts import Flashcard, FlashcardsContent
from shared.presets import Preset

CLOZE_WORDS = range(6, 33)
CLOZE_TELLING_WORDS = 4
CLOZE_PER_TERM = 2
MOST_NUMBERS = 2
"""In a sentence with more of them, which one is hidden is hard to say."""
PER_STATEMENT = 0.6
"""Cards for each statement of a lecture: a short one has fewer cards than the preset allows."""
FEWEST_CARDS = 6


def flashcards(analysis: Analysis, preset: Preset) -> FlashcardsContent:
    count = min(preset.flashcards, max(FEWEST_CARDS, round(PER_STATEMENT * _statements(analysis))))
    cloze_count = round(count * preset.cloze_share)
    # Of the lecturer's own questions the first are the exam's.
    asked = islice(_questions(analysis), preset.question_counts.get("short-answer", 0), None)
    made = chain(asked, _meanings(analysis), _relations(analysis))
    basic = list(islice(_sound(made), count - cloze_count))
    # Where the lecture gives fewer questions than wanted, sentences fill the deck.
    room = count - len(basic) if preset.cloze_share else 0
    answered = frozenset(card.key for card in basic)
    shown = frozenset(citation.start_sec for card in basic for citation in card.citations)
    cloze = list(islice(_sound(_cloze(analysis, answered, shown)), room))
    return FlashcardsContent(cards=(*basic, *cloze) or (_what_was_said(analysis),))


def _statements(analysis: Analysis) -> int:
    return sum(
        is_statement(sentence) and sentence.says_something for sentence in analysis.sentences
    )


def _sound(cards: Iterable[Flashcard]) -> Iterator[Flashcard]:
    """The cards that are whole in themselves, none twice: lecturers repeat themselves."""
    keys: set[str] = set()
    asked: set[tuple[str, ...]] = set()
    for card in cards:
        fresh = card.key not in keys and gist(card.front) not in asked
        if fresh and is_sound_card(card):
            keys.add(card.key)
            asked.add(gist(card.front))
            yield card


def _meanings(analysis: Analysis) -> Iterator[Flashcard]:
    """What each term means that the lecture defines, and who the persons were. Of a term that it
    only uses, "what does it say about …" can be answered by anything: there a sentence with a gap
    asks better."""
    shown: set[str] = set()
    ranked = sorted(analysis.terms, key=analysis.asking_rank)
    for rank, term in enumerate(ranked):
        explanation = analysis.explanations[term.stems]
        answer = concise(explanation, ANSWER_WORDS, analysis.language)
        if answer is None or answer.text in shown or not is_asked_for(analysis, term):
            continue
        shown.add(answer.text)
        yield Flashcard(
            key=_meaning_key(term),
            kind="basic",
            front=ask_what(analysis, term),
            back=answer.text,
            # The terms a lecture turns on are the ones heard most.
            difficulty="easy" if rank < len(analysis.terms) / 3 else "medium",
            tags=_tags(analysis, explanation.sentences[0]),
            citations=answer.citations,
        )


def _relations(analysis: Analysis) -> Iterator[Flashcard]:
    """Every other one: the others are for the exam."""
    for relation in islice(relations(analysis), 0, None, 2):
        yield Flashcard(
            key=f"relation:{_digest(relation.sentence)}",
            kind="basic",
            front=relation.question,
            back=relation.answer,
            difficulty="hard",
            tags=_tags(analysis, relation.sentence),
            citations=(relation.citation,),
        )


def _meaning_key(term: Term) -> str:
    return f"meaning:{' '.join(term.stems)}"


def _questions(analysis: Analysis) -> Iterator[Flashcard]:
    for asked in answered_questions(analysis.sentences, analysis.language):
        answer = concise_reply(asked.answer, ANSWER_WORDS, analysis.language)
        if answer is None or asks_whether(asked.question, analysis.language):
            continue
        yield Flashcard(
            key=f"question:{' '.join(asked.question.content)}",
            kind="basic",
            front=asked.question.text,
            back=answer.text,
            difficulty="hard",
            tags=_tags(analysis, asked.question),
            citations=answer.citations,
        )


def _what_was_said(analysis: Analysis) -> Flashcard:
    """For a recording of a few words, which would stand in any question about them."""
    sentence = analysis.sentences[0]
    front = ask_at(analysis, sentence)
    # "What?", said once, stands even in that question.
    leaks = set(tokens(sentence.text)) <= set(tokens(front))
    return Flashcard(
        key="said:0",
        kind="basic",
        front=f"{clock(sentence)} …?" if leaks else front,
        back=sentence.text,
        difficulty="easy",
        tags=_tags(analysis, sentence),
        citations=(sentence.citation,),
    )


def _cloze(
    analysis: Analysis, answered: frozenset[str], shown: frozenset[float]
) -> Iterator[Flashcard]:
    """Sentences with a term or number hidden; not the term that the sentence explains on another
    card, which has one of the keys `answered`; of the sentences that begin where one begins that is
    `shown` on another card only numbers."""
    uses: Counter[str] = Counter()
    ranked = sorted(
        analysis.sentences,
        key=lambda s: (-analysis.scores[s.index], s.index),
    )
    for sentence in sorted(ranked, key=lambda s: not _has_recalled(analysis, s)):
        if not _is_clozable(sentence):
            continue
        if front := _number_hidden(analysis, sentence):
            yield _cloze_card(analysis, sentence, "number", front)
            continue
        if sentence.citation.start_sec in shown:
            continue
        for term in _blankable(analysis, sentence, answered):
            front = replace_term(sentence.text, term, _hidden, analysis.language)
            if uses[term.text] < CLOZE_PER_TERM and front:
                uses[term.text] += 1
                yield _cloze_card(analysis, sentence, " ".join(term.stems), front)
                break


def _cloze_card(analysis: Analysis, sentence: Sentence, about: str, front: str) -> Flashcard:
    return Flashcard(
        key=f"cloze:{about}:{_digest(sentence)}",
        kind="cloze",
        front=front,
        back="",
        difficulty="medium",
        tags=_tags(analysis, sentence),
        citations=(sentence.citation,),
    )


def _number_hidden(analysis: Analysis, sentence: Sentence) -> str | None:
    """The sentence without its number, where it has just one that is worth knowing."""
    words = sentence.text.split()
    parts = [Written(norm, word, at) for at, word in enumerate(words) for norm in split_word(word)]
    found = list(numbers_at(parts, load_words(analysis.language.code)))
    told = [
        (first, end)
        for first, end, number in found
        if abs(number.value) > SMALL and not _is_decade(parts[end:])
    ]
    if not 0 < len(told) <= MOST_NUMBERS:
        return None
    first, last = parts[told[0][0]].at, parts[told[0][1] - 1].at
    # "In two thousand eleven, two researchers": two numbers, one behind the other.
    if any(words[at].endswith(",") for at in range(first, last)):
        return None
    surface = " ".join(words[first : last + 1])
    bare = surface.rstrip(SENTENCE_ENDS + CLAUSE_ENDS + CLOSING)
    return " ".join([*words[:first], f"{_hidden(bare)}{surface[len(bare) :]}", *words[last + 1 :]])


def _is_decade(behind: Sequence[Written]) -> bool:
    """ "Eighteen forties": a decade, not a number."""
    return bool(behind) and behind[0].norm.endswith("ies")


def _is_clozable(sentence: Sentence) -> bool:
    """Stands alone, and says enough around a blank for the blank to be guessed. A sentence that has
    the marks of a gap itself would have gaps of its own in Anki."""
    if "{{" in sentence.text:
        return False
    alone = is_statement(sentence) and not (sentence.refers_back or sentence.opens)
    alone = alone and not sentence.is_personal
    telling = sum(not token.is_common for token in sentence.tokens)
    return alone and telling >= CLOZE_TELLING_WORDS and sentence.length in CLOZE_WORDS


def _hidden(text: str) -> str:
    return f"{{{{c1::{text}}}}}"


def _blankable(analysis: Analysis, sentence: Sentence, answered: frozenset[str]) -> Iterator[Term]:
    """The terms of the sentence that are said once in it. Those first that the lecture defines or
    that are names of several words; of others those that fewer sentences have."""
    terms = analysis.terms_by_sentence.get(sentence.index, [])

    def rank(term: Term) -> tuple[bool, int]:
        return not is_recalled(analysis, term), len(term.sentences)

    for term in sorted(terms, key=rank):
        if not is_free(sentence, term):
            continue
        explains = sentence in analysis.explanations[term.stems].sentences
        if not (explains and _meaning_key(term) in answered):
            yield term


def _has_recalled(analysis: Analysis, sentence: Sentence) -> bool:
    terms = analysis.terms_by_sentence.get(sentence.index, [])
    return any(is_recalled(analysis, term) and is_free(sentence, term) for term in terms)


def _tags(analysis: Analysis, sentence: Sentence) -> tuple[str, ...]:
    for section in analysis.sections:
        if any(other.index == sentence.index for other in section.sentences):
            return ("-".join(section.title.casefold().split()),)
    return ()


def _digest(sentence: Sentence) -> str:
    return hashlib.sha256(" ".join(sentence.content).encode()).hexdigest()[:8]

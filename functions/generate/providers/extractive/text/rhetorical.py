"""The lecturer's own questions, with the answers that follow them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from functions.generate.providers.extractive.text.passages import is_statement
from functions.generate.text.language import Language
from functions.generate.text.sentences import Sentence

ANSWER_SENTENCES = 3
ANSWER_WORDS = 25
"""An answer of this length needs no further sentence."""
MIN_QUESTION_WORDS = 4
TAG_WORDS = 2
PRAISE_WORDS = 3


@dataclass(frozen=True)
class AnsweredQuestion:
    question: Sentence
    answer: tuple[Sentence, ...]

    @property
    def text(self) -> str:
        return " ".join(self.points)

    @property
    def points(self) -> tuple[str, ...]:
        """Sentence by sentence; the first with its openers, for "No, …" is part of the answer."""
        first, *others = self.answer
        return (first.whole, *(sentence.text for sentence in others))


def answered_questions(
    sentences: Sequence[Sentence], language: Language
) -> Iterator[AnsweredQuestion]:
    """Questions about the subject, that can be understood alone and are answered immediately."""
    for sentence in sentences:
        if not stands_as_question(sentence, language):
            continue
        answer = _answer(sentences, sentence.index + 1)
        if answer:
            yield AnsweredQuestion(sentence, answer)


def stands_as_question(sentence: Sentence, language: Language) -> bool:
    """A question about the subject, not to the audience, that can be understood alone."""
    if not sentence.is_question or _is_tag(sentence) or sentence.length < MIN_QUESTION_WORDS:
        return False
    told = {token.norm for token in sentence.tokens}
    asks = language.phrasing.interrogatives
    if asks and told.isdisjoint(asks):
        return False  # "Thumbs up in the back?"
    alone = not (sentence.is_talk or sentence.refers_back or _points_back(sentence, language))
    telling = any(not token.is_common for token in sentence.tokens)
    return alone and telling and told.isdisjoint(language.phrasing.addresses)


def asks_whether(question: Sentence, language: Language) -> bool:
    """Its answer is yes or no."""
    words = language.phrasing.question_words
    return bool(words) and not question.has_any(words)


def _points_back(sentence: Sentence, language: Language) -> bool:
    """It speaks of "these" or "it" before it has named anything that they could be."""
    for token in sentence.tokens:
        if token.norm in (*language.phrasing.pronouns, *language.phrasing.back_references):
            return True
        if not token.is_common:
            return False
    return False


def _is_tag(sentence: Sentence) -> bool:
    """A statement that only ends like a question ("…, right?")."""
    return any(token.ends_clause for token in sentence.tokens[-1 - TAG_WORDS : -1])


def _answer(sentences: Sequence[Sentence], start: int) -> tuple[Sentence, ...]:
    answer: list[Sentence] = []
    if start < len(sentences) and _is_praise(sentences[start]):
        start += 1
    for sentence in sentences[start : start + ANSWER_SENTENCES]:
        enough = sum(s.length for s in answer) >= ANSWER_WORDS
        if enough or not is_statement(sentence) or sentence.opens:
            break
        answer.append(sentence)
    while answer and not (answer[-1].says_something or _is_reply(answer)):
        answer.pop()  # "… Okay."
    return tuple(answer)


def _is_praise(sentence: Sentence) -> bool:
    """ "Good question.", before the answer."""
    return sentence.is_talk and not sentence.is_question and len(sentence.words) <= PRAISE_WORDS


def _is_reply(answer: Sequence[Sentence]) -> bool:
    """A short sentence that is all the answer there is: "No, it is not."."""
    return len(answer) == 1 and answer[0].length >= MIN_QUESTION_WORDS - 1

"""The lecturer's own questions, with the answers that follow them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from functions.generate.extractive.passages import is_statement
from functions.generate.extractive.sentences import Sentence
from functions.generate.language import Language

ANSWER_SENTENCES = 3
ANSWER_WORDS = 25
"""An answer of this length needs no further sentence."""
MIN_QUESTION_WORDS = 4
TAG_WORDS = 2


@dataclass(frozen=True)
class AnsweredQuestion:
    question: Sentence
    answer: tuple[Sentence, ...]

    @property
    def text(self) -> str:
        return " ".join(sentence.text for sentence in self.answer)


def answered_questions(
    sentences: Sequence[Sentence], language: Language
) -> Iterator[AnsweredQuestion]:
    """Questions about the subject, that can be understood alone and are answered at once."""
    addresses = frozenset(language.phrasing.addresses)
    for sentence in sentences:
        asked = sentence.is_question and not _is_tag(sentence)
        alone = asked and not (sentence.is_talk or sentence.leans_back)
        told = {token.norm for token in sentence.tokens}
        telling = any(not token.is_common for token in sentence.tokens)
        if not alone or not telling or sentence.length < MIN_QUESTION_WORDS or told & addresses:
            continue
        answer = _answer(sentences, sentence.index + 1)
        if answer:
            yield AnsweredQuestion(sentence, answer)


def _is_tag(sentence: Sentence) -> bool:
    """A statement that only ends like a question ("…, right?")."""
    return any(token.ends_clause for token in sentence.tokens[-1 - TAG_WORDS : -1])


def _answer(sentences: Sequence[Sentence], start: int) -> tuple[Sentence, ...]:
    answer: list[Sentence] = []
    for sentence in sentences[start : start + ANSWER_SENTENCES]:
        enough = sum(s.length for s in answer) >= ANSWER_WORDS
        if enough or not is_statement(sentence) or sentence.opens:
            break
        answer.append(sentence)
    return tuple(answer)

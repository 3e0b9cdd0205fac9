"""A sentence with the next one, where one leans on the other: the least that can be shown alone."""

from collections.abc import Sequence
from dataclasses import dataclass

from functions.generate.text.sentences import Sentence
from shared.documents.artifacts import Citation

MAX_SENTENCES = 2
BARE_ANSWER_WORDS = 3
MIN_TELLING_WORDS = 3
"""With fewer words that are not everyday ones, a sentence ("The answer is water.") only makes
sense where it was said."""


@dataclass(frozen=True)
class Passage:
    sentences: tuple[Sentence, ...]

    @property
    def stands(self) -> bool:
        """True of a statement that can be shown alone."""
        telling = sum(not token.is_common for s in self.sentences for token in s.tokens)
        told = any(s.is_personal for s in self.sentences)
        return not (self.sentences[0].refers_back or told) and telling >= MIN_TELLING_WORDS

    @property
    def content(self) -> tuple[str, ...]:
        return tuple(stem for sentence in self.sentences for stem in sentence.content)

    @property
    def text(self) -> str:
        return " ".join(sentence.text for sentence in self.sentences)

    @property
    def citations(self) -> tuple[Citation, ...]:
        return tuple(sentence.citation for sentence in self.sentences)


def passages(sentences: Sequence[Sentence]) -> list[Passage]:
    """The statements among the sentences, in order; questions and talk end a passage."""
    runs: list[list[Sentence]] = []
    before: Sentence | None = None
    for sentence in sentences:
        asked, before = bool(before and before.is_question), sentence
        # "Is it always better? Not necessarily.": half an answer.
        bare = sentence.is_fragment or (asked and len(sentence.words) <= BARE_ANSWER_WORDS)
        if bare or not is_statement(sentence):
            continue
        run = runs[-1] if runs else []
        follows = bool(run) and run[-1].index + 1 == sentence.index
        leans = sentence.refers_back or (follows and run[-1].opens)
        # A name comes last, however long what it names.
        limit = MAX_SENTENCES + sentence.names_back
        if leans and follows and not sentence.opens and len(run) < limit:
            run.append(sentence)
        else:
            runs.append([sentence])
    return [Passage(tuple(run)) for run in runs]


def is_statement(sentence: Sentence) -> bool:
    return not (sentence.is_question or sentence.is_talk)


def cite(sentences: Sequence[Sentence]) -> tuple[Citation, ...]:
    """One citation for each sentence, none twice."""
    unique = {sentence.index: sentence for sentence in sentences}
    return tuple(sentence.citation for sentence in unique.values())

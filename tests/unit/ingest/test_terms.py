"""Which words of a correction are terms, and which are only words."""

import pytest

from functions.ingest.corrections.terms import terms
from functions.ingest.corrections.transcript import correct
from shared.documents.transcript import Transcript, Utterance, Word
from shared.errors import UtteranceUnknownError


def found(
    text: str, *, elsewhere: set[str] | None = None, start: int = 0, language: str = "en"
) -> list[str]:
    words = text.split()
    run = range(start, len(words))
    return list(terms(words, run, elsewhere=elsewhere or set(), language=language))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("by Euler's method", ["Euler", "method"]),
        ("the Navier Stokes equation,", ["Navier Stokes equation"]),
        ("we use mRNA, and DNA", ["mRNA", "DNA"]),
        ("the kernel there", ["kernel"]),
        ("I'm there and we'll go", []),
        ("it was 1905", []),
        ("Then we go. Now you go", []),
        ("of O'Brien", ["O'Brien"]),
    ],
)
def test_names_and_rare_words_are_terms(text: str, expected: list[str]) -> None:
    assert found(text) == expected


def test_a_word_that_the_lecture_has_elsewhere_was_only_misheard() -> None:
    assert found("the because", elsewhere={"because"}) == []


def test_a_name_is_a_term_however_often_it_was_heard_right() -> None:
    assert found("by Euler", elsewhere={"euler"}) == ["Euler"]


def test_where_every_noun_is_capitalized_a_capital_says_nothing() -> None:
    assert found("das Haus der Entropie", language="de") == ["Entropie"]


def test_words_that_are_not_spaced_make_one_term() -> None:
    words = ["我", "说", "熵", "增", "了"]

    assert list(terms(words, range(2, 4), elsewhere=(), language="zh")) == ["熵增"]
    assert list(terms(words, range(2, 3), elsewhere=(), language="zh")) == []


def test_only_the_corrected_words_count() -> None:
    assert found("Fourier and Euler", start=2) == ["Euler"]


def transcript(*texts: str) -> Transcript:
    return Transcript(
        language="en",
        duration_sec=60,
        provider="whisper",
        model="base",
        utterances=tuple(
            Utterance(
                id=index,
                start_sec=index,
                end_sec=index + 0.9,
                text=text,
                confidence=0.8,
                words=tuple(
                    Word(
                        text=word,
                        start_sec=index + number / 10,
                        end_sec=index + number / 10 + 0.1,
                        probability=0.8,
                    )
                    for number, word in enumerate(text.split())
                ),
            )
            for index, text in enumerate(texts)
        ),
    )


def test_what_a_correction_takes_out_is_told_as_well() -> None:
    corrected = correct(transcript("by Oylers method", "it works"), {0: "by Euler's method"})

    assert corrected.put_in == {"Euler"}
    assert corrected.taken_out == {"Oylers"}


def test_other_utterances_stay_as_they_are() -> None:
    before = transcript("by oiler", "it works", "so")

    corrected = correct(before, {0: "by Euler", 2: " so "})

    assert corrected.utterances == 1
    assert corrected.transcript.utterances[1:] == before.utterances[1:]
    assert corrected.transcript.utterances[0].text == "by Euler"


def test_an_utterance_that_is_not_there_is_refused() -> None:
    with pytest.raises(UtteranceUnknownError, match="utterance 2"):
        correct(transcript("by oiler", "it works"), {2: "so"})

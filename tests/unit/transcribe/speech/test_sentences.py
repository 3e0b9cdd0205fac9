import pytest

from shared.speech.sentences import MOST_SEC, MOST_WORDS, sentences
from tests.unit.transcribe.speech.spoken import spoken


def split(text: str, language: str = "en") -> list[str]:
    groups = sentences(spoken(text), language=language)
    return [" ".join(word.text for word in group) for group in groups]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", ["What is a hash table?", "It maps keys to slots.", "Remember that!"]),
        ("en", ["He said “Go home.”", "Then he left."]),
        ("es", ["¿Qué es la célula?", "¡Es la unidad básica!", "Veamos."]),
        ("de", ["Was ist das?", "Das ist die Zelle."]),
        ("fr", ["Qu’est-ce que c’est ?", "C’est une cellule."]),
        ("zh", ["什么 是 光合作用？", "它 发生 在 叶绿体。", "很 好！"]),
        ("ja", ["光合成 とは 何 ですか。", "植物 の 働き です。"]),
        ("hi", ["यह क्या है?", "यह कोशिका है।", "ठीक है।"]),
        ("ar", ["ما هي الخلية؟", "هي وحدة الحياة."]),
    ],
)
def test_sentences_end_at_their_punctuation(language: str, expected: list[str]) -> None:
    assert split(" ".join(expected), language) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "Today Dr. Smith and Prof. Jones talk about enzymes.",
        "It grows by 3.5 per cent a year.",
        "The president was John F. Kennedy in those days.",
        "See Fig. 3 and Eq. 12 in the book.",
        "This was shown by Watson et al. In 1953 it was new.",
        "We call it, e.g. Python, a language.",
        "The U.S. Senate agreed.",
        "So... we go on with it.",
        "Mr. T. S. Eliot wrote it.",
    ],
)
def test_a_period_inside_a_sentence_does_not_end_it(sentence: str) -> None:
    assert split(sentence) == [sentence]


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("He eats vitamin C. It is good for him.", 2),
        ("Bring pens, paper etc. |0.8| Then we start.", 2),
        ("He lives in the U.S. |0.8| She does not.", 2),
        ("Is it true? No. Then what is it?", 3),
        ("It began in 1990. Then came the web.", 2),
        ("So... Let us go on.", 2),
    ],
)
def test_a_period_at_the_end_does(text: str, count: int) -> None:
    assert len(split(text)) == count


def test_ordinals_of_german_are_no_sentence_ends() -> None:
    assert len(split("Am 3. Oktober war es so weit.", "de")) == 1
    assert len(split("On page 3. October was cold.", "en")) == 2


def test_a_long_pause_ends_a_sentence_without_punctuation() -> None:
    assert split("so this is the cell |2.5| and this is the nucleus") == [
        "so this is the cell",
        "and this is the nucleus",
    ]


def test_a_pause_for_thought_does_not() -> None:
    assert len(split("so this is the |1.2| nucleus.")) == 1


def test_what_runs_on_is_parted_at_a_clause() -> None:
    clause = "and the next thing to say about the cell is that it lives,"
    run_on = " ".join([clause] * 12)

    parts = split(run_on)

    assert " ".join(parts) == run_on
    assert all(part.endswith("lives,") for part in parts)


def test_without_punctuation_what_runs_on_is_parted_at_its_pauses() -> None:
    run = " ".join(["word"] * 34)

    parts = split(f"{run} |1.0| {run}")

    assert parts == [run, run]


def test_no_part_is_too_long_and_no_word_is_lost() -> None:
    words = spoken(" ".join(f"w{index}" for index in range(1000)))

    groups = sentences(words, language="en")

    assert [word for group in groups for word in group] == list(words)
    assert all(len(group) <= MOST_WORDS for group in groups)
    assert all(group[-1].end_sec - group[0].start_sec <= MOST_SEC for group in groups)
    assert min(map(len, groups)) >= 10


def test_no_words_are_no_sentences() -> None:
    assert sentences((), language="en") == []

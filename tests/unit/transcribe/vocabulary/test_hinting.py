"""Terms of a course in place of what was misheard, and nothing else. The probabilities of the
examples are measured ones (Whisper base)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.transcribe.vocabulary.hinting import (
    LONGEST_SENTENCE,
    lost_punctuation,
    resembled,
    with_terms,
)
from functions.transcribe.vocabulary.likeness import bare, folded, likeness, most_alike
from shared.documents.transcript import Word
from shared.speech.sentences import ends_sentence
from tests.unit.transcribe.speech.spoken import spoken


def heard(text: str, **probabilities: float) -> tuple[Word, ...]:
    """The words with 0.9 each, or what is told of one by its letters."""
    return tuple(
        word.model_copy(update={"probability": probabilities.get(bare(word.text), 0.9)})
        for word in spoken(text)
    )


def text(words: tuple[Word, ...]) -> str:
    return " ".join(word.text for word in words)


MISHEARD = [
    ("in cut who hashing, every key", {"cut": 0.13, "who": 0.19}, "cuckoo hashing"),
    ("Kaku hashing is simple.", {"kaku": 0.38}, "cuckoo hashing"),
    ("stacked inside the phylocodes.", {"phylocodes": 0.55}, "thylakoid"),
    ("where they collide in the cell", {}, "thylakoid"),
    ("This is the Kelvin cycle.", {}, "Calvin cycle"),
    ("we call it Robinhood.", {}, "Robin Hood"),
    ("and oiler showed it", {"oiler": 0.4}, "Euler's"),
]


@pytest.mark.parametrize(("said", "unsure", "term"), MISHEARD)
def test_what_sounds_like_a_term_is_looked_into(
    said: str, unsure: dict[str, float], term: str
) -> None:
    assert resembled(heard(said, **unsure), ["mitochondria", term]) == [term]


@pytest.mark.parametrize(
    ("said", "term"),
    [
        ("In cuckoo hashing, every key has two places.", "cuckoo hashing"),
        ("Tombstones are left behind.", "tombstone"),
        ("hashing is simple, and hashing is fast", "cuckoo hashing"),
        ("the demand for coffee falls when the price rises", "demand curve"),
        ("we change nothing in the list", "equilibrium"),
        ("", "term"),
        ("the same word again", "…"),
    ],
)
def test_what_is_right_or_something_else_is_not(said: str, term: str) -> None:
    assert resembled(heard(said), [term]) == []


def test_a_misheard_term_is_put_right_in_its_place() -> None:
    first = heard("In cut who hashing, every key.", cut=0.13, who=0.19)
    hinted = heard("In Cuckoo hashing every key", cuckoo=0.48)

    found = with_terms(first, hinted, ["cuckoo hashing"])

    assert text(found) == "In Cuckoo hashing, every key."
    assert (found[1].start_sec, found[2].end_sec) == (first[1].start_sec, first[3].end_sec)
    assert found[0] == first[0] and found[3:] == first[4:]


def test_capital_and_full_stop_are_those_of_what_was_there() -> None:
    first = heard("It ends. Phylocodes. They", phylocodes=0.55)
    hinted = heard("It ends thylakoids they", thylakoids=0.42)

    assert text(with_terms(first, hinted, ["thylakoid"])) == "It ends. Thylakoids. They"


def test_a_term_that_the_audio_does_not_bear_out_is_not_taken() -> None:
    first = heard("the Calvin cycle", calvin=0.91)
    hinted = heard("the Kelvin cycle", kelvin=0.01)

    assert with_terms(first, hinted, ["Kelvin cycle"]) == first


def test_nor_one_that_sounds_otherwise_than_what_was_heard() -> None:
    first = heard("we look at spam today")
    hinted = heard("we look at equilibrium today")

    assert with_terms(first, hinted, ["equilibrium"]) == first


def test_letters_that_are_spaced_otherwise_need_no_support() -> None:
    first = heard("called Robinhood, for")
    hinted = heard("called Robin Hood for", hood=0.07)

    assert text(with_terms(first, hinted, ["Robin Hood"])) == "called Robin Hood, for"


def test_no_term_takes_the_end_of_a_sentence() -> None:
    first = heard("the hash. Tables grow", hash=0.2, tables=0.2)
    hinted = heard("the hash table grow")

    assert text(with_terms(first, hinted, ["hash table"])) == "the hash. Tables grow"


TEXTS = "the Calvin Kelvin cycle, cycle. hash table. has tables supply curb curve one. MAD"
words = st.lists(st.sampled_from(TEXTS.split()), max_size=30)
probabilities = st.lists(st.floats(0, 1), min_size=30, max_size=30)
TERMS = ["Kelvin cycle", "hash table", "supply curve", "MAD MAD MAD MAD", "one"]


@given(words, words, probabilities, probabilities)
def test_whatever_the_hint_made_of_it_sentences_and_other_words_stay(
    plain: list[str], hinted: list[str], sure: list[float], surely: list[float]
) -> None:
    first, second = (
        tuple(
            word.model_copy(update={"probability": probability})
            for word, probability in zip(spoken(" ".join(texts)), given_, strict=False)
        )
        for texts, given_ in ((plain, sure), (hinted, surely))
    )

    found = with_terms(first, second, TERMS)

    assert sum(ends_sentence(w.text) for w in found) >= sum(ends_sentence(w.text) for w in first)
    assert [w.start_sec for w in found] == sorted(w.start_sec for w in found)
    new = {bare(word.text) for word in found} - {bare(word.text) for word in first}
    assert new <= {bare(part) for term in TERMS for part in term.split()} | {"tables"}


def test_a_long_text_without_a_sentence_s_end_has_lost_its_punctuation() -> None:
    run_on = " ".join(["word"] * (LONGEST_SENTENCE + 1))

    assert lost_punctuation(heard(run_on))
    assert not lost_punctuation(heard(run_on + "."))
    assert not lost_punctuation(heard("ten words without an end"))
    assert not lost_punctuation(heard(" ".join(["光"] * 200)))


@given(st.text(max_size=12), st.text(max_size=12))
def test_the_quick_look_never_passes_over_what_is_alike(one: str, other: str) -> None:
    left, right = folded(one), folded(other)

    assert 0 <= likeness(left, right) <= most_alike([left], right)[0] + 1e-9

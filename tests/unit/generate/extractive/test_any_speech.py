"""Whatever a recognizer writes, the material is whole."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.generate.text.words import tokens
from shared.documents.artifacts import ArtifactType
from tests.unit.generate import lectures
from tests.unit.generate.lectures import draft, spoken

pytestmark = pytest.mark.heavy


VOCABULARY = """
    the a an is called we call this It The so But and which means for example I you
    cell cells wall T Bach load factor load-factor l'eau don't 3.5 1,000 50% C++
    — … ? ! . , ; : ( ) “quoted” {{c1::x}} <b> %s {term} e.g. Dr. हिन्दी كتاب 日本語 ñ ß İ
"""
WORDS = st.sampled_from(VOCABULARY.split())
ENDS = st.sampled_from(["", ".", ".", "?", "!", ",", "…"])
SENTENCES = st.lists(
    st.tuples(st.lists(WORDS, min_size=1, max_size=14), ENDS).map(lambda s: " ".join(s[0]) + s[1]),
    min_size=1,
    max_size=12,
)


@settings(max_examples=60, derandomize=True)
@given(
    SENTENCES,
    st.sampled_from(["en", "de", "fr", "es", "hi", "ru", "sw", "xx"]),
    st.sampled_from(["exam", "seminar", "neurodivergent-friendly"]),
)
def test_no_artifact_is_empty_and_no_item_fails_its_check(
    sentences: list[str], language: str, preset: str
) -> None:
    text = " ".join(sentences)
    if not tokens(text):
        return
    transcript = spoken(text, language)
    grounded = lectures.grounded(draft(transcript, preset), transcript, preset)
    for kind, counts in grounded.grounding.items():
        assert counts.verified >= 1
        assert counts.repaired == 0
        # In nonsense a statement with a word exchanged may be what was said elsewhere: as a false
        # one it goes.
        assert counts.dropped == 0 or kind is ArtifactType.EXAM_QUESTIONS


def test_a_sentence_that_has_the_marks_of_a_gap_is_given_none() -> None:
    """Anki would hide both."""
    text = (
        "A hash table stores keys in buckets. A hash table finds a key in constant time. "
        "The card says that a hash table stores {{c1::keys}} in one of 512 buckets of the array."
    )

    cards = draft(spoken(text, "en"), "exam").contents.flashcards.cards

    gaps = [card.front for card in cards if card.kind == "cloze"]
    assert all("{{c1::keys}}" not in front for front in gaps), gaps

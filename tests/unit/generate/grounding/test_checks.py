"""Whether a card is whole in itself."""

import pytest

from functions.generate.grounding.checks import is_sound_card
from shared.documents.artifacts import Citation, Flashcard

SAID = Citation(start_sec=0, end_sec=4, quote="Something was said.")


def cloze(front: str) -> Flashcard:
    return Flashcard(
        key="cloze:x", kind="cloze", front=front, back="", difficulty="easy", citations=(SAID,)
    )


@pytest.mark.parametrize(
    "front",
    [
        "A {{c1::hash table}} maps each key to a slot of a table.",
        "Two plus two makes {{c1::four}}.",
        "Eine {{c1::Hashtabelle}} ordnet jedem Schlüssel einen Platz zu.",
        "{{c1::Demand::law}} falls when the price goes up.",
    ],
)
def test_a_gap_that_hides_something_is_sound(front: str) -> None:
    assert is_sound_card(cloze(front))


@pytest.mark.parametrize(
    "front",
    [
        # As a model of 1.5 billion parameters wrote them: the gap is added behind the sentence.
        "If something else changes, then the whole curve shifts. {{c1::the whole curve}}",
        "If people can easily find a substitute, then demand is elastic. {{c1::demand is elastic}}",
        "The shelves are empty, and the buyers begin to compete. {{c1::buyers compete}}",
        "Demand falls, and {{c1::Demand::what}} rises again.",
        "Nothing is hidden here.",
        "{{c1::Everything is hidden here.}}",
        "An empty gap {{c1::}} hides nothing.",
    ],
)
def test_a_gap_whose_words_are_shown_beside_it_is_not(front: str) -> None:
    assert not is_sound_card(cloze(front))

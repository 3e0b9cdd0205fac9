"""A card that asks the same keeps its identity, whatever else a regeneration changes."""

import itertools
import random
import re
import uuid
from collections.abc import Iterable
from dataclasses import replace
from functools import cache

import pytest

from functions.generate.identities.likeness import KnownItems, identities, to_keep
from functions.generate.text.language import language_of
from shared.courses.identities import created_names, derived_ids, keys_namespace
from shared.documents.artifacts import Citation, Flashcard
from tests.unit.generate.lectures import NAMES, draft, lecture, spoken

pytestmark = pytest.mark.heavy

NAMESPACE = created_names(owner="local", course="biology", lecture="photosynthesis")
NOTHING = KnownItems(NAMESPACE, (), {})
ENGLISH = language_of("en")
PRESETS = ("exam", "beginner", "research")

Cards = tuple[Flashcard, ...]


class Deck:
    """A lecture's cards over several generations, as the stage keeps them."""

    def __init__(self, namespace: str = NAMESPACE, previous: Cards = ()) -> None:
        self.known = KnownItems(namespace, previous, {})

    def generate(self, cards: Iterable[Flashcard]) -> Cards:
        cards = tuple(cards)
        ids = identities(cards, self.known, ENGLISH)
        made = tuple(
            each.model_copy(update={"id": id, "guid": id})
            for each, id in zip(cards, ids, strict=True)
        )
        kept = {**self.known.kept, **to_keep(made, self.known)}
        self.known = KnownItems(self.known.namespace, made, kept)
        assert len({card.guid for card in made}) == len(made)
        return made


def card(
    key: str, front: str, *, back: str = "An answer.", said: str = "", at: float = 10
) -> Flashcard:
    return Flashcard(
        key=key,
        kind="cloze" if "{{c1::" in front else "basic",
        front=front,
        back=back,
        difficulty="easy",
        citations=(Citation(start_sec=at, end_sec=at + 5, quote=said or front),),
    )


def guids(cards: Iterable[Flashcard]) -> list[str | None]:
    return [each.guid for each in cards]


@cache
def generated(name: str, preset: str = "exam") -> Cards:
    return draft(lecture(name), preset).contents.flashcards.cards


# --- without history ---


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_that_is_uploaded_again_has_the_same_identities(name: str) -> None:
    assert guids(Deck().generate(generated(name))) == guids(Deck().generate(generated(name)))


@pytest.mark.parametrize("name", NAMES)
def test_generating_again_changes_no_identity(name: str) -> None:
    deck = Deck()
    first = deck.generate(generated(name))

    assert guids(deck.generate(generated(name))) == guids(first)


@pytest.mark.parametrize("name", NAMES)
def test_cards_of_an_artifact_without_identities_keep_those_they_were_exported_with(
    name: str,
) -> None:
    namespace = keys_namespace(course_id=uuid.uuid4(), lecture_id=uuid.uuid4())
    stored = generated(name)

    made = Deck(namespace, previous=stored).generate(generated(name))

    assert tuple(guids(made)) == derived_ids(namespace, stored)


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(PRESETS, 2)))
def test_another_preset_and_back_changes_no_identity(first: str, second: str) -> None:
    deck = Deck()
    before = deck.generate(generated("hashing-1", first))
    asked = {each.key: each.guid for each in before}

    between = deck.generate(generated("hashing-1", second))
    after = deck.generate(generated("hashing-1", first))

    assert guids(after) == guids(before)
    assert all(asked.get(each.key, each.guid) == each.guid for each in between)


# --- corrections ---


def typos(name: str, dice: random.Random) -> tuple[str, str]:
    """The lecture's text, and the same with a word of a card misheard wherever it is said."""
    text = " ".join(utterance.text for utterance in lecture(name).utterances)
    words = sorted({w for w in re.findall(r"[a-z]{6,}", text) if text.count(w) > 2})
    right = dice.choice(words)
    at = dice.randrange(1, len(right) - 1)
    wrong = right[:at] + dice.choice("bdgkmpvz") + right[at + 1 :]
    return text, text.replace(right, wrong)


@pytest.mark.parametrize("name", NAMES)
def test_a_corrected_term_changes_no_identity(name: str) -> None:
    compared = 0
    for seed in range(5):
        right, wrong = typos(name, random.Random(f"{name} {seed}"))  # noqa: S311
        deck = Deck()
        before = deck.generate(draft(spoken(wrong)).contents.flashcards.cards)

        after = deck.generate(draft(spoken(right)).contents.flashcards.cards)

        asked = {(each.front, each.citations[0].start_sec): each.guid for each in before}
        for each in after:
            place = (each.front, each.citations[0].start_sec)
            assert asked.get(place, each.guid) == each.guid
        # Without matching these would be other cards: the sentence is part of a cloze's key.
        gaps = {_gap(each): each for each in before if each.kind == "cloze"}
        reworded = [
            (each, gaps[_gap(each)])
            for each in after
            if each.kind == "cloze" and _gap(each) in gaps and each.key != gaps[_gap(each)].key
        ]
        assert guids(each for each, _ in reworded) == guids(other for _, other in reworded)
        compared += len(reworded)
    assert compared


def _gap(cloze: Flashcard) -> tuple[float, int]:
    """Where in the lecture the hidden word is."""
    return cloze.citations[0].start_sec, cloze.front.split("{{c1::")[0].count(" ")


CORRECTIONS = [
    (
        card("meaning:kelvin cycl", "What is the Kelvin cycle?", said="The Kelvin cycle turns."),
        card("meaning:calvin cycl", "What is the Calvin cycle?", said="The Calvin cycle turns."),
    ),
    (
        card("cloze:span:11", "Some {{c1::spanned}} is sent.", said="Some spanned is sent."),
        card("cloze:spam:22", "Some {{c1::spam}} is sent.", said="Some spam is sent."),
    ),
    (
        card("cloze:a:1", "Plants need {{c1::light}} and watter.", said="They need watter."),
        card("cloze:a:2", "Plants need {{c1::light}} and water.", said="They need water."),
    ),
    (
        card("question:hashtabl", "Why is a hashtable fast?", said="Is a hashtable fast?"),
        card("question:hash tabl", "Why is a hash table fast?", said="Is a hash table fast?"),
    ),
    (
        card("basic:mad", "What does MAD mean here?", said="We call it MAD."),
        card("basic:nadph", "What does NADPH mean here?", said="We call it NADPH."),
    ),
]


@pytest.mark.parametrize(("wrong", "right"), CORRECTIONS)
def test_a_correction_in_question_and_evidence_keeps_the_card(
    wrong: Flashcard, right: Flashcard
) -> None:
    deck = Deck()
    (before,) = deck.generate([wrong])

    assert guids(deck.generate([right])) == [before.guid]


def test_a_card_left_out_for_a_while_comes_back_as_itself() -> None:
    """It has no card of before to be compared with, and its key leads to another identity."""
    wrong, right = CORRECTIONS[0]
    deck = Deck()
    (before,) = deck.generate([wrong])
    deck.generate([right])
    deck.generate([card("meaning:other", "What else is there?", at=900)])

    assert guids(deck.generate([right])) == [before.guid]


# --- what is another card ---

MITOSIS = "Mitosis makes two cells, meiosis makes four."
OTHERS = [
    (
        card("meaning:mitosi", "What is mitosis?", said=MITOSIS),
        card("meaning:meiosi", "What is meiosis?", said=MITOSIS),
    ),
    (
        card(
            "meaning:hash tabl", "What is a hash table?", said="A hash table uses a hash function."
        ),
        card(
            "meaning:hash function",
            "What is a hash function?",
            said="A hash table uses a hash function.",
        ),
    ),
    (
        card("cloze:a:1", "{{c1::Chaining}} keeps a list.", said="Chaining keeps a list."),
        card("cloze:b:1", "Chaining keeps a {{c1::list}}.", said="Chaining keeps a list."),
    ),
    (
        card("meaning:kelvin cycl", "What is the Kelvin cycle?", said="The Kelvin cycle."),
        card("meaning:calvin cycl", "What is the Calvin cycle?", said="The Calvin cycle.", at=500),
    ),
    (
        card("basic:tree", "What is a tree?", said="A tree is a graph."),
        card("cloze:tree", "A {{c1::tree}} is a graph.", said="A tree is a graph."),
    ),
]


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_a_card_that_asks_something_else_is_no_card_of_before(
    one: Flashcard, other: Flashcard
) -> None:
    deck = Deck()
    (before,) = deck.generate([one])

    assert guids(deck.generate([other])) != [before.guid]
    assert before.guid in guids(deck.generate([one, other]))


# --- several cards about one fact ---


def test_cards_about_one_subject_keep_theirs_in_any_order() -> None:
    asked = [
        card("basic:load factor", "What is the load factor?"),
        card("basic:load factor:2", "When is the load factor too high?"),
        card("basic:load factor:3", "Who computes the load factor?"),
    ]
    deck = Deck()
    before = {each.front: each.guid for each in deck.generate(asked)}

    for order in itertools.permutations(asked):
        keys = [each.key for each in asked]
        shuffled = [e.model_copy(update={"key": k}) for e, k in zip(order, keys, strict=True)]
        made = deck.generate(shuffled)
        assert {each.front: each.guid for each in made} == before


def test_a_reworded_question_about_one_fact_is_the_likest_of_before() -> None:
    deck = Deck()
    first, second = deck.generate(
        [
            card("basic:load factor", "What is the load factor of a table?"),
            card("basic:load factor:2", "When must a table grow?"),
        ]
    )

    made = deck.generate(
        [
            card("basic:load factor", "When must the table grow?"),
            card("basic:load factor:2", "What is the load factor of the table?"),
        ]
    )

    assert guids(made) == [second.guid, first.guid]


@pytest.mark.parametrize("seed", range(30))
def test_no_identity_is_given_twice_and_none_moves(seed: int) -> None:
    """Any sequence of generations: cards come, go, come back, and change their order."""
    dice = random.Random(seed)  # noqa: S311
    pool = [
        card(
            f"basic:subject{number}{suffix}",
            front,
            back=f"To {front}",
            said=f"Of subject{number} much is said.",
            at=100.0 * number,
        )
        for number in range(6)
        for suffix, front in (
            ("", f"What is subject{number}?"),
            (":2", f"Who needs subject{number}?"),
            (":3", f"Where grows subject{number}?"),
        )
    ]
    deck = Deck()
    seen: dict[str, str | None] = {}
    for _ in range(8):
        for each in deck.generate(dice.sample(pool, dice.randint(0, len(pool)))):
            assert seen.setdefault(each.front, each.guid) == each.guid


def test_the_result_follows_from_what_is_known() -> None:
    """A worker that is replaced half-way and its successor give the same identities."""
    known = replace(NOTHING, previous=Deck().generate(generated("hashing-1")))
    cards = generated("hashing-1", "beginner")

    assert identities(cards, known, ENGLISH) == identities(cards, known, ENGLISH)

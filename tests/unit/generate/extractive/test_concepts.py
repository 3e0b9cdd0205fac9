"""The extractive provider's concepts: other names, and threads that a lecture speaks of."""

import pytest

from functions.generate.drafts import Concept, KnownThread
from functions.generate.providers.extractive.provider import ExtractiveProvider
from shared.models import ThreadChange
from tests.unit.generate.lectures import request, spoken


def concepts(text: str, *known: KnownThread, language: str = "en") -> dict[str, Concept]:
    drafted = ExtractiveProvider().generate(request(spoken(text, language), known_threads=known))
    return {concept.title.casefold(): concept for concept in drafted.concepts}


@pytest.mark.parametrize(
    ("language", "text", "title", "alias"),
    [
        (
            "en",
            "A hash map, also called a hash table, stores values under keys. The hash map finds a "
            "value in constant time. We use a hash map in every program.",
            "hash map",
            "hash table",
        ),
        (
            "en",
            "The associative array is also known as a dictionary in other books. An associative "
            "array stores values under keys. Each language has an associative array.",
            "associative array",
            "dictionary",
        ),
        (
            "en",
            "Breadth-first search visits the vertices level by level. Breadth-first search needs a "
            "queue. The memory that BFS takes grows with the width of the graph.",
            "breadth-first search",
            "BFS",
        ),
        (
            "de",
            "Eine Hashtabelle, auch bekannt als Streuwerttabelle, speichert Werte unter "
            "Schlüsseln. Die Hashtabelle findet einen Wert sofort. Jede Sprache hat eine "
            "Hashtabelle.",
            "hashtabelle",
            "Streuwerttabelle",
        ),
        (
            "fr",
            "Une table de hachage, aussi appelée tableau associatif, conserve des valeurs. La "
            "table de hachage trouve une valeur. Chaque langage a une table de hachage.",
            "table de hachage",
            "tableau associatif",
        ),
        (
            "es",
            "La tabla hash, también conocida como mapa hash, guarda valores. Una tabla hash "
            "encuentra un valor. Cada lenguaje tiene una tabla hash.",
            "tabla hash",
            "mapa hash",
        ),
    ],
)
def test_another_name_that_the_lecturer_gives_is_an_alias(
    language: str, text: str, title: str, alias: str
) -> None:
    known = KnownThread(title, title, "")
    assert alias in concepts(text, known, language=language)[title].aliases


SUPPLY = KnownThread("supply", "supply", "What sellers offer.")
CURVE = "Each price has its amount. This is called the supply curve. The supply curve rises. "


def test_a_thread_is_not_resumed_where_only_a_longer_name_has_it() -> None:
    assert "supply" not in concepts(CURVE, SUPPLY)
    found = concepts(f"{CURVE}A tax lowers supply at once.", SUPPLY)
    assert found["supply"].continues == SUPPLY.key


def test_a_thread_is_not_resumed_by_a_relative_of_its_name() -> None:
    text = "Each slot holds a list. With chaining a lookup goes through that list."
    assert "chaining" in concepts(text, KnownThread("chaining", "chaining", ""))
    assert "chaining" not in concepts(text, KnownThread("chain", "chain", ""))


def test_a_thread_is_resumed_under_another_of_its_names() -> None:
    known = KnownThread("hash table", "hash table", "Keys map to slots.", aliases=("hash map",))
    found = concepts("A tree keeps its keys in order. Unlike a tree, a hash map has none.", known)
    assert found["hash map"].continues == known.key


CHAIN = KnownThread("chaining", "chaining", "A lookup by chaining takes constant time.")


@pytest.mark.parametrize(
    "text",
    [
        "I said that chaining takes constant time. That is only true for even keys.",
        "What I told you of chaining was wrong: the slots fill up.",
        "Last week I said that chaining never fails, but that is wrong.",
    ],
)
def test_what_takes_an_earlier_claim_back_contradicts_the_thread(text: str) -> None:
    change = concepts(f"{text} A slot holds a list.", CHAIN)["chaining"].change
    assert change is not None
    assert change.kind is ThreadChange.CONTRADICTION
    assert "chaining" in change.summary


@pytest.mark.parametrize(
    "text",
    [
        # It is another thing that is taken back, in a sentence that also names it.
        "When chaining is used in a cache, the lists are no longer short.",
        "I said that probing is slow. That is only true without chaining.",
    ],
)
def test_what_is_taken_back_beside_it_does_not_contradict_the_thread(text: str) -> None:
    change = concepts(f"{text} A slot holds a list.", CHAIN)["chaining"].change
    assert change is None or change.kind is not ThreadChange.CONTRADICTION

"""A concept is recognized in another lecture, and not confused with its neighbours."""

from dataclasses import replace

import pytest

from functions.generate.drafts import Concept, KnownThread
from functions.generate.providers.extractive.provider import ExtractiveProvider
from functions.generate.text.language import language_of
from functions.generate.threads.matching import match, synonyms
from functions.generate.threads.names import thread_key
from shared.documents.artifacts import Citation
from shared.models import ThreadChange
from tests.unit.generate.lectures import lecture, request

ENGLISH = language_of("en")


def concept(
    title: str,
    *aliases: str,
    description: str = "",
    quote: str = "",
    continues: str | None = None,
) -> Concept:
    evidence = (Citation(start_sec=0, end_sec=1, quote=quote),)
    return Concept(title, description, 1, evidence, aliases=aliases, continues=continues)


def thread(
    title: str, *aliases: str, description: str = "", quote: str = "", code: str = "en"
) -> KnownThread:
    key = thread_key(title, language_of(code))
    return KnownThread(key, title, description, aliases, (quote,) if quote else ())


SAME = [
    # Spelling, number, articles.
    ("en", "hash table", "Hash tables"),
    ("en", "A hash table", "hash-tables"),
    ("en", "sip hash", "SipHash"),
    ("en", "light-dependent reactions", "light dependent reaction"),
    ("en", "confusion matrix", "confusion matrices"),
    ("en", "null hypothesis", "null hypotheses"),
    ("en", "memory class", "memory classes"),
    ("en", "write-back cache", "write-back caches"),
    ("en", "RNA virus", "RNA viruses"),
    ("en", "frequency", "frequencies"),
    ("en", "amortized analysis", "amortised analysis"),
    ("en", "neighbor joining", "neighbour joining"),
    ("en", "binary search tree lookup", "lookup in binary search trees"),
    ("en", "the first law of thermodynamics", "first law of thermodynamics"),
    ("en", "supply and demand", "supply, demand"),
    ("de", "die Hashtabelle", "Hash-Tabellen"),
    ("de", "Gesetz der großen Zahlen", "das Gesetz der großen Zahlen"),
    ("de", "Nachfragekurve", "Nachfragekurven"),
    ("fr", "la table de hachage", "tables de hachage"),
    ("fr", "l’équilibre du marché", "équilibre du marché"),
    ("es", "la función hash", "funciones hash"),
    ("es", "las leyes de la termodinámica", "leyes de la termodinámica"),
    ("it", "la tabella hash", "tabelle hash"),
    ("it", "teoria della relatività", "la teoria della relatività"),
    ("pt", "a tabela de dispersão", "tabelas de dispersão"),
    ("nl", "de hashtabel", "hashtabel"),
    ("sv", "sökträd", "ett sökträd"),
    ("ru", "хеш-таблица", "хеш-таблицы"),
    ("tr", "arama ağacı", "bir arama ağacı"),
    # Acronyms.
    ("en", "BFS", "breadth-first search"),
    ("en", "depth-first search", "DFS"),
    ("en", "central processing unit", "CPUs"),
    ("en", "denial of service", "DoS"),
    ("de", "DNS", "Domain Name System"),
    ("fr", "produit intérieur brut", "PIB"),
    ("es", "producto interior bruto", "PIB"),
    ("ru", "ДНК", "дезоксирибо нуклеиновая кислота"),
]

APART = [
    # A kind of it, a part of it.
    ("en", "hashing", "universal hashing"),
    ("en", "hash function", "universal hash function"),
    ("en", "supply", "supply curve"),
    ("en", "binary search tree", "balanced binary search tree"),
    ("en", "worst case", "worst case of chaining"),
    ("de", "Nachfrage", "Elastizität der Nachfrage"),
    ("fr", "équilibre", "prix d'équilibre"),
    # Two of one kind.
    ("en", "hash table", "hash function"),
    ("en", "demand curve", "supply curve"),
    ("en", "linear probing", "quadratic probing"),
    ("en", "worst case of chaining", "worst case of open addressing"),
    ("en", "first law of thermodynamics", "second law of thermodynamics"),
    ("en", "long-term memory", "short-term memory"),
    ("en", "left rotation", "right rotation"),
    ("en", "false positive", "true positive"),
    ("en", "on-policy learning", "off-policy learning"),
    ("en", "vitamin A", "vitamin C"),
    ("en", "vitamin A", "vitamin"),
    ("en", "AND gate", "OR gate"),
    ("en", "by-product", "product"),
    ("en", "search tree", "tree search"),
    ("en", "meiosis", "mitosis"),
    ("en", "adsorption", "absorption"),
    ("de", "erster Hauptsatz", "zweiter Hauptsatz"),
    ("de", "Angebotskurve", "Nachfragekurve"),
    ("fr", "première loi", "deuxième loi"),
    ("es", "memoria a corto plazo", "memoria a largo plazo"),
    ("it", "primo principio", "secondo principio"),
    ("ru", "первый закон", "второй закон"),
    # Other words, and letters of something else.
    ("en", "BFS", "depth-first search"),
    ("en", "IP", "intellectual property"),
    ("en", "is", "information system"),
    ("en", "chaining", "collision"),
    # Relatives.
    ("en", "chaining", "chain"),
    ("en", "product", "productivity"),
    ("en", "conductor", "conductance"),
    ("en", "relation", "relativity"),
]


@pytest.mark.parametrize(("code", "left", "right"), SAME)
def test_another_wording_of_a_name_is_the_same_concept(code: str, left: str, right: str) -> None:
    known = thread(right, code=code)
    assert match([concept(left)], [known], language_of(code)) == (known,)
    turned = thread(left, code=code)
    assert match([concept(right)], [turned], language_of(code)) == (turned,)


@pytest.mark.parametrize(("code", "left", "right"), APART)
def test_a_name_nearby_is_another_concept(code: str, left: str, right: str) -> None:
    assert match([concept(left)], [thread(right, code=code)], language_of(code)) == (None,)
    assert match([concept(right)], [thread(left, code=code)], language_of(code)) == (None,)


# --- other names ---


def test_another_name_that_either_lecture_gives_is_enough() -> None:
    table = thread("hash table")
    assert match([concept("hash map", "hash table")], [table], ENGLISH) == (table,)
    both = thread("hash map", "hash table")
    assert match([concept("hash tables")], [both], ENGLISH) == (both,)
    assert match([concept("dictionary", "hash table")], [both], ENGLISH) == (both,)


LIST = "Each slot holds a linked list of the keys that collide."


def test_a_name_that_is_part_of_the_title_must_be_borne_out_by_what_is_said() -> None:
    chaining, hashing = thread("chaining", description=LIST), thread("hashing", description=LIST)
    separate = concept("separate chaining", "chaining", description="A linked list in each slot.")
    assert match([separate], [chaining], ENGLISH) == (chaining,)
    universal = concept("universal hashing", "hashing", description="A random function of many.")
    assert match([universal], [hashing], ENGLISH) == (None,)


def test_two_letters_must_be_borne_out_by_what_is_said() -> None:
    known = thread("intellectual property", description="Patents and copyright protect it.")
    network = concept("IP", description="Packets are routed by it between networks.")
    law = concept("IP", description="Copyright and patents protect ideas.")
    assert match([network], [known], ENGLISH) == (None,)
    assert match([law], [known], ENGLISH) == (known,)


def test_an_acronym_of_two_threads_is_neither_unless_what_is_said_decides() -> None:
    breadth = thread("breadth-first search", description="Visits vertices level by level.")
    best = thread("best-first search", description="Expands the node with the best estimate.")
    assert match([concept("BFS")], [breadth, best], ENGLISH) == (None,)
    levels = concept("BFS", description="The vertices are visited level by level.")
    assert match([levels], [breadth, best], ENGLISH) == (breadth,)


# --- what is said ---

DEFINED = "A structure that stores each value under a key and finds the value in constant time."
REWORDED = "It stores values under keys, a structure that finds each value in constant time."


def test_one_definition_under_two_names_is_one_concept() -> None:
    known = thread("associative array", description=DEFINED)
    assert match([concept("dictionary", description=REWORDED)], [known], ENGLISH) == (known,)


@pytest.mark.parametrize(
    ("left", "said", "right", "told"),
    [
        (
            "mitosis",
            "A division of the cell that yields two identical daughter cells.",
            "meiosis",
            "A division of the cell that yields four daughter cells with half the chromosomes.",
        ),
        (
            "supply curve",
            "At each price it shows how much producers are willing to sell.",
            "demand curve",
            "At each price it shows how much consumers are willing to buy.",
        ),
        ("queue", DEFINED, "associative array", "Stores a value."),
    ],
)
def test_definitions_of_one_kind_are_not_one_definition(
    left: str, said: str, right: str, told: str
) -> None:
    known = thread(right, description=told)
    assert match([concept(left, description=said)], [known], ENGLISH) == (None,)


def test_a_few_words_are_no_definition() -> None:
    known = thread("trie", description="A kind of ordered tree.")
    heap = concept("heap", description="An ordered kind of tree.")
    assert match([heap], [known], ENGLISH) == (None,)


def test_what_is_explained_with_the_help_of_another_concept_is_not_that_one() -> None:
    known = thread("associative array", description=DEFINED, quote="A dictionary is built on it.")
    assert match([concept("dictionary", description=REWORDED)], [known], ENGLISH) == (None,)


# --- what the provider took to be the same ---


@pytest.mark.parametrize(
    ("title", "said", "thread_title", "told"),
    [
        ("worst case of chaining", "All keys have the same hash.", "chaining", LIST),
        (
            "stepping to the next slot",
            "If the slot is taken, look at the next free slot.",
            "open addressing",
            "If a slot is taken, the next free one is used.",
        ),
    ],
)
def test_a_provider_is_believed_where_something_is_in_common(
    title: str, said: str, thread_title: str, told: str
) -> None:
    known = thread(thread_title, description=told)
    unclaimed = concept(title, description=said)
    assert match([unclaimed], [known], ENGLISH) == (None,)
    assert match([replace(unclaimed, continues=known.key)], [known], ENGLISH) == (known,)


@pytest.mark.parametrize(
    ("title", "said", "thread_title", "told"),
    [
        ("photosynthesis", "Plants turn light into sugar.", "chaining", LIST),
        ("supply curve", "How much sellers offer.", "demand curve", "How much buyers want."),
        ("glacier", "", "hash table", ""),
    ],
)
def test_a_provider_may_not_send_unrelated_concepts_into_one_thread(
    title: str, said: str, thread_title: str, told: str
) -> None:
    known = thread(thread_title, description=told)
    claimed = concept(title, description=said, continues=known.key)
    assert match([claimed], [known], ENGLISH) == (None,)


def test_a_thread_that_does_not_exist_is_continued_by_nothing() -> None:
    claimed = concept("cuckoo hashing", continues="no such thread")
    assert match([claimed, concept("…")], [thread("hash table")], ENGLISH) == (None, None)


def test_the_name_counts_more_than_the_providers_word() -> None:
    table, chaining = threads = [thread("hash table"), thread("chaining")]
    assert match([concept("chaining", continues=table.key)], threads, ENGLISH) == (chaining,)


def test_what_a_lecture_tells_apart_stays_apart_whatever_the_provider_says() -> None:
    hashing = thread("hashing", description=LIST)
    kind = concept("universal hashing", description=LIST, continues=hashing.key)
    assert match([kind], [hashing], ENGLISH) == (hashing,)
    assert match([kind, concept("hashing")], [hashing], ENGLISH) == (None, hashing)


def test_two_names_of_one_thread_in_one_lecture_both_continue_it() -> None:
    known = thread("hash table", "hash map")
    concepts = [concept("hash maps"), concept("hash table")]
    assert match(concepts, [known], ENGLISH) == (known, known)


def test_concepts_of_one_lecture_that_are_one_by_name_are_found_together() -> None:
    concepts = [
        concept("breadth-first search"),
        concept("queue"),
        concept("BFS"),
        concept("queues"),
        concept("priority queue"),
    ]
    assert synonyms(concepts, ENGLISH) == (0, 1, 0, 1, 4)


# --- across the lectures of a course ---


def threads_of_the_first_lecture() -> tuple[KnownThread, ...]:
    first = ExtractiveProvider().generate(request(lecture("hashing-1")))
    return tuple(
        KnownThread(
            thread_key(c.title, ENGLISH),
            c.title,
            c.description,
            c.aliases,
            tuple(citation.quote for citation in c.evidence),
        )
        for c in first.concepts
    )


def test_concepts_of_the_first_lecture_continue_in_the_second() -> None:
    known = threads_of_the_first_lecture()
    second = ExtractiveProvider().generate(request(lecture("hashing-2"), known_threads=known))
    continued = {c.continues for c in second.concepts if c.continues}
    keys = {thread.key for thread in known}
    assert continued <= keys
    assert {thread_key(t, ENGLISH) for t in ("hash function", "chaining", "open addressing")} <= (
        continued
    )
    begun = {c.title for c in second.concepts if not c.continues}
    assert {"cuckoo hashing", "universal hashing"} <= begun


def test_what_the_second_lecture_takes_back_is_a_contradiction() -> None:
    known = threads_of_the_first_lecture()
    second = ExtractiveProvider().generate(request(lecture("hashing-2"), known_threads=known))
    changes = {c.title: c.change for c in second.concepts if c.change and c.continues}
    chaining = changes["chaining"]
    assert chaining.kind is ThreadChange.CONTRADICTION
    assert "only true if the keys are spread evenly" in chaining.summary
    addressing = changes["open addressing"]
    assert addressing.kind is ThreadChange.REFINEMENT


def test_a_change_says_what_no_lecture_before_has_said() -> None:
    known = threads_of_the_first_lecture()
    second = ExtractiveProvider().generate(request(lecture("hashing-2"), known_threads=known))
    changes = {c.title: c.change for c in second.concepts if c.change and c.continues}
    assert "leave a marker" in changes["open addressing"].summary
    assert "seventy percent" in changes["load factor"].summary


def test_a_lecture_that_only_says_it_again_changes_nothing() -> None:
    known = [
        replace(thread, quotes=tuple(u.text for u in lecture("hashing-1").utterances))
        for thread in threads_of_the_first_lecture()
    ]
    again = ExtractiveProvider().generate(request(lecture("hashing-1"), known_threads=tuple(known)))
    assert {c.continues for c in again.concepts} == {thread.key for thread in known}
    assert all(c.change is None for c in again.concepts)


def test_without_known_threads_a_lecture_continues_nothing_but_still_takes_back() -> None:
    second = ExtractiveProvider().generate(request(lecture("hashing-2")))
    assert all(c.continues is None for c in second.concepts)
    claims = {c.change.kind for c in second.concepts if c.change}
    assert claims == {ThreadChange.CONTRADICTION}

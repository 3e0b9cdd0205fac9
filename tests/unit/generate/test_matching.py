"""A concept is recognized in another lecture, and not confused with its neighbours."""

import pytest

from functions.generate.extractive.provider import ExtractiveProvider
from functions.generate.language import language_of
from functions.generate.matching import Mentions, is_same, match, thread_key
from functions.generate.provider import Concept, KnownThread
from shared.artifacts import Citation
from shared.models import ThreadChange
from tests.unit.generate.lectures import lecture, request

ENGLISH = language_of("en")
EVIDENCE = (Citation(start_sec=0, end_sec=1, quote="a hash table"),)


def concept(title: str, *, aliases: tuple[str, ...] = (), continues: str | None = None) -> Concept:
    return Concept(title, "…", 1, EVIDENCE, aliases=aliases, continues=continues)


def thread(title: str) -> KnownThread:
    return KnownThread(thread_key(title, ENGLISH), title, "…")


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("hash table", "Hash tables"),
        ("the hash table", "hash-tables"),
        ("light-dependent reactions", "light dependent reaction"),
        ("binary search tree lookup", "lookup in binary search trees"),
        ("first law of thermodynamics", "the first law of thermodynamics"),
    ],
)
def test_spelling_number_and_articles_make_no_difference(left: str, right: str) -> None:
    assert is_same(left, right, ENGLISH)


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("hash table", "hash function"),
        ("hash function", "universal hash function"),
        ("demand curve", "supply curve"),
        ("worst case of chaining", "worst case of open addressing"),
        ("", "hash table"),
    ],
)
def test_neighbouring_concepts_stay_apart(left: str, right: str) -> None:
    assert not is_same(left, right, ENGLISH)


def test_a_concept_is_matched_by_title_alias_or_what_the_provider_said() -> None:
    table, chaining, probing = threads = [
        thread("hash table"),
        thread("chaining"),
        thread("linear probing"),
    ]
    concepts = [
        concept("Hash tables"),
        concept("separate chaining", aliases=("chaining",)),
        concept("stepping to the next slot", continues=probing.key),
        concept("cuckoo hashing", continues="no such thread"),
        concept("…"),
    ]
    assert match(concepts, threads, ENGLISH) == (table, chaining, probing, None, None)


def test_the_title_counts_more_than_the_providers_word() -> None:
    table, chaining = threads = [thread("hash table"), thread("chaining")]
    assert match([concept("chaining", continues=table.key)], threads, ENGLISH) == (chaining,)


def test_a_text_is_about_the_longest_name_in_it() -> None:
    mentions = Mentions([("hash", "1"), ("hash table", "2"), ("load factor", "3")], ENGLISH)
    assert mentions.first("What are hash tables?") == "2"
    assert mentions.first("When does it slow down?", "At a high load factor.") == "3"
    assert mentions.first("A {{c1::hash table}} grows.") == "2"
    assert mentions.first("What is a tree?") is None
    assert mentions.all("A hash table has a load factor.", "Hash it.") == ["2", "3", "1"]


# --- across the lectures of a course ---


def threads_of_the_first_lecture() -> tuple[KnownThread, ...]:
    first = ExtractiveProvider().generate(request(lecture("hashing-1")))
    return tuple(
        KnownThread(thread_key(c.title, ENGLISH), c.title, c.description) for c in first.concepts
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
    assert "cuckoo hashing" in begun
    assert all(c.change is None for c in second.concepts if not c.continues)


def test_what_the_second_lecture_takes_back_is_a_contradiction() -> None:
    known = threads_of_the_first_lecture()
    second = ExtractiveProvider().generate(request(lecture("hashing-2"), known_threads=known))
    changes = {c.title: c.change for c in second.concepts if c.change}
    chaining = changes["chaining"]
    assert chaining.kind is ThreadChange.CONTRADICTION
    assert "only true if the keys are spread evenly" in chaining.summary
    addressing = changes["open addressing"]
    assert addressing.kind is not ThreadChange.CONTRADICTION
    assert addressing.summary


def test_without_known_threads_nothing_is_continued() -> None:
    second = ExtractiveProvider().generate(request(lecture("hashing-2")))
    assert all(c.continues is None and c.change is None for c in second.concepts)

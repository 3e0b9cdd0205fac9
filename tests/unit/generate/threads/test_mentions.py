"""A text refers to what it names, by the longest and least doubtful name."""

from functions.generate.text.language import language_of
from functions.generate.threads.mentions import Mentions, Named

ENGLISH = language_of("en")
TABLES = Mentions(
    [Named("1", "hash"), Named("2", "hash table", ("a hash map",)), Named("3", "load factor")],
    ENGLISH,
)


def test_a_text_is_about_the_longest_name_in_it() -> None:
    assert TABLES.first("What are hash tables?") == "2"
    assert TABLES.first("When does it slow down?", "At a high load factor.") == "3"
    assert TABLES.first("A {{c1::hash table}} grows.") == "2"
    assert TABLES.first("What is a tree?") is None
    assert TABLES.all("A hash table has a load factor.", "Hash it.") == ["2", "3", "1"]


def test_another_name_is_as_good_whatever_its_article() -> None:
    assert TABLES.first("The hash maps of Python.") == "2"


def test_a_title_counts_more_than_an_alias_of_something_else() -> None:
    mentions = Mentions([Named("1", "chaining", ("collision",)), Named("2", "collision")], ENGLISH)
    assert mentions.first("A collision of two keys.") == "2"


def test_a_name_that_two_share_stands_for_neither() -> None:
    mentions = Mentions(
        [Named("1", "chaining", ("strategy",)), Named("2", "probing", ("strategy",))], ENGLISH
    )
    assert mentions.first("Which strategy is best?") is None


def test_a_name_that_is_an_everyday_word_is_not_found_everywhere() -> None:
    mentions = Mentions([Named("1", "information technology", ("IT",))], ENGLISH)
    assert mentions.first("Why does it slow down?") is None
    assert mentions.first("What is information technology?") == "1"

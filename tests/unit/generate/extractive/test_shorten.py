"""A sentence that is too long ends early where it is still one, and still true."""

import pytest

from functions.generate.providers.extractive.text.shorten import shorten
from functions.generate.text.language import language_of
from functions.generate.text.sentences import split_sentences
from tests.unit.generate.lectures import draft, outline_nodes, spoken

EN = language_of("en")


def short(text: str, limit: int = 12) -> str | None:
    """None where it cannot be shortened without breaking a clause."""
    (sentence,) = split_sentences(spoken(text), EN)
    shortened = shorten(sentence, limit, EN)
    assert text.startswith(shortened.citation.quote)
    assert len(shortened.text.rstrip(" …").split()) <= limit
    return shortened.text if shortened.is_whole else None


@pytest.mark.parametrize(
    ("long", "shortened"),
    [
        (
            "You should keep the critical section short, because while one thread holds the lock "
            "nobody else can go on.",
            "You should keep the critical section short.",
        ),
        (
            "The average means nothing at all because the keys are no longer random in this case.",
            "The average means nothing at all.",
        ),
        (
            "Each slot holds a linked list and every key that lands there is added to the list.",
            "Each slot holds a linked list.",
        ),
        (
            "There is a shortage, the shelves are empty, and the buyers begin to compete with "
            "each other.",
            "There is a shortage and the shelves are empty.",
        ),
        (
            "If people can find a substitute, then demand is elastic and a small increase in "
            "price leads to a large fall in quantity.",
            "If people can find a substitute, then demand is elastic.",
        ),
    ],
)
def test_what_is_kept_is_a_sentence(long: str, shortened: str) -> None:
    assert short(long) == shortened


@pytest.mark.parametrize(
    "long",
    [
        "Cuckoo hashing with two homes fails at fifty percent unless each slot can hold several "
        "keys at once.",
        "If something else changes, such as income or the weather, then the whole curve shifts to "
        "the left.",
        "The switch chooses at random between the left lane of the road and the right lane of it.",
        "The plant stores the sugar, the starch, the oil and the salt in its roots for a winter.",
    ],
)
def test_where_the_rest_would_not_be_true_or_whole_nothing_is_cut(long: str) -> None:
    assert short(long) is None


def test_a_summary_prefers_less_to_broken_sentences() -> None:
    text = (
        "Rivers carry sand to the sea. The sand settles slowly in the delta. "
        "The switch of the weir chooses at random between the left arm of the river and the right "
        "arm of it. A weir is a low wall that holds back water. The water rises behind the wall."
    )
    contents = draft(spoken(text), "neurodivergent-friendly").contents
    texts = [bullet.text for section in contents.summary.sections for bullet in section.bullets]
    texts += [point.text for node in outline_nodes(contents) for point in node.points]
    assert texts
    assert not any("…" in text for text in texts)


def test_a_lecture_of_one_endless_sentence_still_has_a_summary() -> None:
    text = "The river " + "turns and turns and " * 20 + "ends."
    contents = draft(spoken(text), "neurodivergent-friendly").contents
    assert contents.summary.sections[0].bullets[0].text.endswith("…")

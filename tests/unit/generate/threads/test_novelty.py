"""What a lecture changes in what was known: its news, in one sentence."""

from functions.generate.drafts import Change
from functions.generate.text.language import language_of
from functions.generate.threads.novelty import Told, change, newest
from shared.models import ThreadChange

ENGLISH = language_of("en")
LISTS = Told(("chaining",), "Each slot holds a linked list.", (), complexity=2)
TREES = "With trees in place of lists, a lookup in a crowded slot stays fast."


def told(description: str, *quotes: str, complexity: int = 2) -> Told:
    return Told(("separate chaining",), description, quotes, complexity)


def test_the_news_is_the_sentence_that_says_most_that_was_not_known() -> None:
    known = set(ENGLISH.content_stems("Each slot holds a linked list."))
    assert newest(["The slots hold linked lists.", TREES], known, ENGLISH) == TREES
    assert newest(["The slots hold linked lists."], known, ENGLISH) is None
    assert newest([], known, ENGLISH) is None


def test_without_a_claim_news_refine_what_was_known() -> None:
    made = change(None, told(TREES, "Python has a dictionary."), [LISTS], ENGLISH)
    assert made == Change(ThreadChange.REFINEMENT, TREES)
    quoted = change(None, told("A linked list hangs in each slot.", TREES), [LISTS], ENGLISH)
    assert quoted == made


def test_without_a_claim_it_is_complexity_where_no_lecture_made_it_as_hard() -> None:
    made = change(None, told(TREES, complexity=4), [LISTS], ENGLISH)
    assert made == Change(ThreadChange.COMPLEXITY, TREES)
    harder = Told(("chaining",), "", (), complexity=4)
    again = change(None, told(TREES, complexity=4), [harder, LISTS], ENGLISH)
    assert again == Change(ThreadChange.REFINEMENT, TREES)


def test_who_only_repeats_changes_nothing() -> None:
    assert change(None, told("Slots hold linked lists."), [LISTS], ENGLISH) is None
    # Nor does another name for it.
    assert change(None, told("Separate chaining: a slot holds a list."), [LISTS], ENGLISH) is None


def test_a_claim_counts_if_it_says_something_new() -> None:
    claim = Change(ThreadChange.COMPLEXITY, "It is analysed with random keys.")
    assert change(claim, told(TREES), [LISTS], ENGLISH) == claim
    empty = Change(ThreadChange.COMPLEXITY, "A slot holds a linked list.")
    assert change(empty, told(TREES), [LISTS], ENGLISH) == Change(ThreadChange.REFINEMENT, TREES)


def test_a_contradiction_may_be_put_in_old_words() -> None:
    claim = Change(ThreadChange.CONTRADICTION, "A slot holds no linked list.")
    assert change(claim, told(TREES), [LISTS], ENGLISH) == claim

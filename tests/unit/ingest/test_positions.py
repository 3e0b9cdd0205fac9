"""Positions in the changes of an owner's lectures, as text that a client keeps and may change."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ingest.progress.positions import (
    LIFETIME,
    Position,
    read_position,
    write_position,
)

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
HERE = {"owner": "user:alice", "history": "7468/1"}
HERES = Position(90_071_992_547_409_93, NOW)

transactions = st.integers(0, (1 << 63) - 1)
ages = st.timedeltas(timedelta(0), LIFETIME - timedelta(seconds=1))
alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"


@given(transaction=transactions, age=ages)
def test_a_position_is_read_as_it_was_written(transaction: int, age: timedelta) -> None:
    at = (NOW - age).replace(microsecond=0)
    position = Position(transaction, at)

    text = write_position(position, **HERE)

    assert read_position(text, **HERE, now=NOW) == position
    assert write_position(position, **HERE) == text


@given(
    text=st.one_of(st.text(), st.text(alphabet, min_size=28, max_size=28), st.binary().map(repr))
)
def test_any_other_text_is_no_position(text: str) -> None:
    assert read_position(text, **HERE, now=NOW) is None


@given(at=st.integers(0, 27), letter=st.sampled_from(alphabet))
def test_a_position_that_was_changed_is_of_this_owner_or_none(at: int, letter: str) -> None:
    """What it names is not signed: with another number a client harms only its own list."""
    text = write_position(HERES, **HERE)
    forged = text[:at] + letter + text[at + 1 :]

    read = read_position(forged, **HERE, now=NOW)

    assert read is None or write_position(read, **HERE) == forged


@pytest.mark.parametrize(
    "elsewhere", [{"owner": "user:bob"}, {"history": "7468/2"}, {"history": "7469/1"}]
)
def test_another_owners_or_databases_is_none(elsewhere: dict[str, str]) -> None:
    text = write_position(HERES, **{**HERE, **elsewhere})

    assert read_position(text, **HERE, now=NOW) is None


@pytest.mark.parametrize("age", [LIFETIME, timedelta(days=9999), timedelta(hours=-1)])
def test_one_that_is_too_old_or_from_the_future_is_none(age: timedelta) -> None:
    text = write_position(Position(5, NOW - age), **HERE)

    assert read_position(text, **HERE, now=NOW) is None


def test_it_reveals_neither_the_owner_nor_more_than_one_line() -> None:
    text = write_position(HERES, **HERE)

    assert "alice" not in text
    assert len(text) == 28
    assert set(text) <= set(alphabet)

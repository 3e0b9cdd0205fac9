"""Whether anything is left of lectures and courses that were deleted while the storm raged.

Each of them has a mark in its titles, its slug and its sentences (marks.py). All rows of all
tables, all objects with their names and what they contain, all messages that were delivered, the
functions' logs and what a language model is asked afterwards are searched for marks. The data map
(docs/reference/data-map.md) allows none: what outlives a deletion holds ids and digests.
"""

from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

from tests.chaos.standins.marks import marks_in
from tests.chaos.stored import Stored
from tests.support.lectures.remains import texts_of

Places = Iterable[tuple[str, Iterable[str]]]


def remnants(places: Places, deleted: Collection[str]) -> list[str]:
    """A sentence for each place that holds marks of what was deleted, and how many they are."""
    found: dict[str, set[str]] = {}
    for place, texts in places:
        if marks := marks_in(texts) & set(deleted):
            found.setdefault(place, set()).update(marks)
    return [
        f"remains: {place} holds {', '.join(sorted(marks))}"
        for place, marks in sorted(found.items())
    ]


def places_of(
    stored: Stored, logs: Path, *, messages: Collection[str], asked: Collection[str]
) -> Iterator[tuple[str, Iterable[str]]]:
    """Everything that is kept, by the place."""
    for table in stored.rows(
        "SELECT table_name FROM information_schema.tables "
        "WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
    ):
        rows = stored.rows(f'SELECT t::text AS whole FROM "{table.table_name}" t')  # noqa: S608
        yield f"table {table.table_name}", [row.whole for row in rows]
    for each in stored.objects():
        name = each["name"]
        yield f"the name of {name}", [name]
        yield name, texts_of(stored.read(name))
    yield "a message", messages
    yield "a question to the language model", asked
    for log in sorted(logs.glob("*.log")):
        yield f"log {log.name}", [log.read_text(errors="replace")]

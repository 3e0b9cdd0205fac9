"""Finds what a lecture said, and who is named in it, wherever Pegasus keeps anything.

Nothing here knows a table, a column or a kind of file: every row is read as Postgres writes it,
every object is opened as what its first bytes say it is, archives with all that they hold.
"""

import io
import re
import sqlite3
import unicodedata
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from tempfile import NamedTemporaryFile

import pypdfium2 as pdfium
from sqlalchemy import text

from shared.runtime import Runtime
from tests.support.lectures.messages import RecordingMessages

RUN = 5
"""Words in a row that are taken for a quotation."""


def runs(said: str) -> frozenset[str]:
    """All runs of `RUN` words, without regard to case and punctuation."""
    words = _words(said)
    return frozenset(" ".join(words[start : start + RUN]) for start in range(len(words) - RUN + 1))


@dataclass(frozen=True)
class Canary:
    """What must not be found: runs of words, and names and titles."""

    runs: frozenset[str]
    names: frozenset[str]

    @classmethod
    def of(cls, said: str, names: Iterable[str], *, besides: str) -> "Canary":
        """Without the runs that the text `besides`, which stays, has as well."""
        return cls(runs(said) - runs(besides), frozenset(" ".join(_words(n)) for n in names))

    def found_in(self, content: str) -> frozenset[str]:
        plain = f" {' '.join(_words(content))} "
        return (self.runs & runs(content)) | {n for n in self.names if f" {n} " in plain}


def everywhere(rt: Runtime, messages: RecordingMessages, canary: Canary) -> dict[str, set[str]]:
    """What of the canary is found, by the place: a table, a kind of object, a destination."""
    found: dict[str, set[str]] = {}
    for place, content in (*_rows(rt), *_objects(rt), *_messages(messages)):
        if hits := canary.found_in(content):
            found.setdefault(place, set()).update(hits)
    return found


def texts_of(data: bytes) -> Iterator[str]:
    """All that can be read in a file, and in the files that it holds."""
    if data[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                yield entry.filename
                yield from texts_of(archive.read(entry))
    elif data[:15] == b"SQLite format 3":
        yield from _sqlite(data)
    elif data[:5] == b"%PDF-":
        with pdfium.PdfDocument(data) as document:
            yield from document.get_metadata_dict().values()
            for page in document:
                yield page.get_textpage().get_text_bounded()
    else:
        content = data.decode(errors="replace")
        yield content
        # Markup inside a sentence must not hide it: once with a space for a tag, once without.
        yield re.sub(r"<[^>]*>|\\[nrt]", " ", content)
        yield re.sub(r"<[^>]*>", "", content)


def _sqlite(data: bytes) -> Iterator[str]:
    with NamedTemporaryFile(suffix=".db") as file:
        file.write(data)
        file.flush()
        connection = sqlite3.connect(file.name)
        connection.create_collation("unicase", lambda a, b: (a > b) - (a < b))
        tables = connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'"
        ).fetchall()
        for (table,) in tables:
            for row in connection.execute(f'SELECT * FROM "{table}"'):  # noqa: S608
                for value in row:
                    yield from texts_of(value if isinstance(value, bytes) else str(value).encode())
        connection.close()


def _rows(rt: Runtime) -> Iterator[tuple[str, str]]:
    with rt.database.reading() as session:
        tables = session.scalars(
            text(
                "SELECT table_name FROM information_schema.tables"
                " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
            )
        ).all()
        for table in tables:
            for row in session.execute(text(f'SELECT t.* FROM "{table}" t')):  # noqa: S608
                for column, value in row._mapping.items():
                    if value is not None:
                        yield f"table {table}.{column}", _plain(value)


def _objects(rt: Runtime) -> Iterator[tuple[str, str]]:
    for stored in rt.store.list(rt.names.root):
        kind = stored.name.removeprefix(rt.names.root).partition("/")[0]
        yield f"name in {kind}", stored.name
        for content in texts_of(rt.store.read(stored.name)):
            yield f"object in {kind}", content


def _messages(messages: RecordingMessages) -> Iterator[tuple[str, str]]:
    for sent in messages.sent:
        yield f"message to {sent.destination}", f"{_plain(sent.payload)} {_plain(sent.attributes)}"


def _plain(value: object) -> str:
    """Strings and containers of strings as one text, whatever they are nested in."""
    if isinstance(value, str):
        return value
    if isinstance(value, dict):
        return " \n ".join(f"{_plain(k)} \n {_plain(v)}" for k, v in value.items())
    if isinstance(value, list | tuple):
        return " \n ".join(map(_plain, value))
    return str(value)


def _words(content: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", content).replace("\u00ad", "").casefold()
    return re.findall(r"[^\W_]+", plain)

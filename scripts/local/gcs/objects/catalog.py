"""What is known about buckets, objects, unfinished uploads and unsent notifications.

One SQLite file. One connection behind one lock: a transaction has exclusive access
to the whole catalog, which makes a precondition and the write it guards one step.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SCHEMA = """
CREATE TABLE IF NOT EXISTS buckets (
    name TEXT PRIMARY KEY,
    location TEXT NOT NULL,
    created TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS objects (
    bucket TEXT NOT NULL REFERENCES buckets (name),
    name TEXT NOT NULL,
    generation INTEGER NOT NULL,
    metageneration INTEGER NOT NULL,
    size INTEGER NOT NULL,
    crc32c TEXT NOT NULL,
    md5 TEXT,                -- none for a composed object
    component_count INTEGER, -- only for a composed object
    attributes TEXT NOT NULL,
    created TEXT NOT NULL,
    updated TEXT NOT NULL,
    content TEXT NOT NULL UNIQUE, -- name of the file that holds the bytes
    PRIMARY KEY (bucket, name)
);
CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY,
    terms TEXT NOT NULL,
    created TEXT NOT NULL,
    content TEXT NOT NULL,
    completed TEXT           -- the object's record as it was committed
);
CREATE TABLE IF NOT EXISTS notifications (
    id INTEGER PRIMARY KEY,
    topic TEXT NOT NULL,
    data BLOB NOT NULL,
    attributes TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS last_generation (value INTEGER NOT NULL);
"""


class Transaction:
    """All or nothing; see `Catalog.transaction`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._after_commit: list[Callable[[], object]] = []

    def execute(self, sql: str, parameters: tuple[object, ...] = ()) -> list[dict[str, Any]]:
        return [dict(row) for row in self._connection.execute(sql, parameters).fetchall()]

    def after_commit(self, action: Callable[[], object]) -> None:
        """Run once the change stands, before anyone else sees the catalog."""
        self._after_commit.append(action)

    def next_generation(self, now_microseconds: int) -> int:
        """Unique and rising for ever, also when the clock steps back."""
        (row,) = self.execute("SELECT max(value) AS value FROM last_generation")
        generation = max(now_microseconds, (row["value"] or 0) + 1)
        self.execute("DELETE FROM last_generation")
        self.execute("INSERT INTO last_generation VALUES (?)", (generation,))
        return generation

    def _commit(self) -> None:
        self._connection.execute("COMMIT")
        for action in self._after_commit:
            action()


class Catalog:
    def __init__(self, path: Path) -> None:
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.row_factory = sqlite3.Row
        self._connection.execute("PRAGMA journal_mode = WAL")
        self._connection.execute("PRAGMA synchronous = NORMAL")
        self._connection.execute("PRAGMA foreign_keys = ON")
        self._connection.executescript(_SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        with self._lock:
            self._connection.execute("BEGIN IMMEDIATE")
            transaction = Transaction(self._connection)
            try:
                yield transaction
            except BaseException:
                self._connection.execute("ROLLBACK")
                raise
            transaction._commit()

    def close(self) -> None:
        with self._lock:
            self._connection.close()

"""Copies of the local stack's objects.

Objects are written once (docs/decisions/004-immutable-objects.md), so a copy only grows: what is
deleted in the bucket stays in it, and what was copied after a database's moment has all that its
rows refer to.
"""

import shutil
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from pathlib import Path

CATALOG, CONTENT = "catalog.sqlite3", "content"
_PART = ".part"


def copy_objects(storage: Path, into: Path, *, wanted: Callable[[str], bool]) -> int:
    """Add the objects of a stack's storage folder, which may be in use, to a folder like it.

    Uploads that are not finished and notifications that are not sent stay behind. Returns how
    many objects were new. May be cut off anywhere and called again.
    """
    (into / CONTENT).mkdir(parents=True, exist_ok=True)
    if not (storage / CATALOG).exists():
        return 0
    new = 0
    with closing(_opened(into / CATALOG)) as ours:
        with closing(_opened(storage / CATALOG)) as theirs:
            _have_tables(theirs, ours)
            for table in ("buckets", "last_generation"):
                _add_rows(ours, table, theirs.execute(f"SELECT * FROM {table}"))  # noqa: S608
            known = set(ours.execute("SELECT bucket, name, generation FROM objects"))
            found = theirs.execute("SELECT * FROM objects")
            columns = [column[0] for column in found.description]
            for row in found.fetchall():
                record = dict(zip(columns, row, strict=True))
                if (record["bucket"], record["name"], record["generation"]) in known:
                    continue
                # One that was deleted since it was listed needs no copy.
                if wanted(record["name"]) and _copied(storage, into, record["content"]):
                    _add_rows(ours, "objects", [row])
                    new += 1
        ours.commit()
    return new


def _opened(catalog: Path) -> sqlite3.Connection:
    return sqlite3.connect(catalog, timeout=30)


def _have_tables(theirs: sqlite3.Connection, ours: sqlite3.Connection) -> None:
    statements = theirs.execute("SELECT sql FROM sqlite_master WHERE type = 'table'").fetchall()
    for (statement,) in statements:
        ours.execute(statement.replace("CREATE TABLE", "CREATE TABLE IF NOT EXISTS", 1))


def _add_rows(ours: sqlite3.Connection, table: str, rows: Iterable[Sequence[object]]) -> None:
    for row in rows:
        marks = ", ".join("?" * len(row))
        ours.execute(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", row)  # noqa: S608


def _copied(storage: Path, into: Path, content: str) -> bool:
    """Whether the bytes are there now; a file under its own name is whole."""
    target = into / CONTENT / content
    part = target.with_suffix(_PART)
    try:
        shutil.copyfile(storage / CONTENT / content, part)
    except FileNotFoundError:
        part.unlink(missing_ok=True)
        return False
    part.replace(target)
    return True

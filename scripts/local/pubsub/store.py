"""Topics, subscriptions, messages and who has yet to get them, on disk."""

import json
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from google import pubsub_v1

from scripts.local.delivery.database import Database
from scripts.local.pubsub.envelope import StoredMessage

_SCHEMA = """
CREATE TABLE IF NOT EXISTS topics (name TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS subscriptions (
    name TEXT PRIMARY KEY,
    resource BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS last_message (id INTEGER NOT NULL);
INSERT INTO last_message SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM last_message);
CREATE TABLE IF NOT EXISTS messages (
    id INTEGER PRIMARY KEY,
    data BLOB NOT NULL,
    attributes TEXT NOT NULL,
    published_at REAL NOT NULL
);
CREATE TABLE IF NOT EXISTS deliveries (
    subscription TEXT NOT NULL,
    message INTEGER NOT NULL REFERENCES messages,
    failures INTEGER NOT NULL DEFAULT 0,
    due REAL NOT NULL,
    PRIMARY KEY (subscription, message)
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS deliveries_by_message ON deliveries (message);
-- The last delivery takes its message with it.
CREATE TRIGGER IF NOT EXISTS message_done AFTER DELETE ON deliveries
WHEN NOT EXISTS (SELECT 1 FROM deliveries WHERE message = OLD.message)
BEGIN
    DELETE FROM messages WHERE id = OLD.message;
END;
"""


@dataclass(frozen=True)
class Pending:
    """A message that a subscription has not acknowledged. `due`: seconds since the epoch."""

    subscription: str
    message_id: str
    failures: int
    due: float


@dataclass(frozen=True)
class NewMessage:
    data: bytes
    attributes: Mapping[str, str]


class PubSubStore:
    def __init__(self, path: Path) -> None:
        self._database = Database(path, _SCHEMA)

    def close(self) -> None:
        self._database.close()

    # --- topics and subscriptions ---

    def topics(self) -> set[str]:
        with self._database.transaction() as rows:
            return {name for (name,) in rows.execute("SELECT name FROM topics")}

    def add_topic(self, name: str) -> None:
        with self._database.transaction() as rows:
            rows.execute("INSERT INTO topics VALUES (?)", (name,))

    def remove_topic(self, name: str) -> None:
        with self._database.transaction() as rows:
            rows.execute("DELETE FROM topics WHERE name = ?", (name,))

    def subscriptions(self) -> list[pubsub_v1.Subscription]:
        with self._database.transaction() as rows:
            found = rows.execute("SELECT resource FROM subscriptions").fetchall()
        return [pubsub_v1.Subscription.deserialize(resource) for (resource,) in found]

    def put_subscription(self, resource: pubsub_v1.Subscription) -> None:
        packed = pubsub_v1.Subscription.serialize(resource)
        with self._database.transaction() as rows:
            rows.execute(
                "INSERT OR REPLACE INTO subscriptions VALUES (?, ?)", (resource.name, packed)
            )

    def remove_subscription(self, name: str) -> None:
        with self._database.transaction() as rows:
            rows.execute("DELETE FROM subscriptions WHERE name = ?", (name,))
            rows.execute("DELETE FROM deliveries WHERE subscription = ?", (name,))

    # --- messages ---

    def publish(
        self, messages: Iterable[NewMessage], subscriptions: Iterable[str], now: float
    ) -> list[str]:
        """Store messages for their subscribers, all or none; returns their ids."""
        receivers = list(subscriptions)
        with self._database.transaction() as rows:
            return [_insert(rows, message, receivers, now) for message in messages]

    def forward(
        self, pending: Pending, message: NewMessage, subscriptions: Iterable[str], now: float
    ) -> str:
        """Move a message on to the dead-letter topic's subscribers; returns its new id."""
        with self._database.transaction() as rows:
            _delete(rows, pending.subscription, pending.message_id)
            return _insert(rows, message, list(subscriptions), now)

    def pending(self, subscription: str, *, due_by: float | None = None) -> list[Pending]:
        """What the subscription has not acknowledged, soonest due first."""
        with self._database.transaction() as rows:
            found = rows.execute(
                "SELECT subscription, message, failures, due FROM deliveries"
                " WHERE subscription = :subscription AND (:by IS NULL OR due <= :by)"
                " ORDER BY due, message",
                {"subscription": subscription, "by": due_by},
            ).fetchall()
        return [
            Pending(name, str(message), failures, due) for name, message, failures, due in found
        ]

    def find(self, subscription: str, message_id: str) -> tuple[Pending, StoredMessage] | None:
        with self._database.transaction() as rows:
            found = rows.execute(
                "SELECT failures, due, data, attributes, published_at"
                " FROM deliveries JOIN messages ON messages.id = deliveries.message"
                " WHERE subscription = ? AND message = ?",
                (subscription, int(message_id)),
            ).fetchone()
        if found is None:
            return None
        failures, due, data, attributes, published_at = found
        return (
            Pending(subscription, message_id, failures, due),
            StoredMessage(message_id, data, json.loads(attributes), published_at),
        )

    def postpone(self, pending: Pending, *, failures: int, due: float) -> None:
        with self._database.transaction() as rows:
            rows.execute(
                "UPDATE deliveries SET failures = ?, due = ?"
                " WHERE subscription = ? AND message = ?",
                (failures, due, pending.subscription, int(pending.message_id)),
            )

    def acknowledge(self, subscription: str, message_id: str) -> None:
        with self._database.transaction() as rows:
            _delete(rows, subscription, message_id)


def _insert(
    rows: sqlite3.Connection, message: NewMessage, subscriptions: list[str], now: float
) -> str:
    # Ids follow the clock, so that a stack with a fresh folder does not repeat old ones.
    rows.execute("UPDATE last_message SET id = max(id + 1, ?)", (int(now * 1e6),))
    (message_id,) = rows.execute("SELECT id FROM last_message").fetchone()
    if subscriptions:
        rows.execute(
            "INSERT INTO messages VALUES (?, ?, ?, ?)",
            (message_id, message.data, json.dumps(dict(message.attributes)), now),
        )
        rows.executemany(
            "INSERT INTO deliveries (subscription, message, due) VALUES (?, ?, ?)",
            [(subscription, message_id, now) for subscription in subscriptions],
        )
    return str(message_id)


def _delete(rows: sqlite3.Connection, subscription: str, message_id: str) -> None:
    rows.execute(
        "DELETE FROM deliveries WHERE subscription = ? AND message = ?",
        (subscription, int(message_id)),
    )

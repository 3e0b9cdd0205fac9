"""Queues, tasks and the names that are spent, on disk."""

from collections.abc import Sequence
from pathlib import Path

from google.cloud import tasks_v2

from scripts.local.delivery.database import Database
from scripts.local.tasks.record import TaskRecord

_SCHEMA = """
CREATE TABLE IF NOT EXISTS queues (
    name TEXT PRIMARY KEY,
    resource BLOB NOT NULL
) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS tasks (
    name TEXT PRIMARY KEY,
    queue TEXT NOT NULL REFERENCES queues,
    task BLOB NOT NULL,
    due REAL NOT NULL,
    dispatches INTEGER NOT NULL,
    responses INTEGER NOT NULL,
    executions INTEGER NOT NULL,
    first_dispatch REAL,
    last_dispatch REAL,
    last_status INTEGER
);
CREATE INDEX IF NOT EXISTS tasks_by_queue ON tasks (queue, due);
-- A name stays taken for a while after its task has run or was deleted.
CREATE TABLE IF NOT EXISTS spent_names (
    name TEXT PRIMARY KEY,
    free_at REAL NOT NULL
) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS spent_names_by_time ON spent_names (free_at);
"""
_COLUMNS = (
    "task, due, dispatches, responses, executions, first_dispatch, last_dispatch, last_status"
)
_NAME_KEPT_SECONDS = 24 * 3600.0
"""`google.cloud.tasks.v2.CreateTaskRequest.task`: up to 24 hours."""


class TasksStore:
    """Queue and task names are full resource names; times are seconds since the epoch."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, _SCHEMA)

    def close(self) -> None:
        self._database.close()

    def queues(self) -> list[tasks_v2.Queue]:
        with self._database.transaction() as rows:
            found = rows.execute("SELECT resource FROM queues").fetchall()
        return [tasks_v2.Queue.deserialize(resource) for (resource,) in found]

    def put_queue(self, resource: tasks_v2.Queue) -> None:
        packed = tasks_v2.Queue.serialize(resource)
        with self._database.transaction() as rows:
            rows.execute("INSERT OR REPLACE INTO queues VALUES (?, ?)", (resource.name, packed))

    def add(self, queue: str, task: tasks_v2.Task, *, due: float, now: float) -> bool:
        """False when the name is taken by a task or by one that was there recently."""
        packed = tasks_v2.Task.serialize(task)
        with self._database.transaction() as rows:
            rows.execute("DELETE FROM spent_names WHERE free_at <= ?", (now,))
            taken = rows.execute(
                "SELECT 1 FROM tasks WHERE name = :name"
                " UNION ALL SELECT 1 FROM spent_names WHERE name = :name",
                {"name": task.name},
            ).fetchone()
            if taken is None:
                rows.execute(
                    "INSERT INTO tasks VALUES (?, ?, ?, ?, 0, 0, 0, NULL, NULL, NULL)",
                    (task.name, queue, packed, due),
                )
        return taken is None

    def find(self, name: str) -> TaskRecord | None:
        with self._database.transaction() as rows:
            found = rows.execute(
                f"SELECT {_COLUMNS} FROM tasks WHERE name = ?",  # noqa: S608
                (name,),
            ).fetchone()
        if found is None:
            return None
        packed, *progress = found
        return TaskRecord(tasks_v2.Task.deserialize(packed), *progress)

    def waiting(self, queue: str) -> Sequence[tuple[str, float]]:
        """Names and due times, soonest first."""
        with self._database.transaction() as rows:
            return rows.execute(
                "SELECT name, due FROM tasks WHERE queue = ? ORDER BY due, rowid", (queue,)
            ).fetchall()

    def save_attempt(self, record: TaskRecord) -> None:
        """Does nothing when the task is gone."""
        with self._database.transaction() as rows:
            rows.execute(
                "UPDATE tasks SET due = ?, dispatches = ?, responses = ?, executions = ?,"
                " first_dispatch = ?, last_dispatch = ?, last_status = ? WHERE name = ?",
                (
                    record.due,
                    record.dispatches,
                    record.responses,
                    record.executions,
                    record.first_dispatch,
                    record.last_dispatch,
                    record.last_status,
                    record.name,
                ),
            )

    def remove(self, name: str, *, now: float) -> bool:
        """Take the task out and keep its name; False when it is gone already."""
        with self._database.transaction() as rows:
            if not rows.execute("DELETE FROM tasks WHERE name = ?", (name,)).rowcount:
                return False
            rows.execute(
                "INSERT OR REPLACE INTO spent_names VALUES (?, ?)",
                (name, now + _NAME_KEPT_SECONDS),
            )
            return True

    def purge(self, queue: str, *, now: float) -> None:
        with self._database.transaction() as rows:
            rows.execute(
                "INSERT OR REPLACE INTO spent_names SELECT name, ? FROM tasks WHERE queue = ?",
                (now + _NAME_KEPT_SECONDS, queue),
            )
            rows.execute("DELETE FROM tasks WHERE queue = ?", (queue,))

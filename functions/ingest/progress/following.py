"""What event streams report: one lecture's progress, or the changes of all of an owner's."""

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, bindparam

from functions.ingest.lectures.shown import COLUMNS, lecture_response
from functions.ingest.progress.changes import (
    REACH,
    Changes,
    Moment,
    changes_since,
    moment,
    under_way,
)
from functions.ingest.progress.estimate import TypicalTimes
from functions.ingest.progress.positions import Position, read_position, write_position
from functions.ingest.progress.progress import summaries
from functions.ingest.progress.streams import Event
from functions.ingest.schemas.events import DeletedEvent, LectureEvent, NoData, ProgressEnd
from functions.ingest.schemas.progress import ProgressResponse, ProgressSummary
from shared.models import Lecture
from shared.runtime import Runtime

ENDED = ("completed", "failed")
BATCH = 100
"""Lectures that are read together; a client that was away for long has many to read."""

_LECTURES = COLUMNS.where(Lecture.id.in_(bindparam("ids", expanding=True)))
_NO_DATA = NoData().to_json().decode()


class OneLecture:
    """The progress of a lecture, until it is completed, failed or gone."""

    position = None

    def __init__(self, read: Callable[[], ProgressResponse | None]) -> None:
        """`read` gives the progress now, None once the lecture is gone."""
        self._read = read
        self._reported: bytes | None = None

    def look(self) -> Iterator[Event]:
        progress = self._read()
        if progress is None:
            yield Event("gone", _NO_DATA, last=True)
            return
        # The estimate counts down continuously: that alone is no change.
        news = progress.model_copy(update={"estimated_seconds_left": None}).to_json()
        if news != self._reported:
            self._reported = news
            yield Event("progress", progress.to_json().decode())
        if progress.overall_status in ENDED:
            end = ProgressEnd(overall_status=progress.overall_status)
            yield Event("end", end.to_json().decode(), last=True)


class AllLectures:
    """The changes of an owner's lectures since a position that an earlier stream reached.

    Without one that can be resumed from, the stream begins with `reset`, upon which the client
    reads the list, and with the lectures under way. What a transaction changes that is in progress
    when a position is given may be reported twice, in two streams; nothing is left out.
    """

    def __init__(
        self,
        rt: Runtime,
        owner: str,
        connect: Callable[[], AbstractContextManager[Connection]],
        given: str | None,
        typical: TypicalTimes,
    ) -> None:
        """`given` is what the client says to have read last, whatever that is."""
        self._rt, self._owner, self._connect, self._given = rt, owner, connect, given
        self._typical = typical
        self._since: int | None = None
        self._history = ""
        self._shown: dict[uuid.UUID, int] = {}
        """A hash of each lecture as this stream has reported it: many changes do not show."""
        self._deleted: set[uuid.UUID] = set()
        self._empty = False
        self.position: str | None = None

    def look(self) -> Iterator[Event]:
        now = self._rt.clock()
        if self._since is None:
            with self._connect() as connection:
                present = moment(connection)
            self._history = present.history
            self._since = self._resumed(present, now)
            if self._since is None:
                self._since = present.oldest
                self.position = self._written(present.oldest, now)
                yield from self._beginning()
                return
        with self._connect() as connection:
            changes = changes_since(connection, self._owner, self._since)
        # Only the last event may move the client on: behind the others there are more.
        last: Event | None = None
        for event in self._events(changes):
            if last is not None:
                yield last
            last = event
        self._since = changes.oldest
        self.position = self._written(changes.oldest, now)
        if last is not None:
            yield replace(last, id=self.position)

    def _resumed(self, present: Moment, now: datetime) -> int | None:
        """The transaction to resume from, if the client gave a valid position."""
        given = self._given and read_position(
            self._given, owner=self._owner, history=present.history, now=now
        )
        if not given or not 0 <= present.next - given.transaction < REACH:
            return None
        self.position = self._given
        return given.transaction

    def _beginning(self) -> Iterator[Event]:
        yield Event("reset", _NO_DATA, self.position)
        with self._connect() as connection:
            moving, self._empty = under_way(connection, self._owner)
        # The list does not say how far they are.
        yield from self._lectures(moving)

    def _events(self, changes: Changes) -> Iterator[Event]:
        if changes.empty and not self._empty:
            yield Event("reset", _NO_DATA, self.position)
        self._empty = changes.empty
        yield from self._deletions(changes.deleted)
        yield from self._lectures(changes.lectures)

    def _deletions(self, keys: Sequence[uuid.UUID]) -> Iterator[Event]:
        for key in keys:
            # Each run of a purge changes its order: that is no other deletion.
            if key not in self._deleted:
                self._deleted.add(key)
                data = DeletedEvent(lecture_key=str(key))
                yield Event("deleted", data.to_json().decode(), self.position)

    def _lectures(self, ids: Sequence[uuid.UUID]) -> Iterator[Event]:
        """Those that this stream has not reported as they are."""
        for start in range(0, len(ids), BATCH):
            for id, lecture in self._read(ids[start : start + BATCH]):
                # The estimate counts down continuously: that alone is no change.
                news = hash(lecture.model_copy(update={"estimated_seconds_left": None}).to_json())
                if self._shown.get(id) != news:
                    self._shown[id] = news
                    yield Event("lecture", lecture.to_json().decode(), self.position)

    def _read(self, ids: Sequence[uuid.UUID]) -> list[tuple[uuid.UUID, LectureEvent]]:
        """Without those that are gone: their deletion is the next change."""
        with self._connect() as connection:
            rows = connection.execute(_LECTURES, {"owner": self._owner, "ids": ids}).all()
            reached = summaries(connection, ids, self._typical, now=self._rt.clock())
        return [(row.id, self._event(row, reached.get(row.id))) for row in rows]

    def _event(self, row: Row[*tuple[Any, ...]], reached: ProgressSummary | None) -> LectureEvent:
        return LectureEvent(
            **dict(lecture_response(self._rt, row)),
            percent=reached and reached.percent,
            stage=reached and reached.stage,
            estimated_seconds_left=reached and reached.estimated_seconds_left,
        )

    def _written(self, transaction: int, at: datetime) -> str:
        position = Position(transaction, at)
        return write_position(position, owner=self._owner, history=self._history)

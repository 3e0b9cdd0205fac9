"""Progress of a lecture, queried once or streamed, and a stream of all of the caller's lectures."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from flask import Response, request
from sqlalchemy import Connection

from functions.ingest.admission.auth import caller
from functions.ingest.admission.handling import slot_held
from functions.ingest.lectures.lookup import no_lecture, own_lecture
from functions.ingest.progress.estimate import TypicalTimes
from functions.ingest.progress.following import AllLectures, OneLecture
from functions.ingest.progress.progress import progress_of, progress_of_id
from functions.ingest.progress.streams import EventStreams
from functions.ingest.schemas.events import DeletedEvent, LectureEvent, NoData, ProgressEnd
from functions.ingest.schemas.progress import ProgressResponse
from functions.ingest.web.operations import Events, Operations
from shared.models import Lecture
from shared.runtime import Runtime


def operations(rt: Runtime) -> Operations:
    routes = Operations("progress")
    typical = TypicalTimes()
    streams = EventStreams(
        most=rt.settings.progress_streams,
        longest_sec=rt.settings.plc_progress_stream_sec,
    )

    @routes.get("/lectures/{lecture_id}/progress")
    def read_progress(lecture_id: str) -> ProgressResponse:
        """How far the lecture is, by stage and by segment, and how long it may still take."""
        with rt.database.autocommit() as connection:
            progress = progress_of(connection, caller().owner, lecture_id, typical, now=rt.clock())
        if progress is None:
            with rt.database.reading() as session:
                own_lecture(session, lecture_id, Lecture.id)
            raise no_lecture(lecture_id)  # Announced, or restricted no longer, since.
        return progress

    @routes.get(
        "/lectures/{lecture_id}/progress/stream",
        answers={
            200: Events({"progress": ProgressResponse, "end": ProgressEnd, "gone": NoData}),
        },
    )
    def watch_progress(lecture_id: str) -> Response:
        """The same as server-sent events.

        `progress` events hold what `/progress` answers, one immediately and one with each change;
        `end` says that the lecture is completed or has failed, `gone` that it was deleted or
        restricted. A stream ends after a minute at the latest: open the next one. When too many
        are open the answer is 503 with the code `streams_busy`: poll then.
        """
        with rt.database.reading() as session:
            key = own_lecture(session, lecture_id, Lecture.id).id
        connect = _connections(rt)

        def look() -> ProgressResponse | None:
            with connect() as connection:
                return progress_of_id(connection, key, typical, now=rt.clock())

        return _streamed(streams.open(OneLecture(look)))

    @routes.get(
        "/events",
        resumable=True,
        answers={
            200: Events({"lecture": LectureEvent, "deleted": DeletedEvent, "reset": NoData}),
        },
    )
    def watch_lectures() -> Response:
        """Changes of all of the caller's lectures as server-sent events.

        `lecture` has a lecture that is new or has changed, as in the list, with its percentage,
        stage and time left; one that is restricted has `restrictedAt`. `deleted` says that a
        lecture is gone. `reset` says that it is not known what the client has, as at first: read
        `GET /lectures` then, and apply the events from the `reset` on. Each event has an `id`; a
        stream that is opened with it as `Last-Event-ID` continues behind it, for seven days. A
        lecture may come again although it is as before. A stream ends after a minute at the latest:
        open the next one. When too many are open the answer is 503 with the code `streams_busy`:
        poll then.
        """
        owner = caller().owner
        given = request.headers.get("Last-Event-ID")
        source = AllLectures(rt, owner, _connections(rt), given, typical)
        return _streamed(streams.open(source, owner=owner))

    return routes


def _connections(rt: Runtime) -> Callable[[], AbstractContextManager[Connection]]:
    """A connection for each look of this request's stream, with the request's slot."""
    environ = request.environ

    @contextmanager
    def connect() -> Iterator[Connection]:
        with slot_held(environ), rt.database.autocommit() as connection:
            yield connection

    return connect


def _streamed(events: Iterator[str]) -> Response:
    return Response(
        events,
        content_type="text/event-stream; charset=utf-8",
        # No proxy may hold the events back to fill its buffer.
        headers={"X-Accel-Buffering": "no"},
    )

"""Progress of a lecture: queried once, or streamed."""

from flask import Response, request

from functions.ingest.admission.auth import caller
from functions.ingest.admission.handling import slot_held
from functions.ingest.lectures.lookup import no_lecture, own_lecture
from functions.ingest.progress.estimate import TypicalTimes
from functions.ingest.progress.progress import progress_of, progress_of_id
from functions.ingest.progress.streams import ProgressStreams
from functions.ingest.schemas.progress import ProgressResponse
from functions.ingest.web.operations import Media, Operations
from shared.models import Lecture
from shared.runtime import Runtime


def operations(rt: Runtime) -> Operations:
    routes = Operations("progress")
    typical = TypicalTimes()
    streams = ProgressStreams(
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

    @routes.get("/lectures/{lecture_id}/progress/stream", answers={200: Media("text/event-stream")})
    def watch_progress(lecture_id: str) -> Response:
        """The same as server-sent events.

        `progress` events hold what `/progress` answers, one immediately and one with each change;
        `end` says that the lecture is completed or has failed, `gone` that it was deleted or
        restricted. A stream ends after a minute at the latest: open the next one. When too many
        are open the answer is 503 with the code `streams_busy`: poll then.
        """
        with rt.database.reading() as session:
            key = own_lecture(session, lecture_id, Lecture.id).id

        environ = request.environ

        def look() -> ProgressResponse | None:
            with slot_held(environ), rt.database.autocommit() as connection:
                return progress_of_id(connection, key, typical, now=rt.clock())

        return Response(
            streams.open(look),
            content_type="text/event-stream; charset=utf-8",
            # No proxy may hold the events back to fill its buffer.
            headers={"X-Accel-Buffering": "no"},
        )

    return routes

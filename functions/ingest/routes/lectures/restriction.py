"""Restricting a lecture: it is kept, and neither processed nor shown."""

from functions.ingest.lectures.lookup import own_lecture
from functions.ingest.schemas.lectures import RestrictionResponse
from functions.ingest.web.operations import Operations
from shared.deletion import restricting
from shared.runtime import Runtime


def operations(rt: Runtime) -> Operations:
    routes = Operations("lectures")

    @routes.put("/lectures/{lecture_id}/restriction")
    def restrict_lecture(lecture_id: str) -> RestrictionResponse:
        """Keep the lecture, and neither process nor show it, until the restriction is lifted.

        Its jobs are cancelled. Files of other lectures that repeat it are withdrawn, and made
        again without it. Its content answers 409 `lecture_restricted`; lists, search, threads and
        vocabulary leave it out; retention deletes nothing of it. It can be deleted.
        """
        with rt.database.reading() as session:
            lecture = own_lecture(session, lecture_id, restricted=True)
        since = restricting.restrict_lecture(rt, lecture)
        return RestrictionResponse(lecture_id=lecture.slug, restricted_at=since)

    @routes.delete("/lectures/{lecture_id}/restriction")
    def lift_restriction(lecture_id: str) -> RestrictionResponse:
        """Process and show the lecture again.

        Files are made again. Jobs that were cancelled may be replayed. The next run of retention
        deletes what is past its time.
        """
        with rt.database.reading() as session:
            lecture = own_lecture(session, lecture_id, restricted=True)
        restricting.lift_restriction(rt, lecture)
        return RestrictionResponse(lecture_id=lecture.slug, restricted_at=None)

    return routes

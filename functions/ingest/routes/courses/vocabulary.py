"""A course's vocabulary from corrections: to list and to delete."""

from sqlalchemy import select

from functions.ingest.lectures.lookup import own_course
from functions.ingest.schemas.accounts import VocabularyDeletedResponse, VocabularyResponse
from functions.ingest.web.operations import Operations
from shared.courses.vocabulary import clear_terms, usable_terms
from shared.models import CourseTerm
from shared.runtime import Runtime


def operations(rt: Runtime) -> Operations:
    routes = Operations("vocabulary")

    @routes.get("/courses/{course_id}/vocabulary")
    def read_vocabulary(course_id: str) -> VocabularyResponse:
        """Which words and names help to recognize the course's next lectures."""
        with rt.database.reading() as session:
            course = own_course(session, course_id)
            terms = session.scalars(
                select(CourseTerm.term)
                .where(CourseTerm.course_id == course.id, usable_terms(course.id))
                .order_by(CourseTerm.corrected_at.desc(), CourseTerm.term)
            ).all()
        return VocabularyResponse(course_id=course.slug, terms=tuple(terms))

    @routes.delete("/courses/{course_id}/vocabulary")
    def forget_vocabulary(course_id: str) -> VocabularyDeletedResponse:
        """Forget them. Transcripts stay as they were corrected."""
        with rt.database.reading() as session:
            course = own_course(session, course_id)
        return VocabularyDeletedResponse(
            course_id=course.slug, terms_deleted=clear_terms(rt.transactions, course.id)
        )

    return routes

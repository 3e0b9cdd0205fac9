"""The transcript: reading it, correcting it, and what it was before."""

from flask import Response, request

from functions.ingest.corrections.revisions import (
    Correction,
    correct_transcript,
    number_of,
    object_of,
    recorded_revisions,
    restore_transcript,
)
from functions.ingest.lectures.lookup import own_lecture
from functions.ingest.lectures.partial_transcript import partial_transcript
from functions.ingest.lectures.retention_dates import no_transcript
from functions.ingest.schemas.transcript import (
    CorrectionRequest,
    CorrectionResponse,
    PartialTranscriptResponse,
    RestoreRequest,
    RevisionRecord,
    RevisionsResponse,
    TranscriptQuery,
)
from functions.ingest.web.answers import etag_of, json_model, matched, unless_known
from functions.ingest.web.field_problems import FieldProblem, InvalidFieldsError
from functions.ingest.web.operations import Operations
from shared.documents.transcript import Transcript
from shared.errors import ObjectMissingError, TranscriptChangedError
from shared.models import Lecture
from shared.runtime import Runtime


def operations(rt: Runtime) -> Operations:
    routes = Operations("transcript")

    @routes.get("/lectures/{lecture_id}/transcript", answers={200: Transcript}, conditional=True)
    def read_transcript(lecture_id: str, query: TranscriptQuery) -> Response:
        """What was said, with a time for every word."""
        with rt.database.reading() as session:
            lecture = own_lecture(
                session, lecture_id, Lecture.transcript_object, Lecture.transcript_deleted_at
            )
            name = _current(lecture)
            if query.revision is not None:
                recorded = recorded_revisions(session, lecture.id)
                name = object_of(query.revision, name, recorded)

        def read() -> bytes:
            stored = rt.store.read(name)
            return stored if query.words else _without_words(stored)

        # Of both the ETag is the transcript's, which a correction names.
        return unless_known(request, name, read)

    @routes.get(
        "/lectures/{lecture_id}/transcript/partial", answers={200: PartialTranscriptResponse}
    )
    def read_partial_transcript(lecture_id: str) -> Response:
        """What is recognized so far, while the rest is still worked on.

        Once there is a transcript it is that, and `complete`.
        """
        with rt.database.reading() as session:
            lecture = own_lecture(
                session,
                lecture_id,
                *(Lecture.slug, Lecture.transcript_object, Lecture.duration_sec),
                Lecture.transcript_deleted_at,
            )
        return json_model(partial_transcript(rt, lecture))

    @routes.patch("/lectures/{lecture_id}/transcript", matching=True)
    def correct_utterances(lecture_id: str, body: CorrectionRequest) -> CorrectionResponse:
        """Correct utterances, or remove them.

        The corrected transcript is a new revision and current immediately, also for the search;
        earlier ones can be read. Words that stay keep their times, others get those of the words
        they replace. Names and terms that were put right help to recognize the course's next
        lectures. `"text": null` removes an utterance: it is in no transcript, search or caption
        from then on, and its terms are no longer kept. Study material and files stay as they are
        unless `regenerate` is true.
        """
        lecture, name = _as_read(lecture_id)
        texts = {each.utterance_id: each.text for each in body.corrections}
        if len(texts) < len(body.corrections):
            problem = FieldProblem(
                field="corrections", code="duplicate", message="has two for one utterance"
            )
            raise InvalidFieldsError(problems=[problem])
        done = correct_transcript(rt, lecture, name, texts, regenerate=body.regenerate)
        return _corrected(lecture, done)

    @routes.post("/lectures/{lecture_id}/transcript/restore", matching=True)
    def restore_revision(lecture_id: str, body: RestoreRequest) -> CorrectionResponse:
        """Make an earlier transcript the current one again.

        It becomes a new revision, with the words, times and removed utterances that it had; the
        one that it replaces can be read and restored in the same way. Terms that the corrections
        in between had taught are forgotten. Study material and files stay as they are unless
        `regenerate` is true.
        """
        lecture, name = _as_read(lecture_id)
        return _corrected(
            lecture,
            restore_transcript(rt, lecture, name, body.revision, regenerate=body.regenerate),
        )

    def _as_read(lecture_id: str) -> tuple[Lecture, str]:
        """The lecture and its transcript, which must be the one that `If-Match` names."""
        with rt.database.reading() as session:
            lecture = own_lecture(session, lecture_id)
        name = _current(lecture)
        if matched(request) != etag_of(name):
            raise TranscriptChangedError()
        return lecture, name

    @routes.get("/lectures/{lecture_id}/transcript/revisions")
    def list_revisions(lecture_id: str) -> RevisionsResponse:
        """The transcript and those that corrections have replaced.

        An uncorrected transcript is not kept when the lecture is transcribed again.
        """
        with rt.database.reading() as session:
            lecture = own_lecture(
                session,
                lecture_id,
                *(Lecture.slug, Lecture.transcript_object, Lecture.transcript_deleted_at),
            )
            name = _current(lecture)
            recorded = recorded_revisions(session, lecture.id)
        revisions = [
            RevisionRecord(
                revision=each.number,
                corrected=each.corrected,
                current=each.object == name,
                path=rt.store.uri(each.object),
                created_at=each.created_at,
            )
            for each in recorded
        ]
        if not any(each.current for each in revisions):
            stored = rt.store.stat(name)
            if stored is None:
                raise ObjectMissingError(f"{name} is not in the bucket")
            revisions.append(
                RevisionRecord(
                    revision=number_of(name, recorded),
                    corrected=0,
                    current=True,
                    path=rt.store.uri(name),
                    created_at=stored.created_at,
                )
            )
        return RevisionsResponse(lecture_id=lecture.slug, revisions=tuple(revisions))

    return routes


def _current(lecture: Lecture) -> str:
    """The object of the transcript that counts. Raises NotFoundError, DeletedByRetentionError."""
    if lecture.transcript_object is None:
        raise no_transcript(lecture)
    return lecture.transcript_object


def _corrected(lecture: Lecture, done: Correction) -> CorrectionResponse:
    return CorrectionResponse(
        lecture_id=lecture.slug,
        revision=done.revision,
        corrected=done.utterances,
        etag=f'"{etag_of(done.object)}"',
        job_id=str(done.job_id) if done.job_id else None,
    )


def _without_words(stored: bytes) -> bytes:
    transcript = Transcript.model_validate_json(stored)
    utterances = tuple(each.model_copy(update={"words": ()}) for each in transcript.utterances)
    return transcript.model_copy(update={"utterances": utterances}).to_json()

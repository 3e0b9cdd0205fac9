"""Transcripts, their corrections and revisions."""

from datetime import datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from functions.ingest.web.fields import FROM_NUMBER
from functions.ingest.web.reading import FROM_TEXT, Flag
from shared.documents.transcript import Utterance
from shared.documents.warnings import Warnings
from shared.schema import Schema
from shared.text import SHOWN

UtteranceText = Annotated[
    str,
    StringConstraints(max_length=2000),
    *SHOWN,
]


class TranscriptQuery(Schema):
    revision: Annotated[int, Field(ge=1, le=1_000_000), FROM_TEXT] | None = None
    """An earlier one, as listed under `/transcript/revisions`; without it the current one."""
    words: Flag = True
    """`false` leaves the words of each utterance out, which are seven eighths of the answer."""


class Correction(Schema):
    utterance_id: Annotated[int, Field(ge=0, le=1_000_000), FROM_NUMBER]
    text: UtteranceText | None
    """All of the utterance as it should read. White space counts as one space. Null removes the
    utterance; those behind it are numbered again."""


class CorrectionRequest(Schema):
    corrections: Annotated[tuple[Correction, ...], Field(min_length=1, max_length=500)]
    """At most one for each utterance."""
    regenerate: bool = False
    """Make the study material and the files again from the corrected transcript."""


class RestoreRequest(Schema):
    revision: Annotated[int, Field(ge=1, le=1_000_000), FROM_NUMBER]
    """As listed under `/transcript/revisions`."""
    regenerate: bool = False
    """Make the study material and the files again from the transcript as it is then."""


class CorrectionResponse(Schema):
    lecture_id: str
    revision: int
    """The current one now."""
    corrected: int
    """How many utterances read differently from before, or are gone; with 0 there is no new
    revision."""
    etag: str
    """Of the transcript as it is now: what `If-Match` needs the next time."""
    job_id: str | None
    """The generation, if one was asked for."""


class Span(Schema):
    """Seconds of the lecture."""

    start_sec: float
    end_sec: float | None
    """Null for the end of a recording whose length is not known yet."""


class PartialTranscriptResponse(Schema):
    """Ids, and where a sentence ends beside a gap, may change until it is complete."""

    lecture_id: str
    complete: bool
    """This is the transcript: there will be no more."""
    language: str | None
    """ISO 639-1; null while nothing has been understood."""
    utterances: tuple[Utterance, ...]
    """In order of time, with nothing for what is pending."""
    pending: tuple[Span, ...]
    """What is not recognized yet."""
    warnings: Warnings
    """Those that are known so far."""


class RevisionRecord(Schema):
    revision: int
    corrected: int
    """Utterances that a person changed in the one before; 0 for what was recognized."""
    current: bool
    path: str
    created_at: datetime


class RevisionsResponse(Schema):
    """Oldest first."""

    lecture_id: str
    revisions: tuple[RevisionRecord, ...]

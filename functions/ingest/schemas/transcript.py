"""Transcripts, their corrections and revisions, and what was cut out of a lecture."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from functions.ingest.web.fields import FROM_NUMBER, Problem
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


Second = Annotated[float, Field(ge=0, le=48 * 3600, allow_inf_nan=False)]
CutState = Literal["silencing", "silenced", "failed"]


class CutSpanRequest(Schema):
    """Seconds of the lecture, as citations and utterances have them."""

    start_sec: Second
    end_sec: Second
    """Later than `startSec`, and not after the end of the recording."""


class CutRequest(Schema):
    cuts: Annotated[tuple[CutSpanRequest, ...], Field(min_length=1, max_length=20)]


class CutRecord(Schema):
    start_sec: float
    end_sec: float
    """With the whole of the words that the span met."""
    state: CutState
    """`silencing`: the recording is withheld until it is silent there. `failed`: it could not be
    made so, and is not played any more; sent again the cut is tried again. `silenced` also where
    there is no recording any more."""
    error: Problem | None
    """Why it failed."""
    created_at: datetime


class CutsResponse(Schema):
    """In the order of their times."""

    lecture_id: str
    cuts: tuple[CutRecord, ...]


class CutResponse(CutsResponse):
    utterances: int
    """How many of the transcript are gone or shorter now."""
    silencing_job_id: str | None
    """The job that silences the recording; null if there is none to silence."""
    job_id: str | None
    """The generation that makes the material again."""

"""What is made of a lecture."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, RootModel, StringConstraints

from functions.ingest.web.fields import FROM_NUMBER, Slug
from functions.ingest.web.paging import Pagination
from functions.ingest.web.reading import Flag, Limit, Offset
from shared.documents.artifacts import Artifact, ArtifactType
from shared.presets import Preset
from shared.schema import Schema
from shared.text import SHOWN


class PresetsResponse(Schema):
    presets: tuple[Preset, ...]


class AnyArtifact(RootModel[Artifact]):
    """One of the five, distinguished by `artifactType`."""


class ArtifactQuery(Schema):
    hidden: Flag = False
    """With the items that its owner has hidden, marked as `hidden`."""


class ArtifactRecord(Schema):
    type: ArtifactType
    path: str
    preset_id: str
    version: int
    size_bytes: int
    counts: dict[str, int]
    created_at: datetime


class ArtifactsResponse(Schema):
    lecture_id: str
    outdated: bool
    """The transcript has been corrected since these were begun, without a new generation."""
    artifacts: tuple[ArtifactRecord, ...]


class ExportRecord(Schema):
    type: str
    path: str
    file_name: str
    content_type: str
    size_bytes: int
    sha256: str
    created_at: datetime


class ExportsResponse(Schema):
    lecture_id: str
    outdated: bool
    """The owner has changed an item of the material since any of these was made. They are made
    again without being asked for."""
    exports: tuple[ExportRecord, ...]


class ObjectCheck(Schema):
    kind: Literal["recording", "transcript", "revision", "artifact", "export"]
    """`revision`: a transcript that a corrected one has replaced; `type` is its number."""
    type: str | None
    path: str
    status: Literal["ok", "missing", "differs", "expired"]
    """`differs`: size, checksum or generation is not what was recorded. `expired`: retention
    has deleted it, as promised."""


class IntegrityResponse(Schema):
    lecture_id: str
    ok: bool
    """Nothing is missing and nothing differs."""
    objects: tuple[ObjectCheck, ...]


class Search(Schema):
    """What is searched for, and where."""

    q: Annotated[
        str,
        StringConstraints(max_length=200),
        *SHOWN,
    ]
    """Words; `"…"` for a phrase, `or`, and `-` before what must not occur."""
    course_id: Slug | None = None


class SearchQuery(Search):
    """As an address has it: all values are text."""

    limit: Limit = 20
    offset: Offset = 0


class SearchRequest(Search):
    limit: Annotated[int, Field(ge=1, le=200), FROM_NUMBER] = 20
    offset: Annotated[int, Field(ge=0, le=1_000_000), FROM_NUMBER] = 0


class Highlight(Schema):
    """Characters of the excerpt, from `start` up to but without `end`, in Unicode code points."""

    start: int
    end: int
    utterance_id: int | None
    """Of the transcript. Null for a transcript that an earlier version indexed."""
    start_sec: float
    """Where the utterance begins; without one, where the hit does."""


class SearchHit(Schema):
    lecture_id: str
    course_id: str
    title: str | None
    start_sec: float
    end_sec: float
    excerpt: str
    """Plain text, not markup."""
    highlights: tuple[Highlight, ...]
    rank: float


class SearchResponse(Schema):
    """Best first."""

    hits: tuple[SearchHit, ...]
    pagination: Pagination

"""A lecture's screen in one answer."""

from functions.ingest.schemas.items import MarkRecord
from functions.ingest.schemas.lectures import LectureResponse
from functions.ingest.schemas.material import AnyArtifact
from functions.ingest.schemas.progress import ProgressSummary
from functions.ingest.web.fields import Include
from functions.ingest.web.reading import Flag
from shared.documents.artifacts import ArtifactType
from shared.schema import Schema


class StudyQuery(Schema):
    include: Include | None = None
    """Which parts, with a comma between: `lecture`, `progress`, types of artifacts, `threads`,
    `marks`. All of them unless it is given."""
    hidden: Flag = False
    """With the items that the owner has hidden, marked as `hidden`."""


class StudyArtifact(Schema):
    type: ArtifactType
    etag: str
    """Of the artifact: what `If-Match` needs to change an item of it."""
    artifact: AnyArtifact


class ThreadTitle(Schema):
    thread_id: str
    title: str


class StudyResponse(Schema):
    """A part that was not asked for is null."""

    lecture: LectureResponse | None
    progress: ProgressSummary | None
    outdated: bool
    """The transcript has been corrected since the material was begun, without a new generation."""
    artifacts: tuple[StudyArtifact, ...] | None
    """Of the types that were asked for those there are, with the owner's changes."""
    threads: tuple[ThreadTitle, ...] | None
    """That the lecture speaks of: what `threadRef` of an item means. Ordered by title."""
    marks: tuple[MarkRecord, ...] | None
    """Moments that the owner marked, in the order of their times."""

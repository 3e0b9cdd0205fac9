"""Items of the study material that their owner changes, hides and adds, and moments that the owner
marks."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from functions.ingest.schemas.transcript import Second
from shared.documents.artifacts import ArtifactType
from shared.documents.items import ItemKind
from shared.schema import Schema
from shared.text import SHOWN

ItemText = Annotated[str, StringConstraints(max_length=2000), *SHOWN]
"""White space counts as one space."""
ItemTitle = Annotated[str, StringConstraints(max_length=300), *SHOWN]


class ItemChanges(Schema):
    """What is left out stays as it is. With null a field reads again as it was made; of an item of
    one's own, null removes what may be missing. Each kind has fields of its own."""

    hidden: bool | None = None
    """A hidden item is in no file."""
    text: ItemText | None = None
    """Of bullets, announcements and points of the outline."""
    title: ItemTitle | None = None
    """Of chapters of the outline."""
    term: ItemTitle | None = None
    """Of key terms, as `definition` and `example`."""
    definition: ItemText | None = None
    example: ItemText | None = None
    front: ItemText | None = None
    """Of flashcards, as `back`. That of a cloze card has to hide something: `{{c1::…}}`."""
    back: ItemText | None = None
    question: ItemText | None = None
    """Of exam questions, as `options`, `answer` and `explanation`."""
    options: Annotated[tuple[ItemText, ...], Field(min_length=2, max_length=10)] | None = None
    """Of multiple-choice questions; `answer` is one of them."""
    answer: ItemText | None = None
    explanation: ItemText | None = None


class OwnFlashcard(Schema):
    """A basic card."""

    kind: Literal["flashcard"]
    front: ItemText
    back: ItemText


class OwnKeyTerm(Schema):
    kind: Literal["key-term"]
    term: ItemTitle
    definition: ItemText
    example: ItemText | None = None


class OwnQuestion(Schema):
    """A question with a short answer."""

    kind: Literal["exam-question"]
    question: ItemText
    answer: ItemText
    explanation: ItemText | None = None


OwnItem = Annotated[OwnFlashcard | OwnKeyTerm | OwnQuestion, Field(discriminator="kind")]


class ItemRequest(Schema):
    item: OwnItem


class ItemResponse(Schema):
    lecture_id: str
    item_id: str
    kind: ItemKind
    artifact_type: ArtifactType
    """The artifact that shows the item."""
    etag: str
    """Of that artifact as it is now: what `If-Match` needs the next time."""
    job_id: str | None
    """The export that makes the files again, if anything has changed."""


class EditRecord(Schema):
    """`fields` are the owner's words: of a changed item the fields that read otherwise than they
    were made, of an own one all."""

    item_id: str
    kind: ItemKind
    artifact_type: ArtifactType
    own: bool
    hidden: bool
    orphaned: bool
    """The item is not in the current material: it was made again, and this was not made. Should it
    be made again, the edit applies."""
    fields: dict[str, str | tuple[str, ...]]
    created_at: datetime
    updated_at: datetime


class EditsResponse(Schema):
    """Oldest first."""

    lecture_id: str
    edits: tuple[EditRecord, ...]


MarkLabel = Annotated[str, StringConstraints(max_length=120), *SHOWN]
"""What the owner calls a mark. White space counts as one space."""


class MarkRequest(Schema):
    at_sec: Second
    """Second of the recording, not after its end; kept in thousandths."""
    label: MarkLabel | None = None


class MarksRequest(Schema):
    marks: Annotated[tuple[MarkRequest, ...], Field(min_length=1, max_length=300)]


class MarkChanges(Schema):
    label: MarkLabel | None
    """Null removes the label."""


class MarkRecord(Schema):
    mark_id: str
    at_sec: float
    label: str | None
    etag: str
    """What `If-Match` needs to name the mark or to remove it."""
    created_at: datetime
    updated_at: datetime


class MarksResponse(Schema):
    """In the order of their times."""

    lecture_id: str
    marks: tuple[MarkRecord, ...]


class MarksChanged(MarksResponse):
    """All marks as they are now."""

    job_id: str | None
    """The export that makes the files again, if anything has changed and there are any."""

"""How long a course's recordings, transcripts and study material are kept."""

from typing import Annotated

from pydantic import Field

from functions.ingest.web.fields import FROM_NUMBER, Moment, Title
from shared.schema import Schema

Days = Annotated[int, Field(ge=1, le=3650), FROM_NUMBER]


class Hold(Schema):
    """While a hold lasts, retention deletes nothing of the course. Its owner still may."""

    until: Moment
    """With an offset, and no later than the installation's longest hold from now. A hold that is
    over is none."""
    reason: Title | None = None


class RetentionRules(Schema):
    """What is not given is as for every course."""

    raw_audio_days: Days | None = None
    """Days from a lecture's creation until its recording is deleted."""
    transcript_days: Days | None = None
    """Days from a lecture's creation until its transcript is deleted, and the files that
    repeat it."""
    material_days: Days | None = None
    """Days from a lecture's creation until its study material is deleted: artifacts, files and
    what threads say of it."""
    hold: Hold | None = None


class RetentionInForce(Schema):
    raw_audio_days: int
    transcript_days: int
    material_days: int | None
    """None if material is kept until its lecture is deleted."""
    held: bool
    """Now."""


class CourseRetentionResponse(Schema):
    course_id: str
    rules: RetentionRules
    in_force: RetentionInForce
    """With the installation's days where the course has none of its own."""

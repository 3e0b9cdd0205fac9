"""The stages a lecture goes through, and what each does unless it is told otherwise."""

from itertools import pairwise

from shared.models import JSON, JobType, Lecture

STAGES = (JobType.TRANSCRIPTION, JobType.GENERATION, JobType.EXPORT)
"""In their order."""

NEXT_STAGE = dict(pairwise(STAGES))
"""Which stage works on what another has made; none on what the last one has."""


def default_params(type: JobType, lecture: Lecture) -> JSON:
    """Parameters of a job that nobody has asked for in particular."""
    match type:
        case JobType.TRANSCRIPTION:
            # The worker's own model, the language it hears.
            return {"model": None, "language": None}
        case JobType.GENERATION:
            return {"preset_id": lecture.preset_id}
        case JobType.EXPORT:
            return {}

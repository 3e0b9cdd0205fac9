"""What is known of a lecture's words when something is cut out of it: read before the rows are
locked, and compared with them then."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError
from sqlalchemy.orm import Session

from functions.ingest.corrections.revisions import recorded_revisions
from functions.ingest.lectures.current_material import Material, material_of, objects_of
from shared.documents.artifacts import ArtifactType, StudyItem
from shared.documents.items import items_of
from shared.documents.transcript import Transcript
from shared.errors import ObjectMissingError
from shared.models import Lecture
from shared.runtime import Runtime
from shared.speech.removing import CutSpan, Removal, without_spans


@dataclass(frozen=True)
class Heard:
    current: str | None
    """The object of the transcript that counts."""
    transcripts: Mapping[str, Transcript]
    """By their objects: it, and those that corrections have replaced."""
    objects: Mapping[ArtifactType, str]
    is_lost: bool = False
    """The current transcript is not in the bucket, as in a database that was restored."""
    edited: Mapping[str, Sequence[tuple[float, float]]] = field(default_factory=dict)
    """When that was said which items cite that the owner has changed, in seconds."""

    @property
    def transcript(self) -> Transcript | None:
        return self.transcripts[self.current] if self.current is not None else None

    def is_current(self, session: Session, lecture: Lecture) -> bool:
        """Of a lecture that is locked."""
        names = {each.object for each in recorded_revisions(session, lecture.id)}
        if lecture.transcript_object is not None:
            names.add(lecture.transcript_object)
        return (
            lecture.transcript_object == self.current
            and names == set(self.transcripts)
            and objects_of(session, lecture.id) == self.objects
        )

    def removals(self, spans: Sequence[CutSpan]) -> Mapping[str, Removal]:
        return {name: without_spans(each, spans) for name, each in self.transcripts.items()}

    def cited_in(self, spans: Sequence[CutSpan]) -> frozenset[str]:
        """Changed items that cite what was said in the spans."""
        return frozenset(
            item
            for item, times in self.edited.items()
            if any(span.meets(*time) for time in times for span in spans)
        )


def heard(rt: Runtime, lecture: Lecture) -> Heard:
    """A transcript that is not in the bucket says nothing, an artifact neither."""
    with rt.database.reading() as session:
        recorded = [each.object for each in recorded_revisions(session, lecture.id)]
        material = material_of(session, lecture)
    current = lecture.transcript_object
    names = dict.fromkeys([*recorded, *([current] if current is not None else [])])
    found = {name: _transcript(rt, name) for name in names}
    return Heard(
        current,
        {name: each or _NOTHING for name, each in found.items()},
        material.objects,
        is_lost=current is not None and found[current] is None,
        edited=_edited(rt, material),
    )


_NOTHING = Transcript(language="", duration_sec=0, provider="", model="", utterances=())


def _transcript(rt: Runtime, name: str) -> Transcript | None:
    try:
        return Transcript.model_validate_json(rt.store.read(name))
    except ObjectMissingError:
        return None


def _edited(rt: Runtime, material: Material) -> dict[str, Sequence[tuple[float, float]]]:
    ids = {edit.item_id for edit in material.edits if not edit.own}
    found: dict[str, Sequence[tuple[float, float]]] = {}
    for type in {edit.kind.artifact_type for edit in material.edits if not edit.own}:
        if type not in material.objects:
            continue
        try:
            items = items_of(material.made(rt, type))
        except (ObjectMissingError, ValidationError):
            continue  # Of another release; what its edits quote is looked for all the same.
        found |= {item.id: _times(item) for item in items if item.id in ids}
    return found


def _times(item: StudyItem) -> Sequence[tuple[float, float]]:
    return [(each.start_sec, each.end_sec) for each in getattr(item, "citations", ())]

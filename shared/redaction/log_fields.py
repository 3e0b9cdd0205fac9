"""What a log line may contain: every field by name, with the form of its values.

A value that is not of its field's form is withheld, and so is a field that is not declared here:
an id, a code or a number has no room for a sentence of a lecture, a title or a name. What the
fields mean for the people recorded is in docs/reference/data-map.md, which is made from this list.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

WITHHELD: Final = "(withheld)"

_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?:/\d+)?|[0-9a-f]{16}|[0-9a-f]{32}")
_NAME = re.compile(r"[A-Za-z0-9_.:/@#=?&<>{}+-]{0,200}")


class Form(StrEnum):
    """Which values a field may have. All may be null."""

    ID = "id"
    """A UUID, the index of a segment behind it, or the id of a trace."""
    NAME = "name"
    """A name of the code's, of the configuration's or of a protocol's, or a number; no spaces."""
    NAMES = "names"
    NUMBER = "number"
    FLAG = "flag"


_FITS: Mapping[Form, Callable[[object], bool]] = {
    Form.ID: lambda value: isinstance(value, str) and _ID.fullmatch(value) is not None,
    Form.NAME: lambda value: (
        isinstance(value, (str, int)) and _NAME.fullmatch(str(value)) is not None
    ),
    Form.NAMES: lambda value: (
        isinstance(value, (list, tuple)) and all(_FITS[Form.NAME](each) for each in value)
    ),
    Form.NUMBER: lambda value: isinstance(value, (int, float)) and not isinstance(value, bool),
    Form.FLAG: lambda value: isinstance(value, bool),
}


@dataclass(frozen=True)
class LogField:
    form: Form
    holds: str
    personal: bool = False
    """Whether it leads to a person: an id of something that an owner has."""

    def shown(self, value: object) -> object:
        return value if value is None or _FITS[self.form](value) else WITHHELD


def _ids(holds: str) -> LogField:
    return LogField(Form.ID, holds, personal=True)


def _name(holds: str) -> LogField:
    return LogField(Form.NAME, holds)


def _number(holds: str) -> LogField:
    return LogField(Form.NUMBER, holds)


LOG_FIELDS: Mapping[str, LogField] = {
    "access": LogField(Form.ID, "id of an operator's access (`operator_accesses`)"),
    "accessed": _number("rows of other owners that an operator had access to"),
    "already_gone": _number("objects that a row named and the bucket no longer had"),
    "artifact": _name("type of an artifact"),
    "attempt": _number("how often the work was claimed"),
    "bucket": _name("name of the bucket"),
    "bytes": _number("size of a recording"),
    "calls": _number("calls of a language model"),
    "check": _name("a readiness check"),
    "clipped_sec": _number("seconds of clipped sound"),
    "code": _name("code of an error (shared/errors)"),
    "codec": _name("codec of a recording"),
    "container": _name("container of a recording"),
    "count": _number("repaired rows"),
    "course": _ids("id of a course"),
    "damaged_sec": _number("seconds that did not decode"),
    "decoded_sec": _number("seconds that decoded"),
    "deleted": _number("objects deleted"),
    "deleted_bytes": _number("their size"),
    "destination": _name("topic or queue"),
    "dry_run": LogField(Form.FLAG, "whether a run of retention only counts"),
    "due": _number("objects to be deleted"),
    "due_bytes": _number("their size"),
    "ending": _name("how the handling of an event ended"),
    "event_id": _name("id of a message, by its sender"),
    "failures": LogField(Form.NAMES, "export formats that failed"),
    "files": _number("export files"),
    "format": _name("an export format"),
    "generation": _number("generation of an object"),
    "header_duration_sec": _number("duration by a recording's header"),
    "held": LogField(Form.FLAG, "whether a course is held"),
    "held_by": _name("what holds a language model's answers to their form"),
    "index": _number("index of a segment"),
    "input_tokens": _number("tokens sent to a language model"),
    "inverted_sec": _number("seconds of inverted channels"),
    "items": _number("items sent to be repaired"),
    "job": _ids("id of a job"),
    "jobs": _number("jobs that a deletion ended"),
    "kind": _name("type of an exception"),
    "language": _name("code of a language"),
    "lecture": _ids("id of a lecture"),
    "lectures": _number("lectures deleted"),
    "lectures_busy": _number("lectures left for the next run of retention"),
    "lectures_held": _number("lectures kept by a hold"),
    "left": _number("objects left where they are"),
    "marks": _number("marks of a lecture"),
    "method": _name("HTTP method"),
    "missing_sec": _number("seconds a header promised and that are not there"),
    "model": _name("a model's name"),
    "moved_to": _name("status of a lecture"),
    "new_job": _ids("id of a job"),
    "objects": _number("objects of the bucket"),
    "output_tokens": _number("tokens of a language model's answers"),
    "parts": _number("recordings in one file"),
    "permanent": LogField(Form.FLAG, "whether an error ends the work"),
    "policy": _name("a retention policy"),
    "probability": _number("of the language that was recognized"),
    "provider": _name("a provider of speech recognition or generation"),
    "questions": _number("questions to a language model without an answer"),
    "reason": _name("type or code of an error"),
    "refused": _number("objects that the bucket did not delete"),
    "repair": _name("a repair of the sweep"),
    "report": _name("URI of a retention report"),
    "request": _ids("id of an upload's registration"),
    "request_id": LogField(Form.NAME, "id of an API request; a client may choose it", True),
    "resent": _number("how often a message was sent again"),
    "revision": _number("revision of a transcript"),
    "route": _name("pattern of an API path, without its values"),
    "run": LogField(Form.NAME, "a run of retention or its id, or which purge of a lecture"),
    "scaled_sec": _number("seconds beyond full scale"),
    "sec": _number("duration"),
    "segment": _number("index of a segment"),
    "segments": _number("segments of a lecture"),
    "service": _name("a service of Google Cloud"),
    "since_upload_sec": _number("time since the recording was accepted"),
    "source": _name("where a speech model's weights were looked for"),
    "span": LogField(Form.ID, "span of the trace"),
    "speech_sec": _number("seconds of speech in a segment"),
    "stage": _name("a stage of the pipeline"),
    "status": LogField(Form.NAME, "status of a job or segment"),
    "subject": _ids("id of what a repair could not mend"),
    "subscription": _name("subscription or queue"),
    "topic": _name("topic"),
    "trace": LogField(Form.ID, "id of the trace"),
    "tracks": _number("tracks of a recording"),
    "tracks_decoded": LogField(Form.NAMES, "numbers of the tracks that were used"),
    "unknown": _number("objects of which it is unknown whether the bucket has them"),
    "url": _name("a configured URL"),
    "usd": _number("cost of a language model's answers"),
    "utterances": _number("utterances of a transcript"),
    "withheld": _number("words left out because no speech was heard"),
    "words": _number("words recognized"),
}


def shown(name: str, value: object) -> object:
    """The value as it may be logged."""
    field = LOG_FIELDS.get(name)
    return field.shown(value) if field is not None else WITHHELD

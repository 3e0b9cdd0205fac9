"""Object names: derived here and nowhere else, never taken from a client.

Everything a worker writes carries the attempt that wrote it (`job-attempt`), so
a replaced worker that finishes late writes beside its successor, never over it;
the row committed under the lease says which object counts
(docs/decisions/004-immutable-objects.md).
"""

import re
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

from shared.models.personal_data import Kept

Kind = Literal["raw", "silenced", "segments", "transcripts", "artifacts", "exports", "accounts"]

REPORTS = "reports"

BY_PURGE = "the purge of the lecture"
FOLDERS: Mapping[str, Kept] = {
    "raw": Kept(
        "recorded voices of the lecturer and of other speakers",
        "transcription",
        "`PLC_RETENTION_RAW_AUDIO_DAYS` after the lecture was created, or the lecture is deleted",
        f"retention (`raw_audio`), {BY_PURGE}",
    ),
    "silenced": Kept(
        "recorded voices, with silence in place of what was cut out of the lecture",
        "listening, transcription",
        "as in `raw/`",
        f"retention (`raw_audio`, `old_silenced`), {BY_PURGE}",
    ),
    "segments": Kept(
        "parts of the recorded voice, and what was heard in each",
        "transcription in parallel",
        "a day after the lecture's last transcription ended",
        f"retention (`segments`, `stray_segments`), {BY_PURGE}",
    ),
    "transcripts": Kept(
        "what was said",
        "reading, search, study material",
        "`PLC_RETENTION_TRANSCRIPT_DAYS` after the lecture was created, or the lecture is deleted",
        f"retention (`transcript`, `old_transcripts`), {BY_PURGE}",
    ),
    "artifacts": Kept(
        "study material that quotes what was said, and kept answers of a language model",
        "studying",
        "the lecture is deleted, or `PLC_RETENTION_MATERIAL_DAYS` have passed, where that is set;"
        " versions that were replaced and kept answers, a day after its last"
        " work",
        f"retention (`material`, `old_artifacts`), {BY_PURGE}",
    ),
    "exports": Kept(
        "files with study material, those with the whole transcript included",
        "studying without Pegasus",
        "the lecture is deleted, or another one that they repeat; files that repeat the transcript,"
        " with the transcript; all after `PLC_RETENTION_MATERIAL_DAYS`, where that is set",
        f"retention (`transcript`, `material`, `old_exports`), {BY_PURGE}",
    ),
    "accounts": Kept(
        "copies of everything of an owner who asked for them",
        "the right to a copy",
        "`PLC_ACCOUNT_EXPORT_DAYS` after it was asked for, or the account is deleted",
        "the sweep (`account_exports`)",
    ),
    REPORTS: Kept(
        "counts of what retention deleted; no ids and no names",
        "proof of deletion",
        "for good",
        "nothing, by purpose",
    ),
}
"""Every top folder, for docs/reference/data-map.md."""

_ID = r"([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
_FOLDER = re.compile(rf"[a-z]+/{_ID}/")
_JOB = re.compile(rf"[a-z]+/[^/]+/{_ID}(?:-\d+)?[./]")


class ObjectNames:
    def __init__(self, prefix: str = "") -> None:
        self.root = f"{prefix}/" if prefix else ""

    def folder(self, kind: Kind, key: uuid.UUID | None = None) -> str:
        """All objects of a kind, or of one lecture (of one job, for segments)."""
        return f"{self.root}{kind}/{key}/" if key else f"{self.root}{kind}/"

    def key_of(self, name: str) -> uuid.UUID | None:
        """The lecture (the job, for segments) whose folder an object lies in, if in any's."""
        match = _FOLDER.match(name.removeprefix(self.root))
        return uuid.UUID(match[1]) if match else None

    def job_of(self, name: str) -> uuid.UUID | None:
        """The job that wrote an object below a lecture's folder, if its name has one."""
        match = _JOB.match(name.removeprefix(self.root))
        return uuid.UUID(match[1]) if match else None

    def raw(self, lecture: uuid.UUID, upload: uuid.UUID, extension: str) -> str:
        return f"{self.folder('raw', lecture)}{upload}.{extension}"

    def silenced(self, lecture: uuid.UUID, job: uuid.UUID, attempt: int) -> str:
        return f"{self.folder('silenced', lecture)}{job}-{attempt}.m4a"

    def segment_audio(self, job: uuid.UUID, index: int, span: tuple[float, float]) -> str:
        """The span in milliseconds is part of the name: a segment cut otherwise by a later
        attempt, under other settings, is another object."""
        start, end = (round(second * 1000) for second in span)
        return f"{self.folder('segments', job)}{index:05d}_{start}-{end}.flac"

    def segment_transcript(self, job: uuid.UUID, index: int, attempt: int) -> str:
        return f"{self.folder('segments', job)}{index:05d}-{attempt}.json"

    def transcript(self, lecture: uuid.UUID, job: uuid.UUID, attempt: int) -> str:
        return f"{self.folder('transcripts', lecture)}{job}-{attempt}.json"

    def corrected_transcript(self, lecture: uuid.UUID, correction: uuid.UUID) -> str:
        return f"{self.folder('transcripts', lecture)}corrected/{correction}.json"

    def artifact(self, lecture: uuid.UUID, job: uuid.UUID, attempt: int, kind: str) -> str:
        return f"{self.folder('artifacts', lecture)}{job}-{attempt}/{kind}.json"

    def answer(self, lecture: uuid.UUID, job: uuid.UUID, question: str) -> str:
        """What a language model answered in the course of a job."""
        return f"{self.folder('artifacts', lecture)}{job}/answers/{question}.json"

    def export(self, lecture: uuid.UUID, job: uuid.UUID, attempt: int, type: str) -> str:
        """The name that a person sees is in the row, and comes with the download."""
        return f"{self.export_folder(lecture, job, attempt)}{type}"

    def is_export_of(self, name: str, type: str) -> bool:
        """False for a name of earlier versions, which ends in the titles' file name."""
        return name.rpartition("/")[2] == type

    def renamed_export(self, name: str, type: str) -> str:
        """The name of ids for an export of an earlier version."""
        return f"{name.rpartition('/')[0]}/{type}"

    def export_folder(self, lecture: uuid.UUID, job: uuid.UUID, attempt: int) -> str:
        """All files that one attempt of an export wrote."""
        return f"{self.folder('exports', lecture)}{job}-{attempt}/"

    def account_part(self, export: uuid.UUID, lease: uuid.UUID, part: str) -> str:
        """A part of an account's export, by the lease under which it was made."""
        return f"{self.folder('accounts', export)}{lease}/{part}.zip"

    def retention_report(self, started: datetime, run: uuid.UUID) -> str:
        return f"{self.root}{REPORTS}/retention/{started.astimezone(UTC):%Y-%m-%d}/{run}.json"

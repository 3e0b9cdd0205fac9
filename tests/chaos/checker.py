"""The independent checker: is everything there once, and nothing that should not be?

It shares no code with Pegasus: SQL of its own, the bucket's own listing, the brokers' and the
language model's own books. Whatever it finds is a sentence that begins with what is wrong:
lost, doubled, stuck, stale, differs, orphan, audit. remnants.py searches for what is left of what
was deleted.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tests.chaos.standins.clients import HandedIn, words_of
from tests.chaos.stored import Stored

ARTIFACTS = {"exam-questions", "flashcards", "key-terms", "outline", "summary"}
_MADE_BY = re.compile(r"(?P<job>[0-9a-f-]{36})-(?P<attempt>\d+)(?:/|\.json$)")


class Checker:
    def __init__(self, stored: Stored) -> None:
        self._stored = stored

    def check(
        self,
        handed_in: Sequence[HandedIn],
        *,
        undisturbed: Mapping[str, object],
        paid: Mapping[tuple[str, str], int],
        tasks: Mapping[str, set[str]],
        written: Mapping[str, int],
        removed: set[tuple[str, int | None]],
    ) -> list[str]:
        """Everything that is wrong. `undisturbed`: the words of each recording's transcript."""
        objects = {each["name"]: each for each in self._stored.objects()}
        return [
            *self._lectures(handed_in, objects, undisturbed),
            *self._stuck(),
            *self._results(objects),
            *self._doubled(handed_in, paid, tasks, written),
            *self._orphans(objects),
            *self._audit(objects, removed),
        ]

    # --- each accepted upload ends once ----------------------------------------------------

    def _lectures(
        self,
        handed_in: Sequence[HandedIn],
        objects: Mapping[str, Any],
        undisturbed: Mapping[str, object],
    ) -> Iterator[str]:
        rows = {
            row.slug: row
            for row in self._stored.rows(
                "SELECT slug, status, error, source_object, source_generation, source_crc32c, "
                "transcript_object FROM lectures"
            )
        }
        for lecture in handed_in:
            row = rows.pop(lecture.slug, None)
            if lecture.deleted:
                if row is not None:
                    yield f"audit: {lecture.slug} was deleted and is there"
                continue
            if lecture.mark is not None:
                yield f"stuck: {lecture.slug} was not deleted in time"
                continue
            if not lecture.accepted:
                continue
            if row is None:
                yield f"lost: {lecture.slug} has no row"
            elif row.status not in ("completed", "failed"):
                yield f"stuck: {lecture.slug} is {row.status}"
            elif row.status == "failed" and not (row.error or {}).get("code"):
                yield f"lost: {lecture.slug} failed without a reason"
            elif row.status == "completed":
                yield from self._completed(lecture, row, objects, undisturbed)
        for slug in rows:
            yield f"doubled: {slug} was never submitted"

    def _completed(
        self,
        lecture: HandedIn,
        row: Any,
        objects: Mapping[str, Any],
        undisturbed: Mapping[str, object],
    ) -> Iterator[str]:
        recording = objects.get(row.source_object)
        if recording is None:
            yield f"lost: the recording of {lecture.slug}"
        elif (int(recording["generation"]), recording["crc32c"]) != (
            row.source_generation,
            row.source_crc32c,
        ):
            yield f"differs: the recording of {lecture.slug} is not the one that was accepted"
        if row.transcript_object not in objects:
            yield f"lost: the transcript of {lecture.slug}"
            return
        said = words_of(json.loads(self._stored.read(row.transcript_object)))
        if said != undisturbed[lecture.recording]:
            yield f"differs: the words of {lecture.slug}"

    # --- nothing is left under way ----------------------------------------------------------

    def _stuck(self) -> Iterator[str]:
        for row in self._stored.rows(
            "SELECT id, type, status, lease_expires_at < now() AS dead FROM jobs "
            "WHERE status IN ('queued', 'running')"
        ):
            yield f"stuck: {row.type} job {row.id} is {row.status}, lease dead: {row.dead}"
        for row in self._stored.rows(
            "SELECT s.job_id, s.index, s.status FROM segments s JOIN jobs j ON j.id = s.job_id "
            # Under a job that has failed a segment stays as its last worker left it: no worker may
            # claim it, and a replay takes over only what is done.
            "WHERE (s.status = 'running' AND j.status IN ('queued', 'running')) "
            "OR (s.status <> 'succeeded' AND j.status = 'succeeded')"
        ):
            yield f"stuck: segment {row.index} of {row.job_id} is {row.status}"
        for row in self._stored.rows(
            "SELECT id, destination FROM outbox WHERE published_at IS NULL"
        ):
            yield f"stuck: message {row.id} to {row.destination} was never sent"
        for row in self._stored.rows("SELECT id, source FROM dead_letters WHERE job_id IS NULL"):
            yield f"lost: a message of {row.source} that no function could handle"

    # --- what counts is whole, and was made by the holder of the lease -------------------------

    def _results(self, objects: Mapping[str, Any]) -> Iterator[str]:
        for row in self._stored.rows(
            "SELECT l.slug, count(DISTINCT a.type) AS artifacts, count(DISTINCT e.type) AS exports "
            "FROM lectures l LEFT JOIN artifacts a ON a.lecture_id = l.id "
            "LEFT JOIN exports e ON e.lecture_id = l.id "
            "WHERE l.status = 'completed' GROUP BY l.slug"
        ):
            if row.artifacts != len(ARTIFACTS):
                yield f"lost: {row.slug} has {row.artifacts} artifacts"
            if row.exports < self._formats:
                yield f"lost: {row.slug} has {row.exports} exports"
        for row in self._stored.rows(
            "SELECT a.object, a.size, NULL AS sha256, j.id AS job_id, j.attempt FROM artifacts a "
            "JOIN jobs j ON j.id = a.job_id UNION ALL "
            "SELECT e.object, e.size, e.sha256, j.id, j.attempt FROM exports e "
            "JOIN jobs j ON j.id = e.job_id UNION ALL "
            "SELECT l.transcript_object, NULL, NULL, j.id, j.attempt FROM lectures l "
            "JOIN jobs j ON l.transcript_object LIKE '%' || j.id || '-%'"
        ):
            yield from self._result(row, objects)
        for row in self._stored.rows(
            "SELECT transcript_object, job_id, index, attempt FROM segments s "
            "WHERE status = 'succeeded' AND NOT EXISTS (SELECT FROM jobs WHERE id = s.job_id "
            "AND replayed_from IS NOT NULL)"
        ):
            if not row.transcript_object.endswith(f"-{row.attempt}.json"):
                yield (
                    f"stale: segment {row.index} of {row.job_id} is what a replaced worker "
                    f"wrote: {row.transcript_object}, attempt {row.attempt}"
                )

    def _result(self, row: Any, objects: Mapping[str, Any]) -> Iterator[str]:
        stored = objects.get(row.object)
        if stored is None:
            yield f"lost: {row.object}"
            return
        if row.size is not None and int(stored["size"]) != row.size:
            yield f"differs: {row.object} has {stored['size']} bytes, not {row.size}"
        if row.sha256 and hashlib.sha256(self._stored.read(row.object)).hexdigest() != row.sha256:
            yield f"differs: {row.object}"
        made = _MADE_BY.search(row.object)
        # An attempt takes the job over from the one before it: what that one wrote is void.
        if made and made["job"] == str(row.job_id) and int(made["attempt"]) < row.attempt:
            yield f"stale: {row.object} is what a replaced worker wrote ({row.attempt} tries)"

    # --- nothing is there twice ---------------------------------------------------------------

    def _doubled(
        self,
        handed_in: Sequence[HandedIn],
        paid: Mapping[tuple[str, str], int],
        tasks: Mapping[str, set[str]],
        written: Mapping[str, int],
    ) -> Iterator[str]:
        yield from self._repeated_jobs(handed_in)
        for row in self._stored.rows("SELECT id, history FROM jobs"):
            ends = [e for e in row.history if e["status"] in ("succeeded", "failed")]
            if len(ends) != 1:
                yield f"doubled: job {row.id} has {len(ends)} ends"
        for row in self._stored.rows(
            "SELECT thread_id, lecture_id, quote, start_sec, count(*) AS times "
            "FROM thread_occurrences GROUP BY 1, 2, 3, 4 HAVING count(*) > 1"
        ):
            yield f"doubled: an occurrence of thread {row.thread_id}"
        for table in ("artifacts", "exports"):
            for row in self._stored.rows(
                f"SELECT lecture_id, type FROM {table} GROUP BY 1, 2 HAVING count(*) > 1"  # noqa: S608
            ):
                yield f"doubled: {row.type} of {row.lecture_id} in {table}"
        attempts = {row.slug: row.attempts for row in self._stored.rows(_GENERATION_ATTEMPTS)}
        for (lecture, question), times in paid.items():
            # An attempt that dies between an answer and its keeping costs one of them.
            if times > max(1, attempts.get(lecture, times)):
                yield f"doubled: {lecture} paid {times} times for one answer ({question[:12]})"
        sent = Counter(
            f"{row.payload['jobId']}/{row.payload['index']}"
            for row in self._stored.rows(
                "SELECT payload FROM outbox WHERE destination = 'segments'"
            )
        )
        for work, names in tasks.items():
            if work in sent and len(names) > sent[work]:
                yield f"doubled: {len(names)} tasks for {sent[work]} messages of segment {work}"
        for name, times in written.items():
            if times > 1:
                yield f"doubled: {name} was written {times} times"

    def _repeated_jobs(self, handed_in: Sequence[HandedIn]) -> Iterator[str]:
        changed = Counter(lecture.course for lecture in handed_in if lecture.mark)
        courses = {lecture.slug: lecture.course for lecture in handed_in}
        for row in self._stored.rows(
            "SELECT l.slug, j.type, count(*) AS times FROM jobs j "
            "JOIN lectures l ON l.id = j.lecture_id WHERE j.replayed_from IS NULL "
            "AND j.status = 'succeeded' AND NOT j.run_again "
            # The files of the transcript come before the export, unless that overtakes them.
            "AND NOT j.params ? 'transcript_only' GROUP BY l.slug, j.type "
            "HAVING count(*) > 1"
        ):
            # A correction, a wish (`Plan.repeated`) and a deletion have others' files made again.
            again = 3 * changed[courses[row.slug]] if row.type == "export" else 0
            if row.times > 1 + again:
                yield f"doubled: {row.times} {row.type} jobs of {row.slug} succeeded"

    # --- every row and object has an owner ---------------------------------------------------

    def _orphans(self, objects: Mapping[str, Any]) -> Iterator[str]:
        lectures = {str(row.id) for row in self._stored.rows("SELECT id FROM lectures")}
        lectures |= {
            str(row.lecture_id) for row in self._stored.rows("SELECT lecture_id FROM purges")
        }
        jobs = {str(row.id) for row in self._stored.rows("SELECT id FROM jobs")}
        purged = " ".join(
            folder
            for row in self._stored.rows("SELECT folders FROM purges")
            for folder in row.folders
        )
        for name in objects:
            kind, _, rest = name.partition("/")
            if kind == "reports":
                continue
            key = rest.partition("/")[0]
            owners = jobs if kind == "segments" else lectures
            if key not in owners and f"{kind}/{key}/" not in purged:
                yield f"orphan: {name} belongs to no lecture"

    # --- what is gone was meant to go ---------------------------------------------------------

    def _audit(
        self, objects: Mapping[str, Any], removed: set[tuple[str, int | None]]
    ) -> Iterator[str]:
        told = {
            (row.subject.removeprefix(f"gs://{self._stored.bucket}/"), row.generation): row.outcome
            for row in self._stored.rows(
                "SELECT subject, generation, outcome FROM deletion_audit_events"
            )
        }
        generations = {generation for _, generation in told if generation}
        for (name, generation), outcome in told.items():
            there = objects.get(name)
            if outcome == "deleted" and there and int(there["generation"]) == generation:
                yield f"audit: {name} is said to be deleted, and is there"
        for name, generation in removed:
            if generation is not None and generation not in generations:
                yield f"audit: nothing tells who deleted {name}"

    # ------------------------------------------------------------------------------------------

    @property
    def _formats(self) -> int:
        """As many as any lecture has."""
        return max(
            (
                row.files
                for row in self._stored.rows(
                    "SELECT count(*) AS files FROM exports GROUP BY lecture_id"
                )
            ),
            default=0,
        )


_GENERATION_ATTEMPTS = (
    "SELECT l.slug, sum(j.attempt) AS attempts FROM jobs j JOIN lectures l ON l.id = j.lecture_id "
    "WHERE j.type = 'generation' GROUP BY l.slug"
)

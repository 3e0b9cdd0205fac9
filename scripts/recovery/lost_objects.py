"""Finds objects that rows refer to and the bucket lacks, and restores them.

Cloud Storage restores a deleted object as a new generation. The rows of lectures name the
generation of their recording, so they have to be updated.
"""

from dataclasses import dataclass

from sqlalchemy import update

from scripts.integrity.checking import Finding, check_bucket
from shared.models import Lecture
from shared.runtime import Runtime


@dataclass(frozen=True)
class State:
    missing: tuple[str, ...]
    """As `gs://` URIs."""
    renumbered: tuple[Finding, ...]
    """Recordings that are what was accepted, byte for byte, in another generation."""


def look(rt: Runtime) -> State:
    """Raises TransientError, and what the database raises."""
    missing, renumbered = [], []
    for checked in check_bucket(rt, deep=False):
        for finding in checked.findings:
            if finding.problem == "row_without_object":
                missing.append(rt.store.uri(finding.name))
            elif _only_renumbered(finding):
                renumbered.append(finding)
    return State(tuple(missing), tuple(renumbered))


def _only_renumbered(finding: Finding) -> bool:
    stored, expected = finding.stored, finding.expected
    return (
        finding.problem == "differs"
        and stored is not None
        and expected is not None
        and expected.kind == "recording"
        and (stored.size, stored.crc32c) == (expected.size, expected.crc32c)
    )


def adopt(rt: Runtime, recordings: tuple[Finding, ...]) -> int:
    """Record the current generations in the rows; returns how many rows were updated."""
    adopted = 0
    for each in recordings:
        if each.stored is None or each.expected is None:
            continue
        with rt.transaction() as tx:
            told = tx.session.scalar(
                update(Lecture)
                .where(
                    Lecture.id == each.lecture_id,
                    Lecture.source_object == each.name,
                    Lecture.source_generation == each.expected.generation,
                )
                .values(source_generation=each.stored.generation)
                .returning(Lecture.id)
            )
            tx.commit()
        adopted += told is not None
    return adopted

"""Pegasus without one of its safeguards: what the suite has to notice.

Each is taken away where it is put in, by a part of the runtime that does everything else
as before, or by a trigger of the database.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any

from google.cloud.storage.retry import DEFAULT_RETRY
from sqlalchemy import select
from sqlalchemy.orm import Session

from shared.config import Settings
from shared.errors import LeaseLostError
from shared.messaging.outbox import Outbox
from shared.models import Job, Segment
from shared.runtime import Runtime
from shared.storage.bucket import ObjectStore, StoredObject
from shared.work.jobs import Jobs
from shared.work.leases import Lease, SegmentLease
from shared.work.segments import Segments


def without(safeguard: str | None, rt: Runtime) -> Runtime:
    return SAFEGUARDS.get(safeguard, _as_it_is)(rt) if safeguard else rt


def _as_it_is(rt: Runtime) -> Runtime:
    """The safeguard is taken away in the database."""
    return rt


# --- fencing: a worker may write its result after it lost the lease ---------


class _UnfencedJobs(Jobs):
    def renew(self, lease: Lease) -> bool:
        super().renew(lease)
        return True

    def hold(self, session: Session, lease: Lease) -> Job:
        return super().hold(session, _whatever_holds(session, lease))

    def complete(self, session: Session, lease: Lease, **result: Any) -> None:
        super().complete(session, _whatever_holds(session, lease), **result)

    def fail(self, lease: Lease, failure: Any) -> Any:
        with self._transactions.begin() as tx:
            lease = _whatever_holds(tx.session, lease)
        return super().fail(lease, failure)


def _whatever_holds(session: Session, lease: Lease) -> Lease:
    token = session.scalar(select(Job.lease_token).where(Job.id == lease.job_id))
    return replace(lease, token=token) if token else lease


class _UnfencedSegments(Segments):
    def renew(self, lease: SegmentLease) -> bool:
        super().renew(lease)
        return True

    def complete(self, lease: SegmentLease, transcript: str) -> Lease | None:
        with self._transactions.begin() as tx:
            segment = tx.session.get(Segment, (lease.job_id, lease.index))
            if segment is None:
                raise LeaseLostError()
            # Whatever state it is in now: to the writer it is still theirs.
            segment.status = type(segment.status).RUNNING
            segment.lease_token = segment.lease_token or uuid.uuid4()
            segment.lease_expires_at = segment.lease_expires_at or self._clock()
            token = segment.lease_token
            tx.commit()
        return super().complete(replace(lease, token=token), transcript)


def _fencing(rt: Runtime) -> Runtime:
    return _working_with(rt, _UnfencedJobs, _UnfencedSegments)


# --- outbox: a message is sent after the commit, or never ------------------------------------


class _SendOnce(Outbox):
    def sweep(self, *, older_than: timedelta) -> int:
        return 0


def _outbox(rt: Runtime) -> Runtime:
    return _working_with(replace(rt, outbox=_SendOnce(rt.database, rt.messages, rt.clock)))


# --- lease expiry: a claim lasts for ever --------------------------------------------------


def _lease_expiry(rt: Runtime) -> Runtime:
    settings = Settings.model_validate({**rt.settings.model_dump(), "plc_lease_sec": 600})
    return _working_with(replace(rt, settings=settings))


def _working_with(
    rt: Runtime, jobs_of: type[Jobs] = Jobs, segments_of: type[Segments] = Segments
) -> Runtime:
    """With protocols that use the parts that the runtime has now."""
    parts: Any = {"clock": rt.clock, "new_id": rt.new_id, "settings": rt.settings}
    jobs = jobs_of(rt.transactions, **parts)
    return replace(rt, jobs=jobs, segments=segments_of(rt.transactions, jobs, **parts))


# --- task deduplication: the queue takes a message as often as it is sent --------------------


class _EveryTask:
    def __init__(self, rt: Runtime) -> None:
        self._messages, self._new_id = rt.messages, rt.new_id

    def send(
        self,
        destination: str,
        payload: Mapping[str, Any],
        *,
        attributes: Mapping[str, str],
        dedup_key: str,
    ) -> None:
        self._messages.send(
            destination, payload, attributes=attributes, dedup_key=f"{dedup_key}-{self._new_id()}"
        )

    def check(self) -> None:
        self._messages.check()


def _task_dedup(rt: Runtime) -> Runtime:
    messages = _EveryTask(rt)
    outbox = Outbox(rt.database, messages, rt.clock)
    return _working_with(replace(rt, messages=messages, outbox=outbox))


# --- generation preconditions: what is there is written over ---------------------------------


class _OverwritingStore(ObjectStore):
    def create(self, name: str, data: bytes, content_type: str) -> StoredObject:
        blob = self._bucket.blob(name)
        blob.upload_from_string(data, content_type=content_type, retry=DEFAULT_RETRY)
        stored = self.stat(name)
        assert stored is not None
        return stored

    def signed_upload_url(self, name: str, **terms: Any) -> tuple[str, dict[str, str]]:
        sizes = terms["sizes"]
        headers = {
            "content-type": terms["content_type"],
            "x-goog-content-length-range": f"{sizes[0]},{sizes[1]}",
            "x-goog-resumable": "start",
        }
        url = self._bucket.blob(name).generate_signed_url(
            version="v4",
            method="POST",
            expiration=terms["ttl"],
            content_type=terms["content_type"],
            headers={k: v for k, v in headers.items() if k != "content-type"},
            **self._signing_options(),
        )
        return url, headers


def _preconditions(rt: Runtime) -> Runtime:
    return replace(rt, store=_OverwritingStore.from_settings(rt.settings))


# --- purges: what is deleted leaves the bucket --------------------------------------------------


class _KeepingStore(ObjectStore):
    def delete(self, name: str, *, generation: int | None = None) -> bool:
        return self.stat(name) is not None


def _purges(rt: Runtime) -> Runtime:
    return replace(rt, store=_KeepingStore.from_settings(rt.settings))


SAFEGUARDS: Mapping[str, Callable[[Runtime], Runtime]] = {
    "fencing": _fencing,
    "outbox": _outbox,
    "lease-expiry": _lease_expiry,
    "task-dedup": _task_dedup,
    "generation-precondition": _preconditions,
    "purges": _purges,
}

IN_DATABASE: Mapping[str, str] = {
    # Files say which other lectures they repeat: with these they are withdrawn.
    "repetitions": """
CREATE FUNCTION without_repetitions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.sources := '{}';
    RETURN NEW;
END $$;
CREATE TRIGGER without_repetitions BEFORE INSERT OR UPDATE ON exports
FOR EACH ROW EXECUTE FUNCTION without_repetitions();
""",
}
"""Safeguards that a trigger takes away."""

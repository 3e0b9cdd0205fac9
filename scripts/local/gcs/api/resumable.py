"""Resumable uploads: "Resumable uploads" and "Perform resumable uploads".

The length of a session's file is how much has arrived, so the bytes of a broken
request count, and a killed server knows as much after its restart. Bytes the client
sends again are skipped, never appended twice. The object appears with its last byte.
"""

import os
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from scripts.local.gcs.errors import Refusal, StorageError
from scripts.local.gcs.http.content_range import UploadRange, whole_units
from scripts.local.gcs.http.messages import Body
from scripts.local.gcs.objects.catalog import Catalog
from scripts.local.gcs.objects.checksums import Expected, measure
from scripts.local.gcs.objects.resources import ObjectRecord
from scripts.local.gcs.objects.sessions import Session, SessionTable, SizeLimits, Terms
from scripts.local.gcs.objects.store import Store


@dataclass
class _Gate:
    """Lets one request at a time append to a session's file: the newest."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    writer: object = None


@dataclass(frozen=True)
class Progress:
    """Of a session: bytes kept so far, and the object once it is there."""

    received: int
    record: ObjectRecord | None = None


class ResumableUploads:
    """Raises StorageError for whatever Cloud Storage would refuse."""

    def __init__(self, store: Store, sessions: SessionTable, catalog: Catalog) -> None:
        self._store = store
        self._sessions = sessions
        self._catalog = catalog
        self._gates: dict[str, _Gate] = {}

    def start(self, terms: Terms) -> Session:
        self._store.check_may_write(terms.bucket, terms.name, terms.preconditions)
        if terms.total is not None:
            terms.limits.check(terms.total)
        with self._store.new_content() as path:
            return self._sessions.add(terms, path)

    def cancel(self, session_id: str) -> None:
        """The bytes are dropped; a finished upload stays."""
        gate = self._gates.setdefault(session_id, _Gate())
        with gate.lock:
            session = self._sessions.get(session_id)
            if session.completed is None:
                gate.writer = None
                self._sessions.remove(session)
                self._path(session).unlink()

    def receive(
        self, session_id: str, upload_range: UploadRange, body: Body, expected: Expected
    ) -> Progress:
        """Take what a PUT brings, or answer its status query."""
        gate = self._gates.setdefault(session_id, _Gate())
        with gate.lock:
            session = self._sessions.get(session_id)
            if session.completed is not None:
                return Progress(session.completed.size, session.completed)
            if upload_range.total is not None:
                session.terms.limits.check(upload_range.total)
                session = self._sessions.announce_total(session, upload_range.total)
            size = self._path(session).stat().st_size
            if upload_range.start is None:
                if size == upload_range.total:
                    return self._complete(session, expected)
                return Progress(whole_units(size))
            kept = whole_units(size)
            if upload_range.start > kept:
                raise StorageError(
                    Refusal.INVALID,
                    "Invalid request.  According to the Content-Range header, the upload offset "
                    f"is {upload_range.start} byte(s), which exceeds already uploaded size of "
                    f"{kept} byte(s).",
                )
            file = self._path(session).open("ab")
            file.truncate(kept)
            writer = gate.writer = object()
        with file:
            skip = kept - upload_range.start
            _append(file, gate, writer, body, skip=skip, limits=session.terms.limits)
        with gate.lock:
            _require_writer(gate, writer)
            return self._conclude(session_id, upload_range, expected)

    def _conclude(self, session_id: str, upload_range: UploadRange, expected: Expected) -> Progress:
        """After the last byte of a body, under the session's lock."""
        session = self._sessions.get(session_id)
        if session.completed is not None:  # by a status query that was quicker
            return Progress(session.completed.size, session.completed)
        size = self._path(session).stat().st_size
        if upload_range.is_last and upload_range.total in (None, size):
            return self._complete(session, expected)
        os.truncate(self._path(session), whole_units(size))
        return Progress(whole_units(size))

    def _complete(self, session: Session, expected: Expected) -> Progress:
        """Commit the object, under the session's lock."""
        terms = session.terms
        content = measure(self._path(session))
        terms.limits.check(content.size)
        expected.or_else(crc32c=terms.crc32c, md5=terms.md5).verify(content)
        with self._catalog.transaction() as transaction:
            record = self._store.finalize(
                transaction,
                terms.bucket,
                terms.name,
                content,
                attributes=terms.attributes,
                preconditions=terms.preconditions,
            )
            self._sessions.complete(transaction, session, record)
        return Progress(record.size, record)

    def _path(self, session: Session) -> Path:
        return self._store.content_path(session.content)


def _append(
    file: BinaryIO, gate: _Gate, writer: object, body: Body, *, skip: int, limits: SizeLimits
) -> None:
    """Add the body to the file, less the `skip` bytes that are there already."""
    while block := body.read():
        new = block[skip:]
        skip -= len(block) - len(new)
        # Not held while waiting for the network: a client whose connection hangs may
        # ask, and continue over a new one.
        with gate.lock:
            _require_writer(gate, writer)
            file.write(new)
            file.flush()
            limits.check_most(file.tell())


def _require_writer(gate: _Gate, writer: object) -> None:
    if gate.writer is not writer:
        raise StorageError(Refusal.SUPERSEDED, "Another request has taken the upload over.")

"""Buckets and objects on disk.

The bytes of an object lie in a file of their own that is never changed; the row in
the catalog says which file counts. A process killed at any moment leaves the old
object or the new one, and at worst a file no row names, which the next start removes.
"""

import re
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO

from scripts.local.gcs.errors import Refusal, StorageError
from scripts.local.gcs.objects.catalog import Catalog, Transaction
from scripts.local.gcs.objects.checksums import Content, Expected, measure
from scripts.local.gcs.objects.notifications import Outbox
from scripts.local.gcs.objects.preconditions import Preconditions
from scripts.local.gcs.objects.resources import (
    Attributes,
    BucketRecord,
    ObjectRecord,
    check_object_name,
)
from scripts.local.gcs.objects.rows import (
    live_object,
    object_record,
    require_bucket,
    require_object,
)


class Store:
    """Raises StorageError for whatever Cloud Storage would refuse."""

    def __init__(
        self, root: Path, catalog: Catalog, outbox: Outbox, *, now: Callable[[], datetime]
    ) -> None:
        self._contents = root / "content"
        self._contents.mkdir(parents=True, exist_ok=True)
        self._catalog = catalog
        self._outbox = outbox
        self._now = now
        self._remove_orphans()

    def _remove_orphans(self) -> None:
        with self._catalog.transaction() as transaction:
            rows = transaction.execute(
                "SELECT content FROM objects UNION SELECT content FROM sessions"
            )
        named = {row["content"] for row in rows}
        for path in self._contents.iterdir():
            if path.name not in named:
                path.unlink()

    # --- buckets ---

    def create_bucket(self, name: str, location: str) -> BucketRecord:
        if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]", name):
            raise StorageError(Refusal.INVALID, f"Invalid bucket name: '{name[:80]}'")
        record = BucketRecord(name, location, self._now())
        with self._catalog.transaction() as transaction:
            if transaction.execute("SELECT 1 FROM buckets WHERE name = ?", (name,)):
                raise StorageError(
                    Refusal.BUCKET_EXISTS,
                    "Your previous request to create the named bucket succeeded and you already "
                    "own it.",
                )
            transaction.execute(
                "INSERT INTO buckets VALUES (?, ?, ?)",
                (name, location, record.created.isoformat()),
            )
        return record

    def bucket(self, name: str) -> BucketRecord:
        with self._catalog.transaction() as transaction:
            return require_bucket(transaction, name)

    # --- reading ---

    def find(self, bucket: str, name: str, generation: int | None = None) -> ObjectRecord:
        with self._catalog.transaction() as transaction:
            return require_object(transaction, bucket, name, generation)

    def open(
        self, bucket: str, name: str, generation: int | None, preconditions: Preconditions
    ) -> tuple[ObjectRecord, BinaryIO]:
        """The record and its bytes; they belong together, and stay readable if replaced."""
        with self._catalog.transaction() as transaction:
            record = require_object(transaction, bucket, name, generation)
            preconditions.check_read(record)
            return record, (self._contents / record.content).open("rb")

    def names(self, bucket: str, prefix: str, after: str) -> Iterator[ObjectRecord]:
        """Records under a prefix from the name `after` on, in order of their UTF-8 names."""
        start = max(prefix, after)
        inclusive = True
        while True:
            with self._catalog.transaction() as transaction:
                require_bucket(transaction, bucket)
                rows = transaction.execute(
                    "SELECT * FROM objects WHERE bucket = ? AND (name > ? OR (name = ? AND ?))"
                    " ORDER BY name LIMIT 500",
                    (bucket, start, start, inclusive),
                )
            for row in rows:
                if not row["name"].startswith(prefix):
                    return
                yield object_record(row)
            if not rows:
                return
            start, inclusive = rows[-1]["name"], False

    # --- writing ---

    @contextmanager
    def new_content(self) -> Iterator[Path]:
        """A file for bytes to come; gone again if the block fails."""
        path = self.content_path(uuid.uuid4().hex)
        path.touch()
        try:
            yield path
        except BaseException:
            path.unlink(missing_ok=True)
            raise

    def content_path(self, content: str) -> Path:
        return self._contents / content

    def put(
        self,
        bucket: str,
        name: str,
        path: Path,
        *,
        attributes: Attributes,
        preconditions: Preconditions,
        expected: Expected,
        component_count: int | None = None,
    ) -> ObjectRecord:
        """Make the bytes in `path` the object's new generation."""
        content = measure(path)
        expected.verify(content)
        with self._catalog.transaction() as transaction:
            return self.finalize(
                transaction,
                bucket,
                name,
                content,
                attributes=attributes,
                preconditions=preconditions,
                component_count=component_count,
            )

    def finalize(
        self,
        transaction: Transaction,
        bucket: str,
        name: str,
        content: Content,
        *,
        attributes: Attributes,
        preconditions: Preconditions,
        component_count: int | None = None,
    ) -> ObjectRecord:
        """`put`, as part of a larger transaction."""
        check_object_name(name)
        require_bucket(transaction, bucket)
        replaced = live_object(transaction, bucket, name)
        preconditions.check_create(replaced)
        now = self._now()
        record = ObjectRecord(
            bucket=bucket,
            name=name,
            generation=transaction.next_generation(int(now.timestamp() * 1_000_000)),
            metageneration=1,
            size=content.size,
            crc32c=content.crc32c,
            md5=content.md5 if component_count is None else None,
            component_count=component_count,
            attributes=attributes,
            created=now,
            updated=now,
            content=content.path.name,
        )
        if replaced is not None:
            self._remove(transaction, replaced)
        row = record.model_dump(mode="json") | {"attributes": attributes.model_dump_json()}
        marks = ", ".join("?" * len(row))
        transaction.execute(
            f"INSERT INTO objects ({', '.join(row)}) VALUES ({marks})",  # noqa: S608
            tuple(row.values()),
        )
        self._outbox.finalized(transaction, record, replaced)
        return record

    def patch(
        self,
        bucket: str,
        name: str,
        generation: int | None,
        change: dict[str, Any],
        preconditions: Preconditions,
    ) -> ObjectRecord:
        with self._catalog.transaction() as transaction:
            record = require_object(transaction, bucket, name, generation)
            preconditions.check_write(record)
            changed = record.model_copy(
                update={
                    "attributes": record.attributes.patched(change),
                    "metageneration": record.metageneration + 1,
                    "updated": self._now(),
                }
            )
            transaction.execute(
                "UPDATE objects SET attributes = ?, metageneration = ?, updated = ?"
                " WHERE bucket = ? AND name = ?",
                (
                    changed.attributes.model_dump_json(),
                    changed.metageneration,
                    changed.updated.isoformat(),
                    bucket,
                    name,
                ),
            )
        return changed

    def delete(
        self, bucket: str, name: str, generation: int | None, preconditions: Preconditions
    ) -> None:
        with self._catalog.transaction() as transaction:
            record = require_object(transaction, bucket, name, generation)
            preconditions.check_write(record)
            self._remove(transaction, record)

    def check_may_write(self, bucket: str, name: str, preconditions: Preconditions) -> None:
        """What can be refused before the bytes are sent."""
        check_object_name(name)
        with self._catalog.transaction() as transaction:
            require_bucket(transaction, bucket)
            preconditions.check_create(live_object(transaction, bucket, name))

    def _remove(self, transaction: Transaction, record: ObjectRecord) -> None:
        transaction.execute(
            "DELETE FROM objects WHERE bucket = ? AND name = ?", (record.bucket, record.name)
        )
        path = self.content_path(record.content)
        transaction.after_commit(lambda: path.unlink(missing_ok=True))

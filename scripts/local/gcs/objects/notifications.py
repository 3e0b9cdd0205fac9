"""Bucket notifications to Pub/Sub: "Pub/Sub notifications for Cloud Storage".

A notification is written in the transaction that finalizes its object and deleted
when it has been published, so none is lost, and one may be sent twice.
"""

import json
import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from scripts.local.gcs.objects.catalog import Catalog, Transaction
from scripts.local.gcs.objects.resources import ObjectRecord

_log = logging.getLogger(__name__)

RETRY_SECONDS = 0.5


class Publish(Protocol):
    """Hands a message to Pub/Sub; raises if it has not taken it."""

    def __call__(self, topic: str, data: bytes, attributes: dict[str, str], /) -> object: ...


@dataclass(frozen=True)
class BucketNotification:
    bucket: str
    topic: str
    event_types: tuple[str, ...] = ("OBJECT_FINALIZE",)
    object_name_prefix: str = ""

    def __post_init__(self) -> None:
        if set(self.event_types) != {"OBJECT_FINALIZE"}:
            raise ValueError(f"only OBJECT_FINALIZE is sent, not {self.event_types}")

    def covers(self, record: ObjectRecord) -> bool:
        return record.bucket == self.bucket and record.name.startswith(self.object_name_prefix)


class Outbox:
    """Notifications that wait to be published."""

    def __init__(
        self, configs: Sequence[BucketNotification], *, base_url: Callable[[], str]
    ) -> None:
        self._configs = configs
        self._base_url = base_url
        self.filled = threading.Event()

    def finalized(
        self, transaction: Transaction, record: ObjectRecord, replaced: ObjectRecord | None
    ) -> None:
        for number, config in enumerate(self._configs, start=1):
            if not config.covers(record):
                continue
            attributes = {
                "notificationConfig": (
                    f"projects/_/buckets/{record.bucket}/notificationConfigs/{number}"
                ),
                "eventType": "OBJECT_FINALIZE",
                "payloadFormat": "JSON_API_V1",
                "bucketId": record.bucket,
                "objectId": record.name,
                "objectGeneration": str(record.generation),
                "eventTime": _microseconds(record.created),
            }
            if replaced is not None:
                attributes["overwroteGeneration"] = str(replaced.generation)
            data = json.dumps(record.as_json(self._base_url()), indent=2).encode()
            transaction.execute(
                "INSERT INTO notifications (topic, data, attributes) VALUES (?, ?, ?)",
                (config.topic, data, json.dumps(attributes)),
            )
            transaction.after_commit(self.filled.set)


class Publisher:
    """The thread that empties the outbox."""

    def __init__(self, catalog: Catalog, outbox: Outbox, publish: Publish) -> None:
        self._catalog = catalog
        self._outbox = outbox
        self._publish = publish
        self._stopping = False
        self._thread = threading.Thread(target=self._run, name="gcs-notifications", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopping = True
        self._outbox.filled.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._stopping:
            all_sent = self._publish_pending()
            self._outbox.filled.wait(timeout=None if all_sent else RETRY_SECONDS)
            self._outbox.filled.clear()

    def _publish_pending(self) -> bool:
        with self._catalog.transaction() as transaction:
            pending = transaction.execute("SELECT * FROM notifications ORDER BY id")
        all_sent = True
        for row in pending:
            if self._stopping:
                return False
            try:
                self._publish(row["topic"], row["data"], json.loads(row["attributes"]))
            except Exception as error:
                # Whatever Pub/Sub's client raises: the message stays until it is taken.
                _log.warning("notification to %s not published yet: %s", row["topic"], error)
                all_sent = False
                continue
            with self._catalog.transaction() as transaction:
                transaction.execute("DELETE FROM notifications WHERE id = ?", (row["id"],))
        return all_sent


def _microseconds(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds").replace("+00:00", "Z")

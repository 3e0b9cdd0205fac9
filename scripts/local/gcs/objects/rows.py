"""Reading the catalog's rows as records."""

from datetime import datetime
from typing import Any

from scripts.local.gcs.errors import Refusal, StorageError
from scripts.local.gcs.objects.catalog import Transaction
from scripts.local.gcs.objects.resources import Attributes, BucketRecord, ObjectRecord


def require_bucket(transaction: Transaction, name: str) -> BucketRecord:
    rows = transaction.execute("SELECT * FROM buckets WHERE name = ?", (name,))
    if not rows:
        raise StorageError(Refusal.NO_BUCKET, "The specified bucket does not exist.")
    (row,) = rows
    return BucketRecord(row["name"], row["location"], datetime.fromisoformat(row["created"]))


def live_object(transaction: Transaction, bucket: str, name: str) -> ObjectRecord | None:
    rows = transaction.execute(
        "SELECT * FROM objects WHERE bucket = ? AND name = ?", (bucket, name)
    )
    return object_record(rows[0]) if rows else None


def require_object(
    transaction: Transaction, bucket: str, name: str, generation: int | None
) -> ObjectRecord:
    require_bucket(transaction, bucket)
    record = live_object(transaction, bucket, name)
    if record is None or generation not in (None, record.generation):
        version = "" if generation is None else f"#{generation}"
        raise StorageError(Refusal.NO_OBJECT, f"No such object: {bucket}/{name}{version}")
    return record


def object_record(row: dict[str, Any]) -> ObjectRecord:
    attributes = Attributes.model_validate_json(row["attributes"])
    return ObjectRecord.model_validate({**row, "attributes": attributes})

"""A stand-in for Cloud Storage, for the local stack and tests.

It does what Pegasus uses of it, and that as Google does it, refusals included.
"""

from scripts.local.gcs.http.signing_key import ensure_service_account_key
from scripts.local.gcs.objects.notifications import BucketNotification, Publish
from scripts.local.gcs.server import StorageServer

__all__ = ["BucketNotification", "Publish", "StorageServer", "ensure_service_account_key"]

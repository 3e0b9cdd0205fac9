"""A stand-in for Cloud Storage, for the local stack and tests.

It does what Pegasus uses of it, and that as Google does it, refusals included.
"""

from scripts.local.gcs.notifications import BucketNotification, Publish
from scripts.local.gcs.server import StorageServer
from scripts.local.gcs.signing_key import ensure_service_account_key

__all__ = ["BucketNotification", "Publish", "StorageServer", "ensure_service_account_key"]

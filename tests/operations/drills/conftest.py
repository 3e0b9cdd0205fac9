"""The parts that the integration tests use: one Postgres, a database for each test."""

from tests.integration.conftest import (
    _logs,
    clock,
    cluster,
    cluster_folder,
    database,
    messages,
    runtime,
    signing_key_file,
    storage_server,
    storage_settings,
    store,
)

__all__ = [
    "_logs",
    "clock",
    "cluster",
    "cluster_folder",
    "database",
    "messages",
    "runtime",
    "signing_key_file",
    "storage_server",
    "storage_settings",
    "store",
]

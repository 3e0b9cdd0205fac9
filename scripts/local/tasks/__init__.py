"""A stand-in for Google Cloud Tasks that speaks its gRPC protocol."""

from scripts.local.tasks.server import TasksServer

__all__ = ["TasksServer"]

"""A stand-in for Google Cloud Pub/Sub that speaks its gRPC protocol."""

from scripts.local.pubsub.server import PubSubServer

__all__ = ["PubSubServer"]

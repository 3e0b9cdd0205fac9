"""Messages of Pub/Sub and Cloud Tasks: delivered, delayed, repeated or lost, as a test decides."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.errors import TransientError
from tests.model.reference.observed_state import Post
from tests.support.lectures.messages import RecordingMessages


@dataclass
class UnreliableMessages(RecordingMessages):
    post: Post = Post.WORKS

    def send(
        self,
        destination: str,
        payload: Mapping[str, Any],
        *,
        attributes: Mapping[str, str],
        dedup_key: str,
    ) -> None:
        if self.post == Post.REFUSES:
            raise TransientError("The queue is unavailable.")
        super().send(destination, payload, attributes=attributes, dedup_key=dedup_key)
        if self.post == Post.UNANSWERED:
            raise TransientError("It took too long to answer.")

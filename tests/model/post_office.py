"""Pub/Sub and Cloud Tasks on better and on worse days."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from shared.errors import TransientError
from tests.model.picture import Post
from tests.support.messages import RecordingMessages


@dataclass
class PostOffice(RecordingMessages):
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
            raise TransientError("The queue is away.")
        super().send(destination, payload, attributes=attributes, dedup_key=dedup_key)
        if self.post == Post.UNANSWERED:
            raise TransientError("It took too long to answer.")

"""What the sweep is free to choose, seen so that the reference can choose alike."""

import uuid
from typing import Any

from sqlalchemy.orm import Session

from shared.work.segments import Segments


class NotingSegments(Segments):
    """Remembers in which order the sweep came to them."""

    def __init__(self, *args: Any, **parts: Any) -> None:
        super().__init__(*args, **parts)
        self.visited: list[tuple[uuid.UUID, int]] = []

    def recover(self, session: Session, job_id: uuid.UUID, index: int) -> bool:
        self.visited.append((job_id, index))
        return super().recover(session, job_id, index)

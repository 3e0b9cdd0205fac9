"""The transactional outbox: a message is a row first, and is sent afterwards.

It is written in the same transaction as the change that makes it necessary, so there is
never a committed change without its message, nor a message about a change that was rolled
back. A crash between commit and sending leaves an unpublished row for the sweep. A message
may be sent twice; every receiver is idempotent.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from shared.clock import Clock
from shared.database.connections import Database
from shared.errors import TransientError
from shared.fault_points import reach
from shared.log import log, traceparent
from shared.messaging.sending import Messages
from shared.models import OutboxMessage
from shared.redaction.exception_text import reason_of

BATCH = 100
"""Rows the sweep marks at a time; bounds what a crash makes the next one send again."""

_WRITTEN = "pegasus.outbox"
"""Where a session keeps the messages put through it."""


def put(session: Session, destination: str, payload: Mapping[str, Any], *, now: datetime) -> None:
    """Write a message in the caller's transaction, which publishes it after its commit."""
    trace = traceparent()
    message = OutboxMessage(
        destination=destination,
        payload=dict(payload),
        attributes={"traceparent": trace} if trace else {},
        created_at=now,
    )
    session.add(message)
    session.info.setdefault(_WRITTEN, []).append(message)


class Outbox:
    def __init__(self, database: Database, messages: Messages, clock: Clock) -> None:
        self._database = database
        self._messages = messages
        self._clock = clock

    def publish(self, session: Session) -> None:
        """Send what was put through a session that has committed.

        A message that cannot be sent now, or not be marked as sent, is logged and left for the
        sweep: the transaction has committed either way.
        """
        if messages := session.info.pop(_WRITTEN, []):
            reach("outbox.committed")
            sent = self._send_all(messages)
            try:
                self._mark(sent)
            except Exception:
                log.exception("outbox.mark_failed")

    def sweep(self, *, older_than: timedelta) -> int:
        """Send what its writers did not, oldest first; return how many were sent."""
        sent = 0
        after = 0
        while batch := self._unsent(after, self._clock() - older_than):
            after = batch[-1].id
            sent += self._mark(self._send_all(batch))
        return sent

    def _send_all(self, messages: list[OutboxMessage]) -> list[int]:
        """Ids of those that were sent."""
        sent = [message.id for message in messages if self._send(message)]
        reach("outbox.sent")
        return sent

    def _unsent(self, after: int, created_before: datetime) -> list[OutboxMessage]:
        with self._database.reading() as session:
            return list(
                session.scalars(
                    select(OutboxMessage)
                    .where(
                        OutboxMessage.published_at.is_(None),
                        OutboxMessage.created_at <= created_before,
                        OutboxMessage.id > after,
                    )
                    .order_by(OutboxMessage.id)
                    .limit(BATCH)
                )
            )

    def _send(self, message: OutboxMessage) -> bool:
        try:
            self._messages.send(
                message.destination,
                message.payload,
                attributes=message.attributes,
                # The time keeps the key new after a database was restored to an earlier day.
                dedup_key=f"{message.created_at:%Y%m%d%H%M%S%f}-{message.id}",
            )
        except TransientError as error:
            log.warning(
                "outbox.send_failed", destination=message.destination, reason=reason_of(error)
            )
            return False
        except Exception:
            # One message that cannot be sent must not block the others.
            log.exception("outbox.send_failed", destination=message.destination)
            return False
        return True

    def _mark(self, ids: list[int]) -> int:
        if not ids:
            return 0
        with self._database.autocommit() as connection:
            connection.execute(
                update(OutboxMessage)
                .where(OutboxMessage.id.in_(ids))
                .values(published_at=self._clock())
            )
        return len(ids)

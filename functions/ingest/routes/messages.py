"""Dead letters: an operator can inspect them, and send them again."""

from sqlalchemy import select

from functions.ingest.admission.operator_access import (
    record_access,
    require_operator,
    subjects_of_messages,
)
from functions.ingest.jobs.dead_letters import replay_message
from functions.ingest.schemas.delivery import (
    MessageReplayResponse,
    UndeliveredMessage,
    UndeliveredMessagesResponse,
    UndeliveredQuery,
)
from functions.ingest.web.operations import Operations
from functions.ingest.web.paging import Listing
from shared.models import DeadLetter
from shared.runtime import Runtime

_ALL = select(DeadLetter)
_NEWEST, _NEWEST_PENDING = (
    Listing(
        "dead-letters",
        messages,
        column=DeadLetter.created_at,
        id=DeadLetter.id,
        of=lambda row: (row.DeadLetter.created_at, row.DeadLetter.id),
        descending=True,
    )
    for messages in (_ALL, _ALL.where(DeadLetter.replayed_at.is_(None)))
)


def operations(rt: Runtime) -> Operations:
    routes = Operations("messages")

    @routes.get("/messages/dead-letter")
    def list_undelivered_messages(query: UndeliveredQuery) -> UndeliveredMessagesResponse:
        """Messages that no function could handle in any delivery. For operators only.

        Most are a job's: the job failed with `delivery_exhausted`, and is among the failed ones.
        """
        require_operator()
        listing = _NEWEST_PENDING if query.pending else _NEWEST
        with rt.database.reading() as session:
            rows, page = listing.page(session, query)
            subjects = subjects_of_messages(session, (row.DeadLetter for row in rows))
        record_access(rt, subjects)
        return UndeliveredMessagesResponse(
            messages=tuple(_response(row.DeadLetter) for row in rows), pagination=page
        )

    @routes.post("/messages/dead-letter/{message_id}/replay", status=202)
    def replay_undelivered_message(message_id: str) -> MessageReplayResponse:
        """Send such a message once more; a failed job is replayed instead. For operators only."""
        require_operator()
        sent = replay_message(rt, message_id)
        return MessageReplayResponse(
            message_id=message_id,
            topic=sent.topic,
            new_job_id=str(sent.new_job_id) if sent.new_job_id else None,
        )

    return routes


def _response(letter: DeadLetter) -> UndeliveredMessage:
    return UndeliveredMessage(
        message_id=str(letter.id),
        source=letter.source,
        payload=letter.payload,
        attributes=letter.attributes,
        job_id=str(letter.job_id) if letter.job_id else None,
        created_at=letter.created_at,
        replayed_at=letter.replayed_at,
    )

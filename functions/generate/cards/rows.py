"""The rows that a lecture's cards keep their identities by."""

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from functions.generate.cards.identity import KnownCards, to_keep
from shared.courses.card_names import keep_namespace, namespace_of
from shared.documents.artifacts import Flashcards
from shared.errors import ObjectMissingError
from shared.models import CardIdentity, Lecture
from shared.runtime import Runtime
from shared.work.leases import Lease


def known_cards(rt: Runtime, lease: Lease, current: str | None) -> KnownCards:
    """`current` is the object of the current flashcards, if the lecture has any."""
    with rt.database.reading() as session:
        namespace = namespace_of(session, session.get_one(Lecture, lease.lecture_id))
        kept = session.execute(
            select(CardIdentity.derived, CardIdentity.guid).where(
                CardIdentity.lecture_id == lease.lecture_id
            )
        ).all()
    try:
        previous = (
            Flashcards.model_validate_json(rt.store.read(current)).content.cards if current else ()
        )
    except ObjectMissingError:
        previous = ()  # Lost from the bucket: making the material again is what replaces it.
    return KnownCards(namespace, previous, {row.derived: row.guid for row in kept})


def keep_identities(
    session: Session, lease: Lease, flashcards: Flashcards, known: KnownCards
) -> None:
    """In the transaction that makes the cards the current ones, which the lease fences."""
    keep_namespace(session, session.get_one(Lecture, lease.lecture_id))
    for derived, guid in to_keep(flashcards.content.cards, known).items():
        session.execute(
            insert(CardIdentity)
            .values(lecture_id=lease.lecture_id, derived=derived, guid=guid)
            .on_conflict_do_update(
                index_elements=[CardIdentity.lecture_id, CardIdentity.derived],
                set_={"guid": guid},
            )
        )

"""The identity of a flashcard: the GUID by which Anki recognizes its note
(docs/decisions/026-card-identities.md).

A GUID is derived from the lecture's namespace, the fact that the card asks about, and which of
several cards about that fact it is. A namespace consists of the names under which the lecture was
created, so a recording that is deleted and uploaded again has the same. Lectures of before have a
namespace of their database keys, which `card_namespaces` has under their names.
"""

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.documents.artifacts import Flashcard
from shared.models import CardNamespace, Lecture


def created_names(*, owner: str, course: str, lecture: str) -> str:
    """What `lectures.card_namespace` holds: `course` and `lecture` are slugs."""
    return "\n".join((owner, course, lecture))


def keys_namespace(*, course_id: uuid.UUID, lecture_id: uuid.UUID) -> str:
    """The namespace of a lecture that was created by a release without `card_namespace`."""
    return f"{course_id}\n{lecture_id}"


def namespace_of(session: Session, lecture: Lecture) -> str:
    """What the GUIDs of this lecture's cards are derived from."""
    if lecture.card_namespace is None:
        return keys_namespace(course_id=lecture.course_id, lecture_id=lecture.id)
    earlier = session.scalar(
        select(CardNamespace.namespace).where(
            CardNamespace.names_sha256 == digest(lecture.card_namespace)
        )
    )
    return earlier or lecture.card_namespace


def keep_namespace(session: Session, lecture: Lecture) -> None:
    """Let the names of a lecture that a release of before created, after the migration, lead to
    its namespace, also when it is deleted and uploaded again. The lecture is locked."""
    if lecture.card_namespace is not None:
        return
    lecture.card_namespace = created_names(
        owner=lecture.owner, course=lecture.course.slug, lecture=lecture.slug
    )
    session.execute(
        insert(CardNamespace)
        .values(
            names_sha256=digest(lecture.card_namespace),
            owner=lecture.owner,
            namespace=keys_namespace(course_id=lecture.course_id, lecture_id=lecture.id),
        )
        .on_conflict_do_nothing()
    )


def digest(names: str) -> str:
    """The key in `card_namespaces`, which outlives the lecture and so does not contain its name."""
    return hashlib.sha256(names.encode()).hexdigest()


def derived_guid(namespace: str, key: str, occurrence: int) -> str:
    """The GUID of the card about this fact; `occurrence` counts the fact's cards from 1."""
    identity = "\n".join((namespace, key, str(occurrence)))
    # Letters and digits, a letter first: no spreadsheet takes it for a number or a formula.
    return "p" + hashlib.sha256(identity.encode()).hexdigest()[:20]


def derived_guids(namespace: str, cards: Iterable[Flashcard]) -> tuple[str, ...]:
    """Of each card, as if it had never had another identity."""
    seen: Counter[str] = Counter()
    guids = []
    for card in cards:
        seen[card.key] += 1
        guids.append(derived_guid(namespace, card.key, seen[card.key]))
    return tuple(guids)


def guids_of(namespace: str, cards: Iterable[Flashcard]) -> tuple[str, ...]:
    """The identities of stored cards. Artifacts of before have none: there they are derived."""
    cards = tuple(cards)
    return tuple(
        card.guid or derived
        for card, derived in zip(cards, derived_guids(namespace, cards), strict=True)
    )

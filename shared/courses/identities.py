"""The identity of an item of study material (docs/decisions/026-card-identities.md and
037-items-of-ones-own.md). A flashcard's is the GUID by which Anki recognizes its note.

An identity is derived from the lecture's namespace, what the item asks about or says
(`item_key`), and which of several such items it is. A namespace consists of the names under which
the lecture was created, so a recording that is deleted and uploaded again has the same. Lectures
of before have a namespace of their database keys, which `card_namespaces` has under their names.
"""

import hashlib
import uuid
from collections import Counter
from collections.abc import Iterable
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from shared.documents.artifacts import ArtifactEnvelope, Flashcard, StudyItem
from shared.documents.items import item_key, items_of, with_ids
from shared.models import CardNamespace, Lecture

A = TypeVar("A", bound=ArtifactEnvelope)


def created_names(*, owner: str, course: str, lecture: str) -> str:
    """What `lectures.card_namespace` holds: `course` and `lecture` are slugs."""
    return "\n".join((owner, course, lecture))


def keys_namespace(*, course_id: uuid.UUID, lecture_id: uuid.UUID) -> str:
    """The namespace of a lecture that was created by a release without `card_namespace`."""
    return f"{course_id}\n{lecture_id}"


def namespace_of(session: Session, lecture: Lecture) -> str:
    """What the identities of this lecture's items are derived from."""
    if lecture.card_namespace is None:
        return keys_namespace(course_id=lecture.course_id, lecture_id=lecture.id)
    earlier = session.scalar(
        select(CardNamespace.namespace).where(
            CardNamespace.owner == lecture.owner,
            CardNamespace.names_sha256 == digest(lecture.card_namespace),
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


def derived_id(namespace: str, key: str, occurrence: int) -> str:
    """The identity of the item with this key; `occurrence` counts such items from 1."""
    identity = "\n".join((namespace, key, str(occurrence)))
    # Letters and digits, a letter first: no spreadsheet takes it for a number or a formula.
    return "p" + hashlib.sha256(identity.encode()).hexdigest()[:20]


def derived_ids(namespace: str, items: Iterable[StudyItem]) -> tuple[str, ...]:
    """Of each item, as if it had never had another identity."""
    seen: Counter[str] = Counter()
    ids = []
    for item in items:
        key = item_key(item)
        seen[key] += 1
        ids.append(derived_id(namespace, key, seen[key]))
    return tuple(ids)


def ids_of(namespace: str, items: Iterable[StudyItem]) -> tuple[str, ...]:
    """The identities of stored items. Artifacts of before have none: there they are derived."""
    items = tuple(items)
    return tuple(
        _stored(item) or derived
        for item, derived in zip(items, derived_ids(namespace, items), strict=True)
    )


def identified(namespace: str, artifact: A) -> A:
    """A stored artifact, each of its items with its identity."""
    return with_ids(artifact, ids_of(namespace, items_of(artifact)))


def _stored(item: StudyItem) -> str | None:
    # Between two releases there were cards with a GUID alone.
    return item.id or (item.guid if isinstance(item, Flashcard) else None)

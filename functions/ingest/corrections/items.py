"""Changing, hiding, adding and removing items of the study material.

The artifact that has the item is found by its ETag, which the client sends, and must be the current
one until the edit is written: it is compared once more under the lock of the lecture.
"""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from functions.ingest.lectures.current_material import (
    Material,
    material_of,
    objects_of,
    version_of,
)
from functions.ingest.lectures.lookup import no_lecture
from functions.ingest.lectures.retention_dates import no_artifact
from functions.ingest.web.answers import etag_of
from functions.ingest.web.field_problems import FieldCode, FieldProblem, InvalidFieldsError
from shared.courses.edits import edits_of
from shared.database.locks import lock_unrestricted
from shared.documents.artifacts import ArtifactType, ExamQuestion, StudyItem
from shared.documents.edits import EDITABLE, Edit, Fields, Value, edited, own_item, problems_of
from shared.documents.items import ItemKind, items_of, kind_of
from shared.errors import ConflictError, MaterialChangedError, NotFoundError, TooManyEditsError
from shared.log import log
from shared.models import ItemEdit, Lecture
from shared.runtime import Runtime
from shared.work.stages import ExportParams

MAX_EDITS = 1000
"""Of one lecture, which has some 400 items."""

_CHOICE = frozenset({"options", "answer"})

Change = Callable[[Session, datetime], None]


@dataclass(frozen=True)
class Edited:
    """What came of a request."""

    item_id: str
    kind: ItemKind
    version: str
    """Of the artifact that has the item."""
    job_id: uuid.UUID | None


@dataclass(frozen=True)
class _Found:
    """An item as it is before a request changes it."""

    kind: ItemKind
    made: StudyItem | None
    """None of an own item, and of one that the current material does not have."""
    edit: Edit | None


def change_item(
    rt: Runtime, lecture: Lecture, item_id: str, given: Mapping[str, Any], etag: str
) -> Edited:
    """Set the given fields, and `hidden`. Raises MaterialChangedError, NotFoundError,
    InvalidFieldsError, ConflictError, TooManyEditsError."""
    material = _material(rt, lecture)
    found = _find(rt, material, item_id, etag)
    given = dict(given)
    before = found.edit
    hidden = given.pop("hidden", None)
    hidden = (before is not None and before.hidden) if hidden is None else bool(hidden)
    _require_editable(found.kind, given)
    fields = _changed(found, given)
    if (hidden, fields) == ((before.hidden, before.fields) if before else (False, {})):
        return Edited(item_id, found.kind, material.version(found.kind.artifact_type), None)
    is_own = before is not None and before.own
    new = Edit(item_id, found.kind, rt.new_id(), own=is_own, hidden=hidden, fields=fields)
    _require_sound(found, new)

    def write(session: Session, now: datetime) -> None:
        if not (is_own or hidden or fields):
            _remove(session, lecture.id, item_id)
        elif before is None:
            _add(session, lecture.id, new, now)
        else:
            session.execute(
                update(ItemEdit)
                .where(ItemEdit.lecture_id == lecture.id, ItemEdit.item_id == item_id)
                .values(hidden=hidden, fields=fields, revision=new.revision, updated_at=now)
            )

    return _write(rt, lecture, item_id, found.kind, write, etag=etag)


def add_item(rt: Runtime, lecture: Lecture, kind: ItemKind, fields: Fields) -> Edited:
    """Raises NotFoundError or DeletedByRetentionError without material, TooManyEditsError."""
    _material(rt, lecture, kind.artifact_type)
    item_id = f"p{rt.new_id().hex[:20]}"
    new = Edit(item_id, kind, rt.new_id(), own=True, hidden=False, fields=fields)
    return _write(
        rt, lecture, item_id, kind, lambda session, now: _add(session, lecture.id, new, now)
    )


def remove_edit(rt: Runtime, lecture: Lecture, item_id: str, etag: str) -> Edited:
    """Remove an own item, or what was changed of another. Raises MaterialChangedError,
    NotFoundError."""
    found = _find(rt, _material(rt, lecture), item_id, etag)
    if found.edit is None:
        raise NotFoundError(f"Nothing was changed of the item {item_id!r}.")
    return _write(
        rt,
        lecture,
        item_id,
        found.kind,
        lambda session, _now: _remove(session, lecture.id, item_id),
        etag=etag,
    )


def _material(rt: Runtime, lecture: Lecture, kind: ArtifactType | None = None) -> Material:
    with rt.database.reading() as session:
        material = material_of(session, lecture)
    wanted = kind or ArtifactType.SUMMARY
    if wanted not in material.objects:
        raise no_artifact(lecture, wanted, known=True)
    return material


def _find(rt: Runtime, material: Material, item_id: str, etag: str) -> _Found:
    edit = next((each for each in material.edits if each.item_id == item_id), None)
    etags = {type: etag_of(material.version(type)) for type in material.objects}
    if edit is not None:
        if etags.get(edit.kind.artifact_type) != etag:
            raise MaterialChangedError()
        if edit.own:
            return _Found(edit.kind, None, edit)
    type = next((type for type in etags if etags[type] == etag), None)
    if type is None:
        raise MaterialChangedError()
    items = {item.id: item for item in items_of(material.made(rt, type))}
    made = items.get(item_id)
    if made is not None:
        return _Found(kind_of(made), made, edit)
    if edit is not None:
        return _Found(edit.kind, None, edit)
    raise NotFoundError(f"This part of the material has no item {item_id!r}.")


def _require_editable(kind: ItemKind, given: Mapping[str, object]) -> None:
    if others := sorted(given.keys() - EDITABLE[kind]):
        raise _invalid(dict.fromkeys(others, f"is not a field of a {kind}"), "unknown_field")


def _changed(found: _Found, given: Mapping[str, Value | None]) -> dict[str, Value]:
    """The fields that read otherwise than they were made."""
    fields = {**(found.edit.fields if found.edit else {}), **given}
    made = found.made
    changed: dict[str, Value] = {
        name: value
        for name, value in fields.items()
        if value is not None and (made is None or getattr(made, name) != value)
    }
    if isinstance(made, ExamQuestion) and made.options and changed.keys() & _CHOICE:
        # Both, as the answer of another generation may be none of these options.
        changed = {"options": made.options, "answer": made.answer, **changed}
    return changed


def _require_sound(found: _Found, new: Edit) -> None:
    if new.own:
        try:
            item = own_item(new)
        except ValidationError as error:
            raise InvalidFieldsError.from_validation(error) from None
    elif found.made is not None:
        item = edited(found.made, new.fields, hidden=new.hidden)
    elif found.edit is not None and found.edit.fields != new.fields:
        raise ConflictError("The item is not in the current material, so it cannot be changed.")
    else:
        return
    if problems := problems_of(item):
        raise _invalid(problems, "not_allowed")


def _invalid(problems: Mapping[str, str], code: FieldCode) -> InvalidFieldsError:
    return InvalidFieldsError(
        problems=[
            FieldProblem(field=name, code=code, message=words) for name, words in problems.items()
        ]
    )


def _write(
    rt: Runtime,
    lecture: Lecture,
    item_id: str,
    kind: ItemKind,
    change: Change,
    *,
    etag: str | None = None,
) -> Edited:
    """Change the edits of the current material, and have the files made again."""
    type = kind.artifact_type

    def version(session: Session) -> str:
        object = objects_of(session, lecture.id).get(type)
        if object is None and etag is None:
            raise no_artifact(session.get_one(Lecture, lecture.id), type, known=True)
        if object is None:
            raise MaterialChangedError()
        edits = edits_of(session, lecture.id)
        return version_of(object, (each for each in edits if each.kind.artifact_type is type))

    def write(session: Session) -> Edited:
        if not lock_unrestricted(session, lecture.id):
            raise no_lecture(lecture.slug)
        if etag is not None and etag_of(version(session)) != etag:
            raise MaterialChangedError()
        now = rt.clock()
        change(session, now)
        session.execute(
            update(Lecture)
            .where(Lecture.id == lecture.id)
            .values(items_edited_at=now, updated_at=now)
        )
        session.flush()
        export = rt.jobs.enqueue(
            session, lecture_id=lecture.id, params=ExportParams(), new_input=True
        )
        return Edited(item_id, kind, version(session), export.job_id)

    done = rt.transact(write)
    log.info("item.edited", kind=str(kind))
    return done


def _add(session: Session, lecture_id: uuid.UUID, edit: Edit, now: datetime) -> None:
    count = session.scalar(
        select(func.count()).select_from(ItemEdit).where(ItemEdit.lecture_id == lecture_id)
    )
    if (count or 0) >= MAX_EDITS:
        raise TooManyEditsError()
    session.add(
        ItemEdit(
            lecture_id=lecture_id,
            item_id=edit.item_id,
            kind=edit.kind,
            own=edit.own,
            hidden=edit.hidden,
            fields=dict(edit.fields),
            revision=edit.revision,
            created_at=now,
            updated_at=now,
        )
    )


def _remove(session: Session, lecture_id: uuid.UUID, item_id: str) -> None:
    session.execute(
        delete(ItemEdit).where(ItemEdit.lecture_id == lecture_id, ItemEdit.item_id == item_id)
    )

"""Items of the study material: changing, hiding, adding and removing them."""

from flask import request
from sqlalchemy import select

from functions.ingest.corrections.items import Edited, add_item, change_item, remove_edit
from functions.ingest.lectures.current_material import LECTURE_COLUMNS, material_of
from functions.ingest.lectures.lookup import own_lecture
from functions.ingest.schemas.items import (
    EditRecord,
    EditsResponse,
    ItemChanges,
    ItemRequest,
    ItemResponse,
)
from functions.ingest.web.answers import etag_of, matched
from functions.ingest.web.operations import Operations
from shared.documents.items import ItemKind
from shared.models import ItemEdit, Lecture
from shared.runtime import Runtime


def operations(rt: Runtime) -> Operations:
    routes = Operations("study material")

    @routes.get("/lectures/{lecture_id}/items")
    def list_edits(lecture_id: str) -> EditsResponse:
        """What the owner has changed, hidden and added of the study material.

        Edits are kept when the material is made again. Those of items that were not made again are
        `orphaned`.
        """
        with rt.database.reading() as session:
            lecture = own_lecture(session, lecture_id, *LECTURE_COLUMNS)
            material = material_of(session, lecture)
            rows = session.scalars(
                select(ItemEdit)
                .where(ItemEdit.lecture_id == lecture.id)
                .order_by(ItemEdit.created_at, ItemEdit.item_id)
            ).all()
        orphaned = material.orphaned(rt)
        return EditsResponse(
            lecture_id=lecture.slug,
            edits=tuple(
                EditRecord(
                    item_id=row.item_id,
                    kind=row.kind,
                    artifact_type=row.kind.artifact_type,
                    own=row.own,
                    hidden=row.hidden,
                    orphaned=row.item_id in orphaned,
                    fields=row.fields,
                    created_at=row.created_at,
                    updated_at=row.updated_at,
                )
                for row in rows
            ),
        )

    @routes.post("/lectures/{lecture_id}/items", status=201)
    def add_study_item(lecture_id: str, body: ItemRequest) -> ItemResponse:
        """Add a flashcard, a key term or a question of one's own.

        It stands after the others, cites nothing, and is kept when the material is made again.
        """
        lecture = _lecture(lecture_id)
        fields = body.item.model_dump(exclude={"kind"}, exclude_none=True)
        return _response(lecture, add_item(rt, lecture, ItemKind(body.item.kind), fields))

    @routes.patch("/lectures/{lecture_id}/items/{item_id}", matching=True)
    def change_study_item(lecture_id: str, item_id: str, body: ItemChanges) -> ItemResponse:
        """Change the text of an item, hide it, or show it again.

        `If-Match` is the ETag of the artifact that has the item. The files are made again. A card
        keeps its GUID, so that Anki updates it; a hidden one is in no new deck.
        """
        etag = matched(request)
        lecture = _lecture(lecture_id)
        given = body.model_dump(exclude_unset=True)
        return _response(lecture, change_item(rt, lecture, item_id, given, etag))

    @routes.delete("/lectures/{lecture_id}/items/{item_id}", matching=True)
    def remove_study_item(lecture_id: str, item_id: str) -> ItemResponse:
        """Remove an item of one's own, or what was changed of another."""
        etag = matched(request)
        lecture = _lecture(lecture_id)
        return _response(lecture, remove_edit(rt, lecture, item_id, etag))

    def _lecture(slug: str) -> Lecture:
        with rt.database.reading() as session:
            return own_lecture(session, slug, *LECTURE_COLUMNS)

    return routes


def _response(lecture: Lecture, done: Edited) -> ItemResponse:
    return ItemResponse(
        lecture_id=lecture.slug,
        item_id=done.item_id,
        kind=done.kind,
        artifact_type=done.kind.artifact_type,
        etag=f'"{etag_of(done.version)}"',
        job_id=str(done.job_id) if done.job_id else None,
    )

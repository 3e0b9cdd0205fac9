"""A copy of everything of an owner, and its deletion; for operators, of any subject's."""

import uuid

from functions.ingest.admission.auth import caller
from functions.ingest.admission.operator_access import (
    record_access,
    require_operator,
    subject,
)
from functions.ingest.schemas.accounts import (
    AccountDeletionResponse,
    AccountExportPart,
    AccountExportResponse,
    SubjectRequest,
)
from functions.ingest.web.operations import Operations
from shared.accounts.deletion import Receipt, carry_out, find_receipt, request_deletion
from shared.accounts.exports import find_export, request_export
from shared.auth.daily_usage import USER_PREFIX
from shared.errors import NotFoundError
from shared.models import AccountExport, AccountExportStatus, account_subject
from shared.runtime import Runtime
from shared.storage.url_signing import DOWNLOAD_URL_TTL


def operations(rt: Runtime) -> Operations:
    routes = Operations("me")

    @routes.post("/me/exports", status=202)
    def export_account() -> AccountExportResponse:
        """Have a copy made of everything that is held of the caller.

        It is made in the background, in zip archives that can be read without Pegasus. While one
        is being made this answers with that one.
        """
        return _export(rt, request_export(rt, caller().owner))

    @routes.get("/me/exports/{export_id}")
    def read_account_export(export_id: str) -> AccountExportResponse:
        """How far a copy is, and once it is ready where its parts can be fetched.

        An operator sees the one that was made for any subject.
        """
        principal = caller()
        with rt.database.reading() as session:
            row = find_export(session, export_id, None if principal.operates else principal.owner)
        if row.owner != principal.owner:
            record_access(rt, [account_subject(row.owner), subject("account_export", row.id)])
        return _export(rt, row)

    @routes.delete("/me")
    def delete_account() -> AccountDeletionResponse:
        """Delete all courses, lectures and other rows of the caller, for good.

        What limits today's use stays until it has run out. A lecture that is announced at the same
        moment counts as announced after it. The account at the identity provider is not touched.
        """
        return _deleted(rt, caller().owner)

    @routes.get("/deletions/{receipt_id}", public=True)
    def read_deletion_receipt(receipt_id: str) -> AccountDeletionResponse:
        """Whether a deletion has been completed. Needs no token: the account may be gone."""
        try:
            key = uuid.UUID(receipt_id)
        except ValueError:
            raise NotFoundError("There is no such receipt.") from None
        return _deletion(find_receipt(rt, key))

    return routes


def operator_operations(rt: Runtime) -> Operations:
    routes = Operations("accounts")

    @routes.post("/accounts/exports", status=202, problems=(404,))
    def export_subject(body: SubjectRequest) -> AccountExportResponse:
        """Have a copy made of everything of a subject. For operators only."""
        require_operator()
        owner = f"{USER_PREFIX}{body.subject}"
        record_access(rt, [account_subject(owner)])
        return _export(rt, request_export(rt, owner))

    @routes.post("/accounts/deletions", status=200, problems=(404,))
    def delete_subject(body: SubjectRequest) -> AccountDeletionResponse:
        """Delete everything of a subject, as `DELETE /me` does. For operators only."""
        require_operator()
        owner = f"{USER_PREFIX}{body.subject}"
        record_access(rt, [account_subject(owner)])
        return _deleted(rt, owner)

    return routes


def _export(rt: Runtime, row: AccountExport) -> AccountExportResponse:
    ready = row.status == AccountExportStatus.READY
    return AccountExportResponse(
        export_id=str(row.id),
        status=row.status.value,
        created_at=row.created_at,
        expires_at=row.expires_at,
        parts=tuple(
            AccountExportPart(
                name=part["name"],
                size_bytes=part["size"],
                sha256=part["sha256"],
                url=rt.store.signed_download_url(
                    part["object"], file_name=part["name"], ttl=DOWNLOAD_URL_TTL
                ),
            )
            for part in (row.parts if ready else ())
        ),
    )


def _deleted(rt: Runtime, owner: str) -> AccountDeletionResponse:
    return _deletion(carry_out(rt, request_deletion(rt, owner).id))


def _deletion(receipt: Receipt) -> AccountDeletionResponse:
    return AccountDeletionResponse(
        receipt_id=str(receipt.id),
        status="completed" if receipt.completed_at else "pending",
        requested_at=receipt.requested_at,
        completed_at=receipt.completed_at,
        courses=receipt.courses,
        lectures=receipt.lectures,
    )

"""Which request of the two APIs needs which grant ("IAM permissions for JSON methods")."""

from collections.abc import Iterator
from contextlib import contextmanager

from scripts.local.access import Access, ForbiddenError, Kind
from scripts.local.gcs.errors import Refusal, StorageError
from scripts.local.gcs.http.messages import Request
from scripts.local.gcs.objects.preconditions import Preconditions, Replacing


class Permissions:
    """Raises StorageError (403) for what the caller's account may not do."""

    def __init__(self, access: Access | None, *, bucket: str, forbids_first: bool) -> None:
        """`access`: of `bucket`; None lets everyone do everything. Other buckets hold speech
        models. `forbids_first`: an object that may not be replaced is answered with 403 even if
        a precondition fails too. Cloud Storage does not say which of both it looks at first."""
        self._access = access
        self._bucket = bucket
        self._replacing = Replacing.FORBIDDEN_FIRST if forbids_first else Replacing.FORBIDDEN

    def set_access(self, access: Access) -> None:
        """As when a grant is added or taken away."""
        self._access = access

    def read(self, caller: str | None, bucket: str, name: str) -> None:
        self._require(caller, "reads", bucket, name)

    def delete(self, caller: str | None, bucket: str, name: str) -> None:
        self._require(caller, "deletes", bucket, name)

    def create(
        self, caller: str | None, bucket: str, name: str, conditions: Preconditions
    ) -> Preconditions:
        """The preconditions, with whether an object of the name may be replaced: to replace is
        to delete."""
        self._require(caller, "creates", bucket, name)
        if self._access is None or self._access.may(
            caller, "deletes", self._access.folder_of(name)
        ):
            return conditions
        return conditions.model_copy(update={"replacing": self._replacing})

    def list(self, caller: str | None, bucket: str) -> None:
        if self._access is None:
            return
        with _refusing():
            if bucket == self._bucket:
                self._access.require_listing(caller)
            else:
                self._access.require(caller, "loads", "speech-model")

    def administer(self, caller: str | None) -> None:
        if self._access is not None:
            with _refusing():
                self._access.require_administrator(caller)

    def _require(self, caller: str | None, kind: Kind, bucket: str, name: str) -> None:
        if self._access is None:
            return
        with _refusing():
            if bucket == self._bucket:
                self._access.require_object(caller, kind, name)
            elif kind == "reads":
                self._access.require(caller, "loads", "speech-model")
            else:
                self._access.require_administrator(caller)


def caller_of(request: Request) -> str | None:
    """Who calls the JSON API: its token is its name (shared/emulators.py)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token if scheme == "Bearer" and token else None


def function_of(account: str) -> str:
    """Whose account signed a URL of the XML API: as terraform/iam.tf names accounts."""
    return account.partition("@")[0].removeprefix("fn-")


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except ForbiddenError as error:
        raise StorageError(
            Refusal.ACCESS_DENIED, "Access denied.", details={"Details": str(error)}
        ) from error

"""The stand-in lets each function do what terraform/access.json grants, and nothing else."""

import io
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from itertools import product

import pytest
import requests

from scripts.local.access import ADMINISTRATOR, Access, Grants, Kind, load_grants
from scripts.local.gcs import StorageServer
from shared.errors import AccessDeniedError, ObjectMissingError, PreconditionFailedError
from shared.storage.bucket import ObjectStore
from shared.storage.object_names import FOLDERS
from shared.topology import load_topology
from tests.integration.local_stack.gcs_standin.support import BUCKET, Workbench

FUNCTIONS = tuple(load_topology().functions)
CALLERS = (*FUNCTIONS, "stranger", ADMINISTRATOR)
GRANTS = load_grants()

ATTEMPTS: dict[Kind, Callable[[ObjectStore, str], object]] = {
    "reads": lambda store, folder: store.read(f"{folder}/there"),
    "creates": lambda store, folder: store.create(f"{folder}/new", b"new", "text/plain"),
    "deletes": lambda store, folder: store.delete(f"{folder}/there"),
}


@pytest.fixture
def access() -> Access:
    return Access(GRANTS)


@pytest.fixture
def guarded(workbench: Workbench, access: Access) -> Iterator[StorageServer]:
    server = workbench.serve(access=access, access_bucket=BUCKET)
    yield server
    server.stop()


def allowed(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except AccessDeniedError:
        return False
    return True


def granted(caller: str, kind: Kind, folder: str) -> bool:
    return caller == ADMINISTRATOR or folder in GRANTS.get(caller, Grants()).of(kind)


def test_exactly_the_grants_are_allowed(
    workbench: Workbench, guarded: StorageServer, subtests: pytest.Subtests
) -> None:
    operator = workbench.store(guarded)
    stores = {caller: workbench.store(guarded, caller) for caller in CALLERS}

    for folder, kind in product([*FOLDERS, "elsewhere"], ATTEMPTS):
        with subtests.test(kind, folder=folder):
            for caller, store in stores.items():
                operator.create(f"{folder}/there", b"there", "text/plain")
                operator.delete(f"{folder}/new")
                attempt = partial(ATTEMPTS[kind], store, folder)

                assert allowed(attempt) is granted(caller, kind, folder), caller


def test_who_reads_may_list(workbench: Workbench, guarded: StorageServer) -> None:
    for caller in CALLERS:
        store = workbench.store(guarded, caller)
        reads = caller == ADMINISTRATOR or bool(GRANTS.get(caller, Grants()).reads)
        assert allowed(store.check) is reads, caller


def test_nothing_is_allowed_without_a_name(guarded: StorageServer) -> None:
    for address in (f"/storage/v1/b/{BUCKET}/o", f"/storage/v1/b/{BUCKET}/o/raw%2Fx"):
        assert requests.get(guarded.url + address, timeout=10).status_code == 403


def test_a_grant_counts_as_used_once_it_is_needed(
    workbench: Workbench, guarded: StorageServer, access: Access
) -> None:
    workbench.store(guarded, "export").create("exports/x", b"x", "text/plain")
    allowed(lambda: workbench.store(guarded, "export").delete("exports/x"))

    assert access.used == {("export", "creates", "exports")}


@pytest.mark.parametrize("caller", CALLERS)
def test_weights_in_another_bucket_are_the_segment_workers(
    workbench: Workbench, guarded: StorageServer, caller: str
) -> None:
    guarded.ensure_bucket("weights")
    theirs = workbench.store(guarded, caller, bucket="weights")

    assert allowed(theirs.check) is (caller in {ADMINISTRATOR, "transcribe-on-segment"})


class TestSignedUrls:
    """They grant what their signer is granted."""

    @pytest.fixture
    def store(self, workbench: Workbench, grants: Grants) -> Iterator[ObjectStore]:
        server = workbench.serve(access=Access({"signer": grants}), access_bucket=BUCKET)
        yield workbench.store(server)
        server.stop()

    @pytest.mark.parametrize(
        ("grants", "status"),
        [(Grants(reads=("exports",)), 200), (Grants(creates=("exports",)), 403)],
    )
    def test_a_download_needs_the_right_to_read(self, store: ObjectStore, status: int) -> None:
        store.create("exports/x", b"x", "text/plain")
        url = store.signed_download_url("exports/x", file_name="x", ttl=timedelta(minutes=1))

        assert requests.get(url, timeout=10).status_code == status

    @pytest.mark.parametrize(
        ("grants", "status"), [(Grants(creates=("raw",)), 201), (Grants(reads=("raw",)), 403)]
    )
    def test_an_upload_needs_the_right_to_create(self, store: ObjectStore, status: int) -> None:
        url, headers = store.signed_upload_url(
            "raw/x", content_type="audio/wav", sizes=(1, 9), ttl=timedelta(minutes=1)
        )

        assert requests.post(url, headers=headers, timeout=10).status_code == status


@pytest.mark.parametrize("forbids_first", [True, False])
class TestOverwriting:
    """It takes the right to delete. Cloud Storage may answer 403 or 412 to who has it not."""

    @pytest.fixture
    def serving(self, workbench: Workbench, forbids_first: bool) -> Iterator[StorageServer]:
        server = workbench.serve(
            access=Access(
                {
                    "writer": Grants(creates=("exports",), reads=("exports",)),
                    "reader": Grants(reads=("exports",)),
                }
            ),
            access_bucket=BUCKET,
            forbids_first=forbids_first,
        )
        yield server
        server.stop()

    @pytest.fixture
    def writer(self, workbench: Workbench, serving: StorageServer) -> ObjectStore:
        return workbench.store(serving, "writer")

    def test_both_answers_are_given(
        self, serving: StorageServer, writer: ObjectStore, forbids_first: bool
    ) -> None:
        writer.create("exports/x", b"first", "text/plain")

        answer = requests.post(
            f"{serving.url}/upload/storage/v1/b/{BUCKET}/o",
            params={"uploadType": "media", "name": "exports/x", "ifGenerationMatch": "0"},
            headers={"Authorization": "Bearer writer"},
            data=b"second",
            timeout=10,
        )

        assert answer.status_code == (403 if forbids_first else 412)

    def test_an_earlier_attempts_object_stands(self, writer: ObjectStore) -> None:
        first = writer.create("exports/x", b"first", "text/plain")

        assert writer.create("exports/x", b"second", "text/plain") == first
        assert writer.read("exports/x") == b"first"

    def test_a_stream_is_told_that_the_object_exists(self, writer: ObjectStore) -> None:
        writer.create("exports/x", b"first", "text/plain")

        with pytest.raises(PreconditionFailedError):
            writer.create_from_stream("exports/x", io.BytesIO(b"second"), "text/plain")

        assert writer.read("exports/x") == b"first"

    def test_without_a_condition_it_is_refused(
        self, serving: StorageServer, writer: ObjectStore
    ) -> None:
        writer.create("exports/x", b"first", "text/plain")

        answer = requests.post(
            f"{serving.url}/upload/storage/v1/b/{BUCKET}/o",
            params={"uploadType": "media", "name": "exports/x"},
            headers={"Authorization": "Bearer writer"},
            data=b"second",
            timeout=10,
        )

        assert answer.status_code == 403
        assert writer.read("exports/x") == b"first"

    def test_a_missing_right_to_create_is_no_existing_object(
        self, workbench: Workbench, serving: StorageServer, writer: ObjectStore
    ) -> None:
        reader = workbench.store(serving, "reader")

        with pytest.raises(AccessDeniedError):
            reader.create("exports/x", b"x", "text/plain")
        with pytest.raises(AccessDeniedError):
            reader.create_from_stream("exports/x", io.BytesIO(b"x"), "text/plain")
        with pytest.raises(ObjectMissingError):
            writer.read("exports/x")

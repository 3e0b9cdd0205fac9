from collections.abc import Iterator
from pathlib import Path

import pytest
from google.cloud.storage import Bucket, Client

from scripts.local.gcs import StorageServer, ensure_service_account_key
from shared.storage.bucket import ObjectStore
from tests.integration.local_stack.gcs_standin.support import BUCKET, SIGNER, Workbench


@pytest.fixture(scope="session")
def signing_key(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    path = tmp_path_factory.mktemp("keys") / "signer.json"
    return path, ensure_service_account_key(path, email=SIGNER, project="pegasus-local")


@pytest.fixture
def workbench(tmp_path: Path, signing_key: tuple[Path, str]) -> Workbench:
    key_file, public_key = signing_key
    return Workbench(root=tmp_path / "gcs", public_key=public_key, key_file=key_file)


@pytest.fixture
def server(workbench: Workbench) -> Iterator[StorageServer]:
    server = workbench.serve()
    yield server
    server.stop()


@pytest.fixture
def bucket(server: StorageServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Bucket]:
    """Through the official client, set up as production code sets it up."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.url)
    client = Client(project="pegasus-local")
    yield client.bucket(BUCKET)
    client.close()


@pytest.fixture
def objects(
    server: StorageServer, workbench: Workbench, monkeypatch: pytest.MonkeyPatch
) -> ObjectStore:
    """Pegasus's own bucket, unchanged."""
    monkeypatch.setenv("STORAGE_EMULATOR_HOST", server.url)
    return workbench.store(server)

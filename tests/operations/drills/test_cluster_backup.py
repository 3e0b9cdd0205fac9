"""A running Postgres is copied, and any moment since can be had again, beside it."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

from scripts.local.postgres.binaries import Binaries
from scripts.local.postgres.cluster import Postgres
from scripts.recovery.cluster_backup import Cluster
from scripts.recovery.manifest import BackupError, Manifest
from scripts.recovery.restored_cluster import RestoredPostgres
from tests.operations.drill_stack import free_port
from tests.support.database.postgres import FOUND


@pytest.fixture(
    params=[
        pytest.param(
            found,
            id=name,
            marks=pytest.mark.skipif(found is None, reason="no Postgres on this machine"),
        )
        for name, found in FOUND.items()
    ]
)
def binaries(request: pytest.FixtureRequest) -> Binaries:
    found: Binaries = request.param
    return found


@pytest.fixture
def original(binaries: Binaries, tmp_path: Path) -> Iterator[Postgres]:
    postgres = Postgres(tmp_path / "original", port=free_port(), binaries=binaries)
    postgres.start()
    yield postgres
    postgres.remove()


@pytest.mark.slow
def test_any_moment_since_the_copy_can_be_had_again(
    original: Postgres, binaries: Binaries, tmp_path: Path
) -> None:
    backup = tmp_path / "backup"
    backup.mkdir()
    cluster = Cluster(original.url, binaries=binaries)
    (backup / "password").write_text(cluster.password)
    execute(original, "CREATE TABLE words (word text)")
    manifest = cluster.take_base(backup)
    execute(original, "INSERT INTO words VALUES ('since the copy')")
    manifest = cluster.fetch_log(backup, manifest)
    execute(original, "INSERT INTO words VALUES ('between two logs')")
    moment = execute(original, "SELECT clock_timestamp()")[0]
    execute(original, "DELETE FROM words")
    execute(original, "INSERT INTO words VALUES ('after a mistake')")
    manifest = cluster.fetch_log(backup, manifest)
    cluster.close()
    execute(original, "INSERT INTO words VALUES ('never backed up')")
    original.crash()

    restored = {
        name: words_at(moment_or_end, tmp_path / name, backup, manifest, binaries)
        for name, moment_or_end in {"then": moment, "end": None}.items()
    }

    assert restored == {
        "then": ["between two logs", "since the copy"],
        "end": ["after a mistake"],
    }
    assert manifest.from_time < moment < manifest.to_time


def test_another_version_is_refused_before_anything_is_there(
    binaries: Binaries, tmp_path: Path
) -> None:
    now = datetime.fromisoformat("2026-11-21T10:00:00Z")
    manifest = Manifest(postgres="9", slot="x", from_time=now, to_time=now)
    restored = RestoredPostgres(
        tmp_path / "restored",
        port=free_port(),
        backup=tmp_path,
        manifest=manifest,
        binaries=binaries,
    )

    with pytest.raises(BackupError, match="Postgres 9, and this machine has"):
        restored.start()
    restored.remove()


def words_at(
    moment: datetime | None, folder: Path, backup: Path, manifest: Manifest, binaries: Binaries
) -> list[str]:
    restored = RestoredPostgres(
        folder,
        port=free_port(),
        backup=backup,
        manifest=manifest,
        to_time=moment,
        binaries=binaries,
    )
    try:
        restored.start()
        execute(restored, "CREATE TABLE takes_writes ()")
        set_for_good = "SELECT name FROM pg_file_settings WHERE name ~ '^(recovery|restore)_'"
        assert execute(restored, set_for_good) == [], "the next start would recover again"
        return execute(restored, "SELECT word FROM words ORDER BY word")
    finally:
        restored.remove()


def execute(postgres: Postgres, statement: str) -> list[Any]:
    engine = create_engine(
        make_url(postgres.url).set(drivername="postgresql+pg8000"), isolation_level="AUTOCOMMIT"
    )
    with engine.connect() as connection:
        result = connection.execute(text(statement))
        rows = list(result.scalars()) if result.returns_rows else []
    engine.dispose()
    return rows

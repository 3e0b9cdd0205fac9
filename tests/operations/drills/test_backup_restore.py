"""docs/runbooks/backup-restore.md: everything burns down, and is there again as of one moment."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
import requests
from sqlalchemy import delete, select, text

from scripts.recovery.backup import DONE, UNABLE
from scripts.recovery.backup import main as backup_main
from scripts.recovery.manifest import only_writer, read_manifest
from scripts.recovery.restore import main as restore_main
from shared.models import DeletionAuditEvent, Lecture, Purge, WorkStatus
from tests.operations.drill_stack import DrillStack
from tests.support.processes.running_stack import RunningStack
from tests.support.processes.waiting import wait_until
from tests.support.sound.speech import clip, silence


@pytest.mark.slow
def test_pegasus_goes_on_after_a_fire_as_of_the_moment_before_the_accident(
    drilled: DrillStack, tmp_path: Path
) -> None:
    backup, new_home = tmp_path / "backup", tmp_path / "new-home"
    before = drilled.running
    drilled.run("scripts/backup", "local", "--into", str(backup))
    before.hand_in(silence(5), lecture="regretted")
    before.hand_in(clip("economics", seconds=10), lecture="kept")
    assert before.ended("kept")["overallStatus"] == "completed"
    assert before.ended("regretted")["overallStatus"] == "failed"
    regretted = before.lecture("regretted")
    assert before.store.stat(regretted.source_object) is not None
    under_way = before.hand_in(clip("hashing-1", seconds=40), lecture="under-way")
    wait_until(
        lambda: any(s.status == WorkStatus.RUNNING for s in before.segments(under_way)),
        timeout_sec=60,
        what="a segment to run",
    )
    files = before.client.get("/lectures/kept/exports")["exports"]
    drilled.run("scripts/backup", "local", "--into", str(backup))
    moment = datetime.now(UTC)

    # An owner deletes a lecture, and then an operator makes a mistake.
    assert requests.delete(f"{before.stack.api_url}/lectures/regretted", timeout=60).ok
    with before.database.unit_of_work() as session:
        session.execute(delete(Lecture).where(Lecture.slug == "kept"))
        session.commit()
    drilled.run("scripts/backup", "local", "--into", str(backup))
    assert copied(backup, regretted.id), "nothing is there that could come back"
    drilled.destroy()
    restored = drilled.run(
        *("scripts/restore", "local", "--from", str(backup), "--into", str(new_home)),
        *("--to", moment.isoformat()),
    )
    after = drilled.start_in(new_home)

    after.check_whole("kept")
    assert after.client.get("/lectures/kept/exports")["exports"] == files
    assert after.client.download("/exports/kept/pdf").startswith(b"%PDF")
    assert "deleted again: 1 lectures, 0 courses" in restored.stdout
    assert_gone(after, regretted.id)
    # Its lease has no holder any more, and its messages are lost: the sweep recovers it.
    assert after.ended(under_way)["overallStatus"] == "completed"
    after.check_whole(under_way)
    drilled.run("python", "-m", "functions.retention")
    drilled.run("python", "-m", "scripts.integrity", "--deep")


def copied(backup: Path, lecture: object) -> int:
    """How many objects of a lecture a backup has."""
    with closing(sqlite3.connect(backup / "objects" / "catalog.sqlite3")) as catalog:
        found: int = catalog.execute(
            "SELECT count(*) FROM objects WHERE name LIKE ?", (f"%{lecture}%",)
        ).fetchone()[0]
    return found


def assert_gone(running: RunningStack, lecture: object) -> None:
    answer = requests.get(f"{running.stack.api_url}/lectures/regretted", timeout=60)
    assert answer.status_code == 404
    assert [each.name for each in running.store.list("") if str(lecture) in each.name] == []
    with running.database.unit_of_work() as session:
        # What the audit said before the fire, and that it was done again.
        told = session.scalars(
            select(DeletionAuditEvent.outcome).where(
                DeletionAuditEvent.subject == f"lecture:{lecture}"
            )
        ).all()
        assert told == ["deleted", "deleted"]
        assert session.get(Purge, lecture) is not None, "late writers are waited for"


@pytest.fixture
def in_the_drilled(drilled: DrillStack, monkeypatch: pytest.MonkeyPatch) -> None:
    """Commands that are called as functions find the stack as a shell's do."""
    for name in ("DATABASE_URL", "PEGASUS_HOME", "PORT"):
        monkeypatch.setenv(name, drilled.environment[name])


@pytest.mark.selection
@pytest.mark.usefixtures("in_the_drilled")
def test_a_restore_writes_over_nothing_and_only_to_moments_the_backup_has(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    backup, home = tmp_path / "backup", tmp_path / "home"
    asked = ["local", "--from", str(backup), "--into", str(home)]
    assert restore_main(asked) == UNABLE
    assert "is no backup" in capsys.readouterr().err
    assert backup_main(["local", "--into", str(backup), "--dry-run"]) == DONE
    assert not backup.exists()
    assert backup_main(["local", "--into", str(backup)]) == DONE

    assert restore_main([*asked, "--to", "2001-01-01T00:00:00Z"]) == UNABLE
    assert "has the moments from" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        restore_main([*asked, "--to", "2001-01-01T00:00:00"])
    assert "a time has its zone" in capsys.readouterr().err
    assert restore_main([*asked, "--dry-run"]) == DONE
    assert f"into {home}" in capsys.readouterr().out
    assert not home.exists()
    home.mkdir()
    (home / "something").touch()
    assert restore_main(asked) == UNABLE
    assert "there is something in" in capsys.readouterr().err
    assert [each.name for each in home.iterdir()] == ["something"]


@pytest.mark.slow
@pytest.mark.usefixtures("in_the_drilled")
def test_the_log_of_a_backup_ends_where_a_newer_one_begins(
    drilled: DrillStack, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    older, newer = tmp_path / "older", tmp_path / "newer"
    for folder in (older, newer):
        assert backup_main(["local", "--into", str(folder)]) == DONE
    reached = read_manifest(older)

    assert backup_main(["local", "--into", str(older)]) == UNABLE

    assert "a newer backup was begun" in capsys.readouterr().err
    assert read_manifest(older) == reached
    with only_writer(newer):
        assert backup_main(["local", "--into", str(newer)]) == UNABLE
    assert "another backup is writing" in capsys.readouterr().err
    assert backup_main(["local", "--into", str(newer), "--last"]) == DONE
    with drilled.running.database.engine.connect() as connection:
        # A log that no replica reads would fill the disk.
        assert connection.scalar(text("SELECT count(*) FROM pg_replication_slots")) == 0

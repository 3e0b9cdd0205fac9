"""docs/runbooks/backup-restore.md in the cloud: real rows and objects, and a recorded gcloud."""

import json
import uuid
from collections.abc import Iterator
from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import make_transient

from scripts.integrity.__main__ import CLEAN, FINDINGS, check
from scripts.recovery import backup
from scripts.recovery.restore import DONE, MISSING, UNABLE, main
from shared.deletion.lectures import delete_course, delete_lecture
from shared.models import JSON, Course, DeletionAuditEvent, Lecture, LectureStatus
from shared.runtime import Runtime
from shared.topology import load_topology
from tests.operations.gcloud import Gcloud, gcloud_on_path
from tests.support.lectures.builders import add_lecture, get_lecture
from tests.support.sound.audio import tone

PROJECT = ("--project", "a-project")


@pytest.fixture
def rt(runtime: Runtime) -> Runtime:
    return runtime


def restore(rt: Runtime, *arguments: str) -> int:
    return main(arguments, runtime=lambda: nullcontext(rt))


def integrity(rt: Runtime) -> int:
    return check(rt, tell=lambda _: None)


@pytest.fixture
def gcloud(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gcloud]:
    with gcloud_on_path(tmp_path, monkeypatch) as recorded:
        yield recorded


def with_recording(rt: Runtime, slug: str = "hashing", course: str = "algorithms") -> Lecture:
    """A lecture that has been uploaded, as the API would have recorded it."""
    lecture = add_lecture(rt, slug, course=course)
    stored = rt.store.create(lecture.source_object, tone(), "audio/wav")
    with rt.database.unit_of_work() as session:
        row = session.get_one(Lecture, lecture.id)
        row.status = LectureStatus.UPLOADED
        row.source_generation, row.source_size = stored.generation, stored.size
        row.source_crc32c = stored.crc32c
        session.commit()
    return get_lecture(rt, lecture)


def bring_back(rt: Runtime, *rows: Course | Lecture) -> None:
    """As a restored database has them: with the ids they had."""
    with rt.database.unit_of_work() as session:
        for row in rows:
            make_transient(row)
            session.add(row)
        session.commit()


def outcomes(rt: Runtime, subject: str) -> list[str]:
    with rt.database.unit_of_work() as session:
        return list(
            session.scalars(
                select(DeletionAuditEvent.outcome)
                .where(DeletionAuditEvent.subject == subject)
                .order_by(DeletionAuditEvent.created_at)
            )
        )


ASKED = (
    "sql instances describe pegasus --format=json --project=a-project",
    "sql backups list --instance=pegasus --format=json --project=a-project",
)


def of_instance(gcloud: Gcloud, *backups: JSON) -> None:
    """Daily backups are kept for ten days; these are there."""
    kept = {"backupRetentionSettings": {"retainedBackups": 10}}
    described = {"settings": {"backupConfiguration": kept}}
    gcloud.answers["sql instances describe"] = json.dumps(described)
    gcloud.answers["sql backups list"] = json.dumps(backups)


def test_a_backup_is_made_beside_the_daily_ones(gcloud: Gcloud) -> None:
    assert backup.main(["cloud", *PROJECT, "--dry-run"]) == backup.DONE
    assert gcloud.calls == []

    of_instance(gcloud)
    assert backup.main(["cloud", *PROJECT]) == backup.DONE

    assert gcloud.calls == [
        "sql backups create --instance=pegasus --description=scripts/backup --project=a-project",
        *ASKED,
        "sql backups list --instance=pegasus --limit=3 --project=a-project",
    ]


def test_backups_that_were_asked_for_end_with_the_daily_ones(gcloud: Gcloud) -> None:
    now = datetime.now(UTC)
    of_instance(
        gcloud,
        {"id": 1, "type": "AUTOMATED", "endTime": (now - timedelta(days=30)).isoformat()},
        {"id": 2, "type": "ON_DEMAND", "endTime": (now - timedelta(days=9)).isoformat()},
        {"id": 3, "type": "ON_DEMAND", "endTime": (now - timedelta(days=11)).isoformat()},
        {"id": 4, "type": "ON_DEMAND", "enqueuedTime": (now - timedelta(days=12)).isoformat()},
    )

    assert backup.main(["expire", *PROJECT]) == backup.DONE

    assert gcloud.calls == [
        *ASKED,
        "sql backups delete 3 --instance=pegasus --quiet --project=a-project",
        "sql backups delete 4 --instance=pegasus --quiet --project=a-project",
    ]


def test_a_replaced_instance_is_deleted_unless_a_function_uses_it(gcloud: Gcloud) -> None:
    name = "a-project:europe-west1:pegasus-2"
    gcloud.answers["run services describe"] = json.dumps({"value": name, "latest": "pegasus"})
    asked = ["retire", *PROJECT, "--region", "europe-west1"]

    assert main([*asked, "pegasus-2"]) == UNABLE
    assert not [each for each in gcloud.calls if each.startswith("sql")]

    assert main([*asked, "pegasus"]) == DONE
    assert [each for each in gcloud.calls if each.startswith("sql")] == [
        "sql instances patch pegasus --quiet --no-deletion-protection"
        " --no-retain-backups-on-delete --project=a-project",
        "sql instances delete pegasus --quiet --project=a-project",
    ]


def test_the_database_is_cloned_under_a_new_name_and_never_over_the_old_one(
    gcloud: Gcloud,
) -> None:
    asked = ["database", *PROJECT, "--to", "2026-11-21T11:30:00+01:00", "--into"]
    assert main([*asked, "pegasus"]) == UNABLE
    assert main([*asked, "pegasus-2", "--dry-run"]) == DONE
    assert gcloud.calls == []

    assert main([*asked, "pegasus-2"]) == DONE
    gone = ["database", *PROJECT, "--into", "pegasus-3", "--deleted", "2026-11-21T11:00:00Z"]
    assert main(gone) == DONE

    assert gcloud.calls == [
        "sql instances clone pegasus pegasus-2 --point-in-time=2026-11-21T10:30:00.000Z"
        " --project=a-project",
        "sql instances clone pegasus pegasus-3"
        " --source-instance-deletion-time=2026-11-21T11:00:00.000Z --project=a-project",
    ]


def test_every_function_is_pointed_at_the_clone(gcloud: Gcloud) -> None:
    assert main(["switch", "pegasus-2", *PROJECT, "--region", "europe-west1"]) == DONE

    assert gcloud.calls == [
        f"run services update {function} --region=europe-west1 --update-env-vars="
        "INSTANCE_CONNECTION_NAME=a-project:europe-west1:pegasus-2 --project=a-project"
        for function in load_topology().functions
    ]


def test_only_lost_objects_are_taken_back_and_their_rows_learn_the_new_generation(
    rt: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lost, there = with_recording(rt, "lost"), with_recording(rt, "there")
    rt.store.delete(lost.source_object)
    assert integrity(rt) == FINDINGS

    def soft_delete(_arguments: list[str], given: str) -> str:
        for uri in given.splitlines():
            rt.store.create(uri.removeprefix(rt.store.uri("")), tone(), "audio/wav")
        return ""

    with gcloud_on_path(tmp_path, monkeypatch, soft_delete) as gcloud:
        assert restore(rt, "objects", *PROJECT, "--dry-run") == DONE
        assert gcloud.calls == []
        assert restore(rt, "objects", *PROJECT) == DONE
        assert restore(rt, "objects", *PROJECT) == DONE, "done twice"

    assert gcloud.calls == ["storage restore --read-paths-from-stdin --project=a-project"]
    assert gcloud.given == [f"{rt.store.uri(lost.source_object)}\n"]
    stored = rt.store.stat(lost.source_object)
    assert stored is not None
    assert stored.generation != lost.source_generation
    assert get_lecture(rt, lost).source_generation == stored.generation
    assert get_lecture(rt, there).source_generation == there.source_generation
    assert integrity(rt) == CLEAN


def test_one_that_cannot_be_had_again_does_not_hold_up_the_others(
    rt: Runtime, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone, lost = with_recording(rt, "gone"), with_recording(rt, "lost")
    for each in (gone, lost):
        rt.store.delete(each.source_object)

    def has_only_one(_arguments: list[str], _given: str) -> str:
        rt.store.create(lost.source_object, tone(), "audio/wav")
        raise FileNotFoundError(gone.source_object)

    with gcloud_on_path(tmp_path, monkeypatch, has_only_one):
        assert restore(rt, "objects", *PROJECT) == MISSING

    stored = rt.store.stat(lost.source_object)
    assert stored is not None
    assert get_lecture(rt, lost).source_generation == stored.generation


def test_what_the_soft_delete_has_no_more_is_told(rt: Runtime, gcloud: Gcloud) -> None:
    rt.store.delete(with_recording(rt).source_object)

    assert restore(rt, "objects", *PROJECT) == MISSING


def test_another_recording_under_the_name_is_not_taken_for_the_lost_one(
    rt: Runtime, gcloud: Gcloud
) -> None:
    lecture = with_recording(rt)
    rt.store.delete(lecture.source_object)
    rt.store.create(lecture.source_object, tone() + b"\0\0", "audio/wav")

    restore(rt, "objects", *PROJECT)

    assert get_lecture(rt, lecture).source_generation == lecture.source_generation
    assert integrity(rt) == FINDINGS


def test_what_owners_deleted_after_the_restored_moment_goes_again(
    rt: Runtime, tmp_path: Path
) -> None:
    file = tmp_path / "deletions.jsonl"
    stays = with_recording(rt, "stays")
    purged = with_recording(rt, "purged")
    kept = with_recording(rt, "kept")
    of_course = with_recording(rt, "of-course", course="history")
    with rt.database.unit_of_work() as session:
        course = session.get_one(Course, of_course.course_id)
    delete_lecture(rt, purged)
    delete_lecture(rt, kept, keep_until=rt.clock() + timedelta(days=30))
    delete_course(rt, course)
    assert restore(rt, "deletions", "--write", str(file)) == DONE

    bring_back(rt, course, purged, kept, of_course)
    rt.store.create(purged.source_object, tone(), "audio/wav")
    with rt.database.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM deletion_audit_events")
        connection.exec_driver_sql("DELETE FROM purges")
    assert restore(rt, "deletions", "--read", str(file), "--dry-run") == DONE
    assert get_lecture(rt, purged).slug == "purged"
    for _ in ("once", "and once more, as after a crash"):
        assert restore(rt, "deletions", "--read", str(file)) == DONE

    with rt.database.unit_of_work() as session:
        assert [*session.scalars(select(Lecture.slug))] == [stays.slug]
        assert [*session.scalars(select(Course.slug))] == ["algorithms"]
    assert rt.store.stat(purged.source_object) is None
    assert rt.store.stat(kept.source_object) is not None, "its owner wanted to keep it"
    assert outcomes(rt, f"lecture:{purged.id}") == ["deleted", "deleted"]
    assert outcomes(rt, f"lecture:{kept.id}") == ["deleted, objects kept"] * 2
    assert outcomes(rt, f"course:{course.id}") == ["deleted", "deleted"]


def test_a_lecture_that_only_the_log_tells_of_is_deleted_by_its_id(rt: Runtime) -> None:
    lecture = with_recording(rt)

    assert (
        restore(rt, "deletions", "--lecture", str(lecture.id), "--lecture", str(uuid.uuid4()))
        == DONE
    )

    with rt.database.unit_of_work() as session:
        assert session.get(Lecture, lecture.id) is None
    assert rt.store.stat(lecture.source_object) is None


def test_a_file_that_is_no_audit_is_refused(rt: Runtime, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("{}")

    assert restore(rt, "deletions", "--read", str(tmp_path / "file")) == UNABLE
    assert restore(rt, "deletions", "--read", str(tmp_path / "nothing")) == UNABLE


def test_without_gcloud_nothing_is_claimed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert backup.main(["cloud", *PROJECT]) == backup.UNABLE
    assert main(["switch", "pegasus-2", *PROJECT, "--region", "x"]) == UNABLE

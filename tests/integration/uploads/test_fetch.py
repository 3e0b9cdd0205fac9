"""Files are fetched whole, once, and compared with what was stored."""

import hashlib
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import update

from functions.ingest.app import create_app
from scripts.fetch import DONE, MISSING, UNABLE, main
from shared.models import ExportRow, Lecture
from shared.runtime import Runtime
from tests.integration.work.test_replay import served
from tests.support.lectures.builders import failed, uploaded

FILES = {"markdown": ("notes.md", b"# Hash tables\n"), "pdf": ("notes.pdf", b"%PDF-1.7 and so on")}


@pytest.fixture
def url(runtime: Runtime) -> Iterator[str]:
    yield from served(create_app(runtime))


@pytest.fixture
def lecture(runtime: Runtime) -> Lecture:
    row = uploaded(runtime, "hashing")
    job = failed(runtime, row)
    with runtime.database.unit_of_work() as session:
        for kind, (name, data) in FILES.items():
            stored = runtime.store.create(
                runtime.names.export(row.id, job.id, 1, name), data, "application/octet-stream"
            )
            session.add(
                ExportRow(
                    id=uuid.uuid4(),
                    lecture_id=row.id,
                    type=kind,
                    object=stored.name,
                    file_name=name,
                    content_type="application/octet-stream",
                    size=len(data),
                    sha256=hashlib.sha256(data).hexdigest(),
                    job_id=job.id,
                    created_at=runtime.clock(),
                )
            )
        session.commit()
    return row


def arrived(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_all_files_of_a_lecture_arrive(url: str, lecture: Lecture, tmp_path: Path) -> None:
    into = tmp_path / "new"
    assert main([lecture.slug, "--api", url, "--into", str(into)]) == DONE
    assert arrived(into) == dict(FILES.values())


def test_what_is_there_is_not_fetched_again_and_what_is_broken_is(
    url: str, lecture: Lecture, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.md").write_bytes(FILES["markdown"][1])
    (tmp_path / "notes.pdf").write_bytes(b"half a fi")
    assert main([lecture.slug, "--api", url, "--into", str(tmp_path)]) == DONE
    told = capsys.readouterr().out
    assert "notes.md is there" in told
    assert "notes.pdf is there" not in told
    assert arrived(tmp_path) == dict(FILES.values())


def test_one_kind_can_be_asked_for(
    url: str, lecture: Lecture, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = [lecture.slug, "--api", url, "--into", str(tmp_path), "--type"]
    assert main([*asked, "pdf"]) == DONE
    assert list(arrived(tmp_path)) == ["notes.pdf"]
    assert main([*asked, "anki"]) == MISSING
    assert "anki: there is none" in capsys.readouterr().err


def test_a_damaged_file_is_not_kept(
    runtime: Runtime, url: str, lecture: Lecture, tmp_path: Path
) -> None:
    with runtime.database.unit_of_work() as session:
        session.execute(update(ExportRow).where(ExportRow.type == "pdf").values(sha256="0" * 64))
        session.commit()
    assert main([lecture.slug, "--api", url, "--into", str(tmp_path)]) == MISSING
    assert list(arrived(tmp_path)) == ["notes.md"]


def test_a_name_cannot_lead_out_of_the_folder(
    runtime: Runtime, url: str, lecture: Lecture, tmp_path: Path
) -> None:
    with runtime.database.unit_of_work() as session:
        session.execute(
            update(ExportRow).where(ExportRow.type == "pdf").values(file_name="../../evil.pdf")
        )
        session.commit()
    into = tmp_path / "a" / "b"
    assert main([lecture.slug, "--api", url, "--into", str(into), "--type", "pdf"]) == DONE
    assert list(arrived(into)) == ["evil.pdf"]


def test_a_lecture_that_is_not_there_and_an_api_that_is_not(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["nothing", "--api", url, "--into", str(tmp_path)]) == MISSING
    monkeypatch.setattr("scripts.api.TRIES", 1)
    assert main(["nothing", "--api", "http://127.0.0.1:9", "--into", str(tmp_path)]) == UNABLE

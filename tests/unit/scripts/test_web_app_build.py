"""Building the app's web files, and their place in what is deployed."""

import io
import shutil
import stat
import zipfile
from pathlib import Path

import pytest

from scripts import web_app
from scripts.package import ROOT, main, package

PAGE = "functions/ingest/web_app/export/index.html"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of what is packaged of `ingest`, with an app."""
    for folder in ("shared", "functions/ingest"):
        ignored = shutil.ignore_patterns("__pycache__", "export")
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=ignored)
    shutil.copy(ROOT / "functions" / "__init__.py", tmp_path / "functions")
    (tmp_path / PAGE).parent.mkdir()
    (tmp_path / PAGE).write_text("<p>the app</p>")
    return tmp_path


def names(archive: bytes) -> set[str]:
    return set(zipfile.ZipFile(io.BytesIO(archive)).namelist())


def test_the_archive_of_the_api_holds_the_app_unless_it_is_left_out(tree: Path) -> None:
    whole, without = names(package("ingest", tree)), names(package("ingest", tree, app=False))
    assert whole - without == {PAGE}
    assert "functions/ingest/web_app/serving.py" in without


def programs(folder: Path, **scripts: str) -> str:
    """A PATH of these programs alone."""
    folder.mkdir()
    for name, text in scripts.items():
        path = folder / name
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(folder)


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({}, "not on the PATH"),
        ({"node": "echo v18.19.0", "npm": ""}, "v18.19.0"),
        ({"node": "exit 1", "npm": ""}, "broken"),
        ({"node": "echo v22.1.0"}, "not on the PATH"),
    ],
)
def test_without_a_node_that_is_new_enough_it_is_said_what_is_missing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    found: dict[str, str],
    said: str,
) -> None:
    monkeypatch.setenv("PATH", programs(tmp_path / "bin", **found))
    monkeypatch.setattr(web_app, "EXPORT", tmp_path / "export")
    with pytest.raises(web_app.NotBuiltError, match=said):
        web_app.require_node()
    assert web_app.main([]) == 1
    assert said in capsys.readouterr().err
    # `make up` goes on without the app.
    assert web_app.main(["--if-missing"]) == 0


def test_an_archive_is_not_built_without_the_app_by_accident(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def impossible() -> None:
        raise web_app.NotBuiltError("no node")

    monkeypatch.setattr(web_app, "is_current", lambda: False)
    monkeypatch.setattr(web_app, "build", impossible)
    assert main(["--into", str(tmp_path), "ingest"]) == 1
    assert "APP=0" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
    assert main(["--into", str(tmp_path), "--without-app", "ingest"]) == 0
    assert main(["--into", str(tmp_path), "export"]) == 0


@pytest.fixture
def mobile(tmp_path: Path) -> Path:
    folder = tmp_path / "mobile"
    (folder / "src").mkdir(parents=True)
    (folder / "package-lock.json").write_text("{}")
    (folder / "src" / "App.tsx").write_text("app")
    return folder


NPM = """\
case "$1" in
  ci) mkdir -p node_modules; echo ci >> ../calls ;;
  run) echo run >> ../calls; rm -rf dist; mkdir dist; cp src/App.tsx dist/index.html ;;
esac"""


def test_it_is_built_from_what_the_lock_pins_and_known_to_be_current(
    tmp_path: Path, mobile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = programs(tmp_path / "bin", node="echo v20.0.0", npm=NPM)
    monkeypatch.setenv("PATH", f"{path}:/usr/bin:/bin")
    export = tmp_path / "export"
    assert not web_app.is_current(mobile, export)
    web_app.build(mobile, export)
    assert (export / "index.html").read_text() == "app"
    assert web_app.is_current(mobile, export)

    (mobile / "src" / "App.tsx").write_text("changed")
    assert not web_app.is_current(mobile, export)
    web_app.build(mobile, export)
    assert (export / "index.html").read_text() == "changed"
    # The second time everything was installed already.
    assert (tmp_path / "calls").read_text().split() == ["ci", "run", "run"]

    # A test and what was installed are not part of it.
    (mobile / "src" / "App.test.tsx").write_text("test")
    (mobile / "node_modules" / "x").write_text("x")
    assert web_app.is_current(mobile, export)


def test_a_build_that_fails_leaves_the_app_that_is_there(
    tmp_path: Path, mobile: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = programs(tmp_path / "bin", node="echo v20.0.0", npm="exit 3")
    monkeypatch.setenv("PATH", f"{path}:/usr/bin:/bin")
    export = tmp_path / "export"
    export.mkdir()
    (export / "index.html").write_text("old")
    with pytest.raises(web_app.NotBuiltError, match="npm ci"):
        web_app.build(mobile, export)
    assert (export / "index.html").read_text() == "old"

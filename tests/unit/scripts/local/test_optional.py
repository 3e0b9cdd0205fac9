"""Packages that may be withdrawn: the installation goes on without them, and says so."""

import subprocess
from collections.abc import Sequence
from pathlib import Path

import pytest

from scripts.local.optional import HERE, PACKAGES, Package, install
from scripts.local.stack import ROOT

NEEDED = Package("needed", "the needed one", lambda: True, "without it: plan B")
SPARE = Package("spare", "the spare one", lambda: False, "without it: nothing")


class Index:
    """Installs what it has; what was withdrawn is refused as pip refuses it."""

    def __init__(self) -> None:
        self.withdrawn: set[str] = set()
        self.asked: list[str] = []

    def __call__(self, arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
        name = Path(arguments[-1]).stem.removeprefix("optional-")
        self.asked.append(name)
        missing = name in self.withdrawn
        return subprocess.CompletedProcess(
            arguments,
            returncode=int(missing),
            stdout="",
            stderr="WARNING: retrying\nERROR: No matching distribution found" if missing else "",
        )


class Setup:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index = Index()
        for package in (NEEDED, SPARE):
            (folder / f"optional-{package.name}.txt").write_text(f"{package.name}==1\n")

    def run(self, *, everything: bool = False) -> str:
        said: list[str] = []
        self.index.asked.clear()
        install(
            (NEEDED, SPARE),
            everything=everything,
            stamps=self.folder,
            files=self.folder,
            run=self.index,
            tell=said.append,
        )
        return "\n".join(said)


@pytest.fixture
def setup(tmp_path: Path) -> Setup:
    return Setup(tmp_path)


def test_only_what_has_no_other_source_is_installed_and_that_once(setup: Setup) -> None:
    assert "the needed one" in setup.run()
    assert setup.index.asked == ["needed"]
    assert setup.run() == ""
    assert setup.index.asked == []


def test_for_development_everything_is_installed(setup: Setup) -> None:
    setup.run(everything=True)

    assert setup.index.asked == ["needed", "spare"]


def test_a_withdrawn_package_is_named_and_the_others_are_installed(setup: Setup) -> None:
    setup.index.withdrawn = {"needed"}

    said = setup.run(everything=True)

    assert "No matching distribution found" in said
    assert "without it: plan B" in said
    assert setup.index.asked == ["needed", "spare"]


def test_a_failed_package_is_tried_again_each_time_until_it_is_there(setup: Setup) -> None:
    setup.index.withdrawn = {"needed"}
    assert setup.run()
    assert setup.run(), "it is not forgotten"
    setup.index.withdrawn = set()
    assert "not installed" not in setup.run()
    assert setup.run() == ""


def test_a_new_pin_is_installed_anew(setup: Setup) -> None:
    setup.run()
    (setup.folder / "optional-needed.txt").write_text("needed==2\n")

    setup.run()

    assert setup.index.asked == ["needed"]


def test_every_optional_file_is_known_and_pinned_by_digest() -> None:
    files = {file.stem.removeprefix("optional-") for file in HERE.glob("optional-*.txt")}
    assert files == {package.name for package in PACKAGES}
    for package in PACKAGES:
        assert "--hash=sha256:" in (HERE / f"optional-{package.name}.txt").read_text()


def test_nothing_that_is_always_installed_needs_an_optional_package() -> None:
    names = [
        line.partition("==")[0]
        for file in HERE.glob("optional-*.txt")
        for line in file.read_text().splitlines()
        if "==" in line
    ]
    assert len(names) == 4
    for file in (ROOT / "requirements.lock", HERE / "requirements.txt"):
        pinned = {line.partition("==")[0] for line in file.read_text().splitlines()}
        assert not pinned & set(names)

"""What the package index has of each pinned package."""

import os
import subprocess
import tempfile
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlparse

from packaging.tags import Tag
from packaging.utils import parse_wheel_filename

from scripts.wheels.targets import Target


@dataclass(frozen=True)
class Pinned:
    """A package of the lock, with the tags of its wheels."""

    name: str
    version: str
    marker: str | None
    wheels: tuple[frozenset[Tag], ...]
    has_source: bool = True

    def wanted_on(self, target: Target) -> bool:
        return target.wants(self.marker)

    def has_wheel_for(self, target: Target) -> bool:
        return any(tags & target.tags for tags in self.wheels)


def pinned_packages(uv: str, lock: Path) -> list[Pinned]:
    """All packages of a requirements file, with what the index has of the pinned versions.

    Raises CalledProcessError if uv cannot resolve the lock.
    """
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "pylock.toml"
        resolve = ["--universal", "--python-version", "3.11", "--no-deps"]
        subprocess.run(
            [uv, "pip", "compile", "-q", *resolve, "--format", "pylock.toml", "-o", listed, lock],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        return parse(tomllib.loads(listed.read_text()))


def parse(pylock: Mapping[str, Any]) -> list[Pinned]:
    """The packages of a lock in the format of PEP 751."""
    return [
        Pinned(
            name=package["name"],
            version=package["version"],
            marker=package.get("marker"),
            wheels=tuple(_tags(wheel) for wheel in package.get("wheels", ())),
            has_source="sdist" in package,
        )
        for package in pylock["packages"]
    ]


def _tags(wheel: Mapping[str, str]) -> frozenset[Tag]:
    name = wheel.get("name") or unquote(
        PurePosixPath(urlparse(wheel.get("url", "")).path or wheel["path"]).name
    )
    return parse_wheel_filename(name)[3]


def builds_without_compiler(uv: str, package: Pinned) -> bool:
    """Whether its source gives a wheel for any machine while there is no C or C++ compiler."""
    if not package.has_source:
        return False
    with tempfile.TemporaryDirectory() as folder:
        python = Path(folder) / "venv" / "bin" / "python"
        subprocess.run([uv, "venv", "-q", "--seed", python.parents[1]], check=True)
        command: list[str | Path] = [
            python,
            "-m",
            "pip",
            "wheel",
            "-q",
            "--no-deps",
            "--no-binary",
            package.name,
        ]
        built = subprocess.run(
            [*command, "-w", folder, f"{package.name}=={package.version}"],
            env={**os.environ, "CC": "false", "CXX": "false"},
            capture_output=True,
            check=False,
        )
        return built.returncode == 0 and any(Path(folder).glob("*-none-any.whl"))


def lacking(
    packages: Iterable[Pinned], targets: Iterable[Target], *, pure: Iterable[str]
) -> dict[Target, list[Pinned]]:
    """For each target what it wants and has no wheel for; `pure` names build anywhere."""
    built, wanted = set(pure), list(packages)
    return {
        target: [
            package
            for package in wanted
            if package.name not in built
            and package.wanted_on(target)
            and not package.has_wheel_for(target)
        ]
        for target in targets
    }

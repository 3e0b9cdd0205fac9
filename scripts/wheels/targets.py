"""Where the lock has to install: systems, processors and versions of Python."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from packaging.markers import Marker
from packaging.tags import Tag, compatible_tags, cpython_tags, mac_platforms

PYTHONS = ((3, 11), (3, 12), (3, 13))
"""What the tests run on."""

NEXT_PYTHON = (3, 14)
"""Reported, not required."""

PRODUCT_GLIBC = 28
"""Of glibc 2.28, which Debian 10, Ubuntu 20.04 and RHEL 8 have: all that `make demo` needs."""

DEVELOPMENT_GLIBC = 35
"""Of glibc 2.35, which Ubuntu 22.04 and Debian 12 have: the package `anki`, for the tests."""

MACOS = (14, 0)


@dataclass(frozen=True)
class Target:
    name: str
    system: str
    """As `sys_platform` has it."""
    machine: str
    """As `platform_machine` has it."""
    required: bool
    python: tuple[int, int] = PYTHONS[0]
    glibc: int = PRODUCT_GLIBC
    """The minor version of glibc 2, on Linux."""

    def on(self, python: tuple[int, int]) -> "Target":
        """The same machine with another Python; with the next one, it is not required."""
        return replace(self, python=python, required=self.required and python != NEXT_PYTHON)

    @cached_property
    def tags(self) -> frozenset[Tag]:
        """Every wheel tag that CPython installs there."""
        platforms = list(_platforms(self))
        interpreter = f"cp{self.python[0]}{self.python[1]}"
        return frozenset(
            (
                *cpython_tags(self.python, platforms=platforms),
                *compatible_tags(self.python, interpreter, platforms),
            )
        )

    def wants(self, marker: str | None) -> bool:
        """Whether a pin with this marker is installed there."""
        return marker is None or Marker(marker).evaluate(self._environment)

    @cached_property
    def _environment(self) -> dict[str, str]:
        version = f"{self.python[0]}.{self.python[1]}"
        return {
            "implementation_name": "cpython",
            "implementation_version": f"{version}.0",
            "os_name": "posix",
            "platform_machine": self.machine,
            "platform_python_implementation": "CPython",
            "platform_release": "",
            "platform_system": "Darwin" if self.system == "darwin" else "Linux",
            "platform_version": "",
            "python_full_version": f"{version}.0",
            "python_version": version,
            "sys_platform": self.system,
        }


TARGETS = (
    Target("Linux x86-64", "linux", "x86_64", required=True),
    Target("Linux arm64", "linux", "aarch64", required=True),
    Target("macOS arm64", "darwin", "arm64", required=True),
    Target("macOS x86-64", "darwin", "x86_64", required=False),
)


def all_targets(*, glibc: int) -> Iterator[Target]:
    for target in TARGETS:
        for python in (*PYTHONS, NEXT_PYTHON):
            yield replace(target.on(python), glibc=glibc)


def _platforms(target: Target) -> Iterator[str]:
    if target.system == "darwin":
        yield from mac_platforms(MACOS, target.machine)
        return
    for minor in range(target.glibc, 4, -1):
        yield f"manylinux_2_{minor}_{target.machine}"
    yield f"manylinux2014_{target.machine}"
    if target.machine == "x86_64":
        yield from ("manylinux2010_x86_64", "manylinux1_x86_64")
    yield f"linux_{target.machine}"

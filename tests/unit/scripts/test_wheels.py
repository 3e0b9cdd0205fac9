"""Which wheels install where, and what the report says of those that are missing."""

import sys
from dataclasses import replace

import pytest
from packaging.tags import sys_tags

from scripts.wheels.index import Pinned, lacking, parse
from scripts.wheels.report import failures, report
from scripts.wheels.targets import (
    DEVELOPMENT_GLIBC,
    NEXT_PYTHON,
    PRODUCT_GLIBC,
    TARGETS,
    Target,
    all_targets,
)

LINUX, ARM, MAC, OLD_MAC = TARGETS


def package(*wheels: str, marker: str | None = None, name: str = "example") -> Pinned:
    """A package as uv lists it: by the addresses of its wheels."""
    files = [{"url": f"https://files.example/{name}-1.0-{wheel}.whl"} for wheel in wheels]
    (found,) = parse(
        {
            "packages": [
                {"name": name, "version": "1.0", "wheels": files}
                | ({"marker": marker} if marker else {})
            ]
        }
    )
    return found


@pytest.mark.parametrize(
    ("wheel", "target", "installs"),
    [
        ("py3-none-any", LINUX, True),
        ("py2.py3-none-any", MAC, True),
        ("py2-none-any", LINUX, False),
        ("cp311-cp311-manylinux_2_28_x86_64", LINUX.on((3, 11)), True),
        ("cp311-cp311-manylinux_2_28_x86_64", LINUX.on((3, 12)), False),
        ("cp311-abi3-manylinux_2_28_x86_64", LINUX.on((3, 13)), True),
        ("cp312-abi3-manylinux_2_28_x86_64", LINUX.on((3, 11)), False),
        ("cp312-abi3-manylinux_2_28_x86_64", LINUX.on(NEXT_PYTHON), True),
        ("cp311-abi3-manylinux_2_28_x86_64", ARM, False),
        ("cp311-abi3-manylinux_2_17_aarch64.manylinux2014_aarch64", ARM, True),
        ("cp311-abi3-manylinux1_x86_64", LINUX, True),
        ("cp311-abi3-musllinux_1_2_x86_64", LINUX, False),
        ("cp311-abi3-macosx_11_0_arm64", MAC, True),
        ("cp311-abi3-macosx_10_9_universal2", MAC, True),
        ("cp311-abi3-macosx_15_0_arm64", MAC, False),
        ("cp311-abi3-macosx_11_0_arm64", OLD_MAC, False),
        ("cp311-abi3-win_amd64", LINUX, False),
    ],
)
def test_a_wheel_installs_where_its_tags_say(wheel: str, target: Target, installs: bool) -> None:
    assert package(wheel).has_wheel_for(target) is installs


def test_a_wheel_needs_no_newer_c_library_than_the_machine_has() -> None:
    anki = package("cp310-abi3-manylinux_2_35_x86_64")

    assert not anki.has_wheel_for(replace(LINUX, glibc=PRODUCT_GLIBC))
    assert anki.has_wheel_for(replace(LINUX, glibc=DEVELOPMENT_GLIBC))


def test_every_tag_that_this_interpreter_takes_of_any_platform_is_known() -> None:
    """`packaging` tells this interpreter's own tags; with one left out, a wheel would be missed."""
    here = LINUX.on((sys.version_info.major, sys.version_info.minor))

    assert {tag for tag in sys_tags() if tag.platform == "any"} <= here.tags


@pytest.mark.parametrize(
    ("marker", "wanted"),
    [
        (None, {LINUX, ARM, MAC, OLD_MAC}),
        ("sys_platform == 'win32'", set()),
        ("sys_platform == 'darwin'", {MAC, OLD_MAC}),
        ("sys_platform != 'linux' or platform_machine == 'x86_64'", {LINUX, MAC, OLD_MAC}),
        ("platform_python_implementation != 'PyPy'", {LINUX, ARM, MAC, OLD_MAC}),
        ("python_full_version >= '3.12'", set()),
    ],
)
def test_a_pin_is_wanted_where_its_marker_says(marker: str | None, wanted: set[Target]) -> None:
    assert {target for target in TARGETS if package(marker=marker).wanted_on(target)} == wanted


def test_what_is_lacking_is_what_is_wanted_without_a_wheel_and_cannot_be_built() -> None:
    found = lacking(
        [
            package("py3-none-any", name="pure"),
            package("cp311-abi3-manylinux_2_28_x86_64", name="compiled"),
            package(name="source-pure"),
            package(name="source-compiled"),
            package(name="elsewhere", marker="sys_platform == 'win32'"),
        ],
        [LINUX, ARM],
        pure=["source-pure"],
    )

    assert [each.name for each in found[LINUX]] == ["source-compiled"]
    assert [each.name for each in found[ARM]] == ["compiled", "source-compiled"]


@pytest.mark.parametrize(
    ("wheel", "refused"),
    [
        ("cp311-cp311-manylinux_2_28_x86_64", "Linux x86-64, Python 3.12"),
        ("cp311-abi3-manylinux_2_28_x86_64", "macOS arm64, Python 3.11"),
        ("cp311-abi3-macosx_11_0_arm64", "Linux arm64, Python 3.13"),
    ],
)
def test_a_supported_machine_without_a_wheel_is_a_failure(wheel: str, refused: str) -> None:
    found = lacking([package(wheel)], all_targets(glibc=PRODUCT_GLIBC), pure=[])

    assert f"{refused}: no wheel of example 1.0" in failures(found)


def test_the_next_python_and_unsupported_machines_are_reported_only() -> None:
    wheels = [
        f"cp3{minor}-cp3{minor}-{platform}"
        for minor in (11, 12, 13)
        for platform in ("manylinux_2_28_x86_64", "manylinux_2_28_aarch64", "macosx_11_0_arm64")
    ]
    found = lacking([package(*wheels)], all_targets(glibc=PRODUCT_GLIBC), pure=[])

    assert failures(found) == []
    text = report(found, found, built=["srt"])
    assert "Without a wheel for Python 3.14: example 1.0." in text
    assert "| macOS x86-64 (not supported) | without example 1.0 |" in text
    assert "Built from source, without a compiler: srt." in text


def test_all_is_said_only_where_every_package_has_a_wheel() -> None:
    found = lacking([package("py3-none-any")], all_targets(glibc=PRODUCT_GLIBC), pure=[])

    text = report(found, found, built=[])

    assert text.count("| all | all | all | all |") == 2 * len(TARGETS)
    assert "Every package has a wheel for Python 3.14" in text
    assert "without" not in text.partition("## With")[0].partition("## What")[2]

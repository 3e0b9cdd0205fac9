"""Every script says what it does and how it is told to, and shellcheck finds nothing in it."""

import os
import re
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from scripts.local.stack import ROOT

SCRIPTS = sorted(
    path
    for path in (ROOT / "scripts").iterdir()
    if path.is_file() and path.read_bytes().startswith(b"#!")
)
BASH = [path for path in SCRIPTS if "bash" in path.read_text().partition("\n")[0]]
PYTHON = Path(sys.executable)
EXIT_CODE = re.compile(r"\b(?:fail|exit) (\d+)\b")
HERE_DOCUMENT = re.compile(r"<<'(\w+)'.*?^\1$", re.MULTILINE | re.DOTALL)
OPTION = re.compile(r"^ {4}(?:-h \| )?(--[a-z-]+)\)", re.MULTILINE)
SWITCH = re.compile(r"^(\w+)=\$\{\1:-", re.MULTILINE)


@cache
def help_of(script: Path) -> subprocess.CompletedProcess[str]:
    """From another folder, and without the environment of the process that runs the tests."""
    return subprocess.run(
        [str(script), "--help"],
        cwd="/",
        env={"PATH": os.pathsep.join([str(PYTHON.parent), os.environ["PATH"]])},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def shellcheck() -> str:
    """The environment's or, where its package has no wheel (Linux arm64), the system's."""
    path = os.pathsep.join([str(PYTHON.parent), os.environ["PATH"]])
    found = shutil.which("shellcheck", path=path)
    if found is None:
        pytest.skip("no shellcheck, and its package has no wheel for this machine")
    return found


def test_the_scripts_of_an_operator_are_there() -> None:
    names = {path.name for path in SCRIPTS}

    assert {
        *("setup-gcp.sh", "deploy", "verify-gcp", "migrate", "backup", "restore", "rotate-secret"),
        *("smoke_worker_queue.sh", "test_smoke_worker_queue.sh", "test_smoke_worker_queue_http.sh"),
    } <= names


@pytest.mark.sampled(5)
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_a_script_can_be_run_and_explains_itself(script: Path) -> None:
    assert os.access(script, os.X_OK)

    told = help_of(script)

    assert told.returncode == 0, told.stderr
    assert "usage" in told.stdout.lower()
    assert len(told.stdout.split()) > 15


@pytest.mark.parametrize("script", BASH, ids=lambda path: path.name)
def test_its_help_names_every_option_switch_and_exit_code(script: Path) -> None:
    text = HERE_DOCUMENT.sub("", script.read_text())

    told = help_of(script).stdout

    named = {
        *(option for option in OPTION.findall(text) if option != "--help"),
        *SWITCH.findall(text),
    }
    assert [word for word in sorted(named) if not re.search(rf"{word}\b", told)] == []
    if "Exit codes:" in told:
        codes = told.partition("Exit codes:")[2]
        used = set(EXIT_CODE.findall(text)) - {"0"}
        assert sorted(code for code in used if not re.search(rf"\b{code}\b", codes)) == []


def test_the_smoke_test_is_told_by_the_switches_that_operators_know() -> None:
    told = help_of(ROOT / "scripts" / "smoke_worker_queue.sh").stdout

    for switch in (
        *("API_BASE_URL", "SMOKE_COURSE_ID", "SMOKE_LECTURE_ID", "SMOKE_PRESET_ID", "SMOKE_MODEL"),
        *("SMOKE_AUDIO_FILE", "SMOKE_TIMEOUT_SEC", "SMOKE_POLL_INTERVAL_SEC"),
        *("SMOKE_ACCEPT_FAILED_TERMINAL", "SMOKE_REQUIRE_QUEUED_TRANSITION"),
        *("SMOKE_REQUIRE_QUEUE_PATH", "SMOKE_ALLOW_QUEUE_FALLBACK", "PLC_API_TOKEN"),
    ):
        assert re.search(rf"^ *{switch}\b", told, re.MULTILINE), switch


@pytest.mark.parametrize("script", BASH, ids=lambda path: path.name)
def test_shellcheck_finds_nothing(script: Path) -> None:
    told = subprocess.run(
        [shellcheck(), str(script)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 0, told.stdout


def test_shellcheck_would_find_something(tmp_path: Path) -> None:
    (tmp_path / "wrong").write_text("#!/usr/bin/env bash\nrm -rf $1/*\n")

    told = subprocess.run(
        [shellcheck(), str(tmp_path / "wrong")],
        capture_output=True,
        text=True,
        check=False,
    )

    assert told.returncode == 1

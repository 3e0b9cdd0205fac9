"""scripts/setup and scripts/find-python on the machines that newcomers have."""

import os
import re
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from scripts.local.stack import ROOT
from tests.operations.newcomer import DEBIAN, FULL, PACKAGE, VERSION, Machine, with_old_pip

NOBODY_LISTENS = "http://127.0.0.1:9/simple"


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty virtual environment with pip."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    subprocess.run(
        [sys.executable, "-m", "virtualenv", "-q", "--no-download", str(folder)], check=True
    )
    return folder


@pytest.fixture
def machine(tmp_path: Path, environment: Path) -> Machine:
    return Machine(tmp_path, environment)


class Index(ThreadingHTTPServer):
    """A package index; also a proxy, as a request may name any host."""

    def __init__(self, wheels: Path) -> None:
        super().__init__(("127.0.0.1", 0), _IndexHandler)
        self.wheels = wheels
        self.asked: list[str] = []
        self.answers = True
        self.was_asked = threading.Event()
        self.stopped = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class _IndexHandler(BaseHTTPRequestHandler):
    server: Index

    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.server.was_asked.set()
        if not self.server.answers:
            self.server.stopped.wait(60)
            return
        wheel = next(self.server.wheels.glob("*.whl"))
        page = f'<a href="/files/{wheel.name}">{wheel.name}</a>'.encode()
        body = wheel.read_bytes() if self.path.endswith(".whl") else page
        self.send_response(200)
        self.send_header("Content-Type", "text/html" if body is page else "application/zip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Not into the output of the tests."""


@contextmanager
def index(machine: Machine) -> Iterator[Index]:
    with Index(machine.wheels) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield server
        finally:
            server.stopped.set()
            server.shutdown()
            thread.join()


def test_the_pinned_packages_are_installed_once(machine: Machine) -> None:
    code, said = machine.set_up()
    assert code == 0, said
    assert "installing 1 pinned packages" in said
    assert machine.has_package()

    assert machine.set_up(PIP_NO_INDEX="0", PIP_INDEX_URL=NOBODY_LISTENS) == (0, "")


@pytest.mark.slow
def test_a_changed_lock_is_installed_again(machine: Machine) -> None:
    machine.set_up()
    with (machine.checkout / "requirements.lock").open("a") as lock:
        lock.write("# another\n")

    code, said = machine.set_up()

    assert code == 0
    assert "installing" in said
    assert "anew" not in said


def test_without_venv_virtualenv_is_used(machine: Machine) -> None:
    machine.add_python("python3", venv=DEBIAN)
    machine.add_program(
        machine.programs / "virtualenv", f'cp -R "{machine.environment}/." "${{@: -1}}"'
    )

    code, said = machine.set_up()

    assert code == 0, said
    assert machine.has_package()


def test_without_venv_and_virtualenv_uv_is_used(machine: Machine) -> None:
    machine.add_python("python3", venv=DEBIAN)
    machine.add_program(
        machine.programs / "uv",
        # As uv does: without --allow-existing it takes no folder that is not an environment.
        f'[[ "$*" == "venv "*--allow-existing* ]] && cp -R "{machine.environment}/." "${{@: -1}}"',
    )

    code, said = machine.set_up()

    assert code == 0, said
    assert machine.has_package()


def test_without_any_of_them_the_package_that_has_venv_is_named(machine: Machine) -> None:
    machine.add_python("python3", venv=DEBIAN)

    code, said = machine.set_up()

    assert code == 1
    assert f"apt-get install python{VERSION}-venv" in said
    assert not machine.venv.exists()


def test_a_full_disk_is_named_when_the_environment_is_made(machine: Machine) -> None:
    machine.add_python("python3", venv=FULL)

    code, said = machine.set_up()

    assert code == 1
    assert "The disk is full" in said
    assert "df -h" in said


def test_a_full_disk_is_named_though_ensurepip_hides_it(machine: Machine) -> None:
    machine.add_python("python3", venv="Error: Command ensurepip returned non-zero exit status 1.")
    machine.add_program(
        machine.programs / "df",
        "echo Filesystem 1024-blocks Used Available Capacity Mounted on\n"
        "echo /dev/sda1 1000000 999000 1000 100% /",
    )

    code, said = machine.set_up()

    assert code == 1
    assert "The disk is full" in said
    assert "apt-get" not in said


def test_a_full_disk_is_named_when_packages_are_installed(machine: Machine) -> None:
    machine.set_up()
    (machine.venv / ".installed-requirements.lock").unlink()
    real = (machine.venv / "bin" / "python").resolve()
    machine.add_program(
        machine.venv / "bin" / "python",
        f'case "$*" in "-m pip install "*) echo "{FULL}" >&2; exit 1 ;; esac; exec {real} "$@"',
    )

    code, said = machine.set_up()

    assert code == 1
    assert "The disk is full" in said
    assert "TMPDIR" in said


def test_without_network_it_says_how_to_get_the_packages(machine: Machine) -> None:
    code, said = machine.set_up(PIP_NO_INDEX="0", PIP_FIND_LINKS="", PIP_INDEX_URL=NOBODY_LISTENS)

    assert code == 1
    for help_word in ("HTTPS_PROXY", "PIP_INDEX_URL", "PIP_FIND_LINKS", "pip download"):
        assert help_word in said

    code, said = machine.set_up()
    assert code == 0, said
    assert machine.has_package()


def test_a_proxy_of_the_environment_is_used(machine: Machine) -> None:
    with index(machine) as proxy:
        code, said = machine.set_up(
            PIP_NO_INDEX="0",
            PIP_FIND_LINKS="",
            PIP_INDEX_URL="http://packages.invalid/simple",
            PIP_TRUSTED_HOST="packages.invalid",
            HTTP_PROXY=proxy.url,
            http_proxy=proxy.url,
        )

    assert code == 0, said
    assert proxy.asked[0].startswith("http://packages.invalid/simple/")
    assert machine.has_package()


def test_an_untrusted_certificate_is_named(machine: Machine) -> None:
    machine.set_up()
    (machine.venv / ".installed-requirements.lock").unlink()
    real = (machine.venv / "bin" / "python").resolve()
    problem = "SSLCertVerificationError: certificate verify failed: self-signed certificate"
    machine.add_program(
        machine.venv / "bin" / "python",
        f'case "$*" in "-m pip install "*) echo "{problem}" >&2; exit 1 ;; esac; exec {real} "$@"',
    )

    code, said = machine.set_up()

    assert code == 1
    assert "PIP_CERT" in said


@pytest.mark.slow
@pytest.mark.parametrize("ended_by", [signal.SIGINT, signal.SIGKILL])
def test_an_interrupted_installation_is_repaired(
    machine: Machine, ended_by: signal.Signals
) -> None:
    with index(machine) as silent:
        silent.answers = False
        process = machine.start(
            *("scripts/setup", "requirements.lock"),
            PIP_NO_INDEX="0",
            PIP_FIND_LINKS="",
            PIP_INDEX_URL=f"{silent.url}/simple",
        )
        assert silent.was_asked.wait(60)
        os.killpg(process.pid, ended_by)
        process.communicate(timeout=60)
    # As pip leaves a package that it takes for installed.
    (packages,) = machine.venv.glob("lib/python*/site-packages")
    half = packages / f"{PACKAGE}-1.0.dist-info"
    half.mkdir()
    (half / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: 1.0\n")

    code, said = machine.set_up()

    assert code == 0, said
    assert "making .venv anew: its installation was interrupted" in said
    assert machine.has_package()


@pytest.mark.slow
def test_an_environment_whose_interpreter_was_removed_is_made_anew(machine: Machine) -> None:
    machine.set_up()
    python = machine.venv / "bin" / "python"
    python.unlink()
    python.symlink_to("/nowhere/bin/python3")

    code, said = machine.set_up()

    assert code == 0, said
    assert "making .venv anew: its interpreter is gone" in said
    assert machine.has_package()


@pytest.mark.slow
def test_an_environment_without_pip_is_made_anew(machine: Machine) -> None:
    machine.set_up()
    (packages,) = machine.venv.glob("lib/python*/site-packages")
    shutil.rmtree(packages / "pip")

    code, said = machine.set_up()

    assert code == 0, said
    assert "making .venv anew: it has no pip" in said
    assert machine.has_package()


@pytest.mark.slow
def test_an_environment_of_another_python_than_asked_for_is_made_anew(machine: Machine) -> None:
    machine.set_up()
    another = "3.12" if VERSION != "3.12" else "3.13"
    chosen = machine.add_python("chosen", version=another)

    code, said = machine.set_up(PYTHON=str(chosen))

    assert code == 0, said
    assert f"making .venv anew: it has Python {VERSION}" in said


def test_an_environment_that_is_as_asked_for_is_kept(machine: Machine) -> None:
    machine.set_up()

    assert machine.set_up(PYTHON=str(machine.python)) == (0, "")


@pytest.mark.slow
def test_an_old_pip_is_replaced_without_the_network(machine: Machine, tmp_path: Path) -> None:
    old = tmp_path / "old"
    shutil.copytree(machine.environment, old, symlinks=True)
    with_old_pip(old, "21.0")
    machine.environment = old
    machine.add_python("python3")

    code, said = machine.set_up()

    assert code == 0, said
    told = subprocess.run(
        [machine.venv / "bin" / "python", "-m", "pip", "--version"],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert not told.startswith("pip 21.")
    assert machine.has_package()


def find(machine: Machine, *arguments: str, **variables: str) -> tuple[int, str]:
    code, said = machine.run("scripts/find-python", *arguments, **variables)
    return code, said.strip()


def only(machine: Machine, **versions: str) -> dict[str, str]:
    """A machine with these interpreters and no other: name on the PATH, version."""
    machine.python.unlink()
    return {
        version: str(machine.add_python(name.replace("_", "."), version=version))
        for name, version in versions.items()
    }


@pytest.mark.parametrize("version", ["3.11", "3.12", "3.13"])
def test_python3_is_taken_if_the_tests_run_on_its_version(machine: Machine, version: str) -> None:
    first = machine.add_python("python3", version=version)
    machine.add_python("python3.13", version="3.13")

    assert find(machine) == (0, str(first))


def test_the_newest_is_taken_if_python3_is_too_old(machine: Machine) -> None:
    there = only(machine, python3="3.9", python3_11="3.11", python3_12="3.12")

    assert find(machine) == (0, there["3.12"])


def test_a_tested_python_is_taken_rather_than_a_newer_one(machine: Machine) -> None:
    there = only(machine, python3="3.14", python3_11="3.11")

    assert find(machine) == (0, there["3.11"])


def test_a_newer_python_is_taken_with_a_warning_if_there_is_no_other(machine: Machine) -> None:
    there = only(machine, python3="3.14")

    code, said = find(machine)

    assert code == 0
    assert there["3.14"] in said
    assert "Python 3.14 is newer than what the tests run on (3.13)" in said


def test_if_python_is_too_old_it_says_how_to_get_another(machine: Machine) -> None:
    only(machine, python3="3.9")

    code, said = find(machine)

    assert code == 1
    assert "Pegasus needs Python 3.11 or newer; python3 is 3.9" in said
    for help_word in ("apt-get install", "brew install", "uv python install", "PYTHON="):
        assert help_word in said


def test_without_any_python_it_says_how_to_get_one(machine: Machine) -> None:
    only(machine)

    code, said = find(machine)

    assert code == 1
    assert "Pegasus needs Python 3.11 or newer." in said


def test_python_of_the_environment_is_taken_before_all_others(machine: Machine) -> None:
    chosen = machine.add_python("chosen", version="3.12")

    assert find(machine, PYTHON=str(chosen)) == (0, str(chosen))


@pytest.mark.parametrize(
    ("version", "message"), [("3.10", "is Python 3.10"), ("", "is not an interpreter that runs")]
)
def test_a_python_that_cannot_be_used_is_refused(
    machine: Machine, version: str, message: str
) -> None:
    chosen = machine.add_python("chosen", version=version) if version else Path("/nowhere/python")

    code, said = find(machine, PYTHON=str(chosen))

    assert code == 1
    assert message in said


def test_interpreters_of_pyenv_are_found_by_version(machine: Machine, tmp_path: Path) -> None:
    only(machine, python3="3.9")
    folder = tmp_path / ".pyenv" / "versions" / "3.12.7" / "bin"
    pyenv = machine.add_python("temporary", version="3.12")
    folder.mkdir(parents=True)
    pyenv.rename(folder / "python")

    assert find(machine, "3.12") == (0, str(folder / "python"))
    assert find(machine) == (0, str(folder / "python"))


def test_interpreters_of_uv_are_found_by_version(machine: Machine) -> None:
    there = only(machine, python3="3.9", of_uv="3.13")
    machine.add_program(
        machine.programs / "uv",
        f'[[ "$*" == "python find "*" 3.13" ]] && echo {there["3.13"]}',
    )

    assert find(machine, "3.13") == (0, there["3.13"])
    assert find(machine, "3.12")[0] == 1


def test_a_variable_names_the_interpreter_of_a_version(machine: Machine) -> None:
    chosen = machine.add_python("chosen", version="3.12")

    assert find(machine, "3.12", PYTHON_3_12=str(chosen)) == (0, str(chosen))


def test_a_missing_version_is_named_with_its_variable(machine: Machine) -> None:
    only(machine, python3="3.9")

    code, said = find(machine, "3.13")

    assert code == 1
    assert "Python 3.13 was not found" in said
    assert "PYTHON_3_13" in said


def test_make_hands_the_chosen_python_to_setup(machine: Machine) -> None:
    machine.add_program(machine.checkout / "scripts" / "setup", 'echo "PYTHON is $PYTHON"')

    assert machine.run("make", ".venv/all", "PYTHON=/a/python") == (0, "PYTHON is /a/python\n")


def test_make_runs_no_program_of_the_environment_by_its_path() -> None:
    """Their first line names the folder where they were installed; a moved checkout breaks it."""
    recipes = (ROOT / "Makefile").read_text()

    assert set(re.findall(r"\.venv/bin/[\w-]+", recipes)) <= {".venv/bin/python"}


@pytest.mark.parametrize(
    "newer",
    [
        r"^\.ONESHELL",
        r"^\.SHELLFLAGS",
        r"^\.RECIPEPREFIX",
        r"^\s*undefine\b",
        r"^\s*define\s.*=$",
        r"^[\w.]+\s*(?:!=|:::?=)",
        r"\$\((?:file|guile|let|intcmp)\s",
        r"\s&:",
    ],
)
def test_the_makefile_uses_nothing_newer_than_make_of_macos(newer: str) -> None:
    """macOS has GNU make 3.81."""
    assert re.findall(newer, (ROOT / "Makefile").read_text(), re.MULTILINE) == []

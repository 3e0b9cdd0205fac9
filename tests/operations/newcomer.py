"""A checkout on a newcomer's machine: interpreters, programs and a package index to choose."""

import base64
import hashlib
import os
import re
import shutil
import stat
import subprocess
import sys
import zipfile
from pathlib import Path

from scripts.local.stack import ROOT

PACKAGE = "pegasus_example"
INTERPRETER = getattr(sys, "_base_executable", sys.executable)
VERSION = f"{sys.version_info.major}.{sys.version_info.minor}"
DEBIAN = "The virtual environment was not created successfully because ensurepip is not available."
FULL = "OSError: [Errno 28] No space left on device"


class Machine:
    """A home folder and a checkout in it whose path has a space and letters beyond ASCII.

    `environment` is what `python -m venv` makes there: a copy of that folder.
    """

    def __init__(self, home: Path, environment: Path) -> None:
        self.programs = home / "bin"
        self.programs.mkdir(parents=True)
        for name in _TOOLS:
            if found := shutil.which(name):
                (self.programs / name).symlink_to(found)
        self.environment = environment
        self.checkout = home / "Zoë’s 講義 checkout"
        (self.checkout / "scripts").mkdir(parents=True)
        for name in ("setup", "find-python"):
            shutil.copy(ROOT / "scripts" / name, self.checkout / "scripts" / name)
        shutil.copy(ROOT / "Makefile", self.checkout / "Makefile")
        # What comes after the pinned packages has tests of its own (test_optional.py).
        (self.checkout / "scripts" / "local").mkdir()
        (self.checkout / "scripts" / "local" / "optional.py").touch()
        self.wheels = home / "wheels"
        self.wheels.mkdir()
        (self.checkout / "requirements.lock").write_text(wheel_in(self.wheels))
        self.variables = {
            "PATH": str(self.programs),
            "HOME": str(home),
            "LC_ALL": "C.UTF-8",
            "PIP_CONFIG_FILE": os.devnull,
            "PIP_RETRIES": "0",
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(self.wheels),
        }
        self.venv = self.checkout / ".venv"
        self.python = self.add_python("python3")

    def add_python(self, name: str, *, version: str = VERSION, venv: str = "") -> Path:
        """An interpreter of that version; `venv` is what its module venv says when it fails."""
        made = f"cp -R '{self.environment}/.' \"$3\"" if not venv else f"echo '{venv}'; exit 1"
        return self.add_program(
            self.programs / name,
            f"""
            case "$*" in
              *_base_executable*) echo "$0" ;;
              *sys.version_info\\[:2\\]*) echo {version} ;;
              "-m venv "*) {made} ;;
              "-m virtualenv "*) exit 1 ;;
              *) exec '{INTERPRETER}' "$@" ;;
            esac""",
        )

    def add_program(self, path: Path, body: str) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.unlink(missing_ok=True)
        path.write_text(f"#!{shutil.which('bash')}\n{body}\n")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)
        return path

    def start(self, *command: str, **variables: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            command,
            cwd=self.checkout,
            env=self.variables | variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )

    def run(self, *command: str, **variables: str) -> tuple[int, str]:
        """Exit status, and all that was said."""
        process = self.start(*command, **variables)
        said, _ = process.communicate(timeout=120)
        return process.returncode, said

    def set_up(self, **variables: str) -> tuple[int, str]:
        return self.run("scripts/setup", "requirements.lock", **variables)

    def has_package(self) -> bool:
        code = f"import {PACKAGE}"
        python = self.venv / "bin" / "python"
        return subprocess.run([python, "-c", code], check=False).returncode == 0


def wheel_in(folder: Path) -> str:
    """Write a package's wheel; returns the requirements file that pins it."""
    name = f"{PACKAGE}-1.0-py3-none-any.whl"
    info = f"{PACKAGE}-1.0.dist-info"
    files = {
        f"{PACKAGE}.py": "",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {PACKAGE}\nVersion: 1.0\n",
        f"{info}/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    record = [f"{path},sha256={_digest(text)},{len(text)}" for path, text in files.items()]
    files[f"{info}/RECORD"] = "\n".join([*record, f"{info}/RECORD,,", ""])
    with zipfile.ZipFile(folder / name, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    digest = hashlib.sha256((folder / name).read_bytes()).hexdigest()
    return f"{PACKAGE.replace('_', '-')}==1.0 \\\n    --hash=sha256:{digest}\n"


def with_old_pip(environment: Path, version: str) -> None:
    """Let an environment's pip be of an old version, in its own words and in its metadata."""
    (packages,) = environment.glob("lib/python*/site-packages")
    (info,) = packages.glob("pip-*.dist-info")
    for file in (packages / "pip" / "__init__.py", info / "METADATA"):
        text = file.read_text()
        file.write_text(re.sub(r'(?m)^(__version__ = "|Version: )[\d.]+', rf"\g<1>{version}", text))
    info.rename(packages / f"pip-{version}.dist-info")


def _digest(text: str) -> str:
    raw = hashlib.sha256(text.encode()).digest()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


_TOOLS = (
    *("bash", "sh", "env", "cat", "cmp", "cp", "cut", "dirname", "expand", "grep", "make"),
    *("df", "mkdir", "rm", "sed", "tail", "tr", "uname"),
)

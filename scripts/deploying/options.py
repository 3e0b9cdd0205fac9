"""What a deployment is given, and what it puts together."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from scripts import package
from scripts.deploying.callers import Ask, ask
from scripts.deploying.weights import fetch_weights

ROOT = Path(__file__).resolve().parents[2]
TERRAFORM = ROOT / "terraform"
SPEECH = ROOT / "tests" / "data" / "speech" / "librivox-austen-0880.flac"
"""A few seconds to try a new installation with: a smoke test with silence sees less of it."""


def build_archives(into: Path) -> None:
    """`APP=0` leaves the app out. Raises OSError."""
    without_app = ["--without-app"] if os.environ.get("APP") == "0" else []
    if package.main(["--into", str(into), *without_app]):
        raise OSError("The archives were not built (see above).")


@dataclass(frozen=True)
class Parts:
    """What a deployment puts together."""

    package: Callable[[Path], None] = build_archives
    ask: Ask = ask
    """Calls an address as anyone can."""
    migrate: str = str(ROOT / "scripts" / "migrate")
    weights: Callable[[str, Path], Path] = fetch_weights
    """From a published model's name and a cache to the folder with its files."""
    smoke: str = str(ROOT / "scripts" / "smoke_worker_queue.sh")


@dataclass(frozen=True)
class Options:
    project: str
    state_bucket: str
    var_file: Path
    migrator: str
    build: Path
    """Where archives are built, and those of earlier releases are put."""
    agreed: Callable[[str], bool]
    """Asked before anything is changed."""

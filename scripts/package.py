"""Build what is deployed: one archive for each stage.

    python -m scripts.package [--into build] [--without-app] [STAGE ...]

An archive holds `shared/`, the stage's own folder, a `main.py` that names the entry points, and
`requirements.txt`; so imports read the same as here. The same files give the same bytes, whatever
the clock, the machine and the order of the directory say. Beside it lies its software bill of
materials, STAGE.cdx.json (CycloneDX). `ingest` holds the app's web files as well, which are built
first unless they are there.
"""

import argparse
import hashlib
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import get_args

from functions.export.text.archive import zipped
from scripts import web_app
from scripts.bill_of_materials import bill_of_materials
from shared.topology import Function, load_topology

ROOT = Path(__file__).resolve().parents[1]
APP_STAGE = "ingest"
"""Serves the app."""
STAGES: tuple[str, ...] = get_args(Function.model_fields["stage"].annotation)


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        description="Build the archives that are deployed, one for each stage."
    )
    parser.add_argument("stages", nargs="*", metavar="STAGE", help=f"of {', '.join(STAGES)}")
    parser.add_argument(
        "--into", type=Path, default=ROOT / "build", help="folder to write to (default: build)"
    )
    parser.add_argument(
        "--without-app", action="store_true", help="leave the app's web files out of ingest"
    )
    given = parser.parse_args(arguments)
    if unknown := set(given.stages) - set(STAGES):
        parser.error(f"there is no stage {', '.join(sorted(unknown))}")
    stages = given.stages or STAGES
    app = not given.without_app
    if app and APP_STAGE in stages and not web_app.is_current():
        try:
            web_app.build()
        except web_app.NotBuiltError as error:
            print(f"{error} `make package APP=0` leaves the app out.", file=sys.stderr)
            return 1
    given.into.mkdir(parents=True, exist_ok=True)
    for stage in stages:
        archive = package(stage, app=app)
        (given.into / f"{stage}.zip").write_bytes(archive)
        (given.into / f"{stage}.cdx.json").write_bytes(materials_of(stage, archive))
        digest = hashlib.sha256(archive).hexdigest()
        print(f"{stage + '.zip':16} {len(archive):>9,} bytes  sha256 {digest}")
    return 0


def package(stage: str, root: Path = ROOT, *, app: bool = True) -> bytes:
    """The stage's archive; with the app's web files if they are there and `app` is set."""
    return zipped(sorted(_entries(stage, root, app=app)))


def materials_of(stage: str, archive: bytes, root: Path = ROOT) -> bytes:
    """The bill of materials of the stage's archive."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    lock = (root / "functions" / stage / "requirements.txt").read_text()
    return bill_of_materials(stage, lock=lock, archive=archive, version=project["version"])


def _entries(stage: str, root: Path, *, app: bool) -> Iterator[tuple[str, bytes]]:
    own = root / "functions" / stage
    left_out = None if app else root / web_app.EXPORT.relative_to(ROOT)
    yield "main.py", _main(stage).encode()
    yield "requirements.txt", (own / "requirements.txt").read_bytes()
    yield "functions/__init__.py", (root / "functions" / "__init__.py").read_bytes()
    for folder in (root / "shared", own):
        for path in folder.rglob("*"):
            inner = path.relative_to(folder)
            if left_out in path.parents or any(_is_left_out(part) for part in inner.parts):
                continue
            if path.is_file():
                yield path.relative_to(root).as_posix(), path.read_bytes()


def _is_left_out(name: str) -> bool:
    """Caches, hidden files, and the list of requirements, which lies at the top."""
    return name == "__pycache__" or name.startswith(".") or name == "requirements.txt"


def _main(stage: str) -> str:
    """The functions framework looks for entry points in `main.py` at the top."""
    functions = load_topology().functions.values()
    names = sorted(each.entry_point for each in functions if each.stage == stage)
    return (
        f'"""What the functions framework starts: the entry points of {stage}."""\n\n'
        f"from functions.{stage}.main import {', '.join(names)}\n\n"
        f"__all__ = [{', '.join(f'{name!r}' for name in names)}]\n"
    )


if __name__ == "__main__":
    sys.exit(main())

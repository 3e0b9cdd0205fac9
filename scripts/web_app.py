"""`make app`: build the app's web files, which the API serves under `/app/`.

    python -m scripts.web_app [--if-missing]

Needs Node 20 or newer and npm. Installs what `mobile/package-lock.json` pins, exports the app, and
puts the files into `functions/ingest/web_app/export`, which git ignores. With `--if-missing`
(`make up`) an app that is there is left as it is, and a build that is not possible is only named.
"""

import argparse
import hashlib
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
MOBILE = ROOT / "mobile"
EXPORT = ROOT / "functions" / "ingest" / "web_app" / "export"
OLDEST_NODE = 20
SOURCES = ".sources"
"""In the export: what it was built from."""
_NO_SOURCES = {"node_modules", "dist", ".expo", "e2e", "test-results", "coverage", "ios", "android"}
_ENVIRONMENT = {"EXPO_OFFLINE": "1", "EXPO_NO_TELEMETRY": "1", "CI": "1"}


class NotBuiltError(Exception):
    """Why there is no app, and what to do."""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="Build the app's web files.")
    parser.add_argument("--if-missing", action="store_true", help="leave an app that is there")
    given = parser.parse_args(arguments)
    if given.if_missing and (EXPORT / "index.html").is_file():
        if not is_current():
            print("The app at /app/ is older than mobile/: `make app` builds it anew.")
        return 0
    try:
        build()
    except NotBuiltError as error:
        print(f"The app was not built: {error}", file=sys.stderr)
        return 0 if given.if_missing else 1
    return 0


def build(mobile: Path = MOBILE, export: Path = EXPORT) -> None:
    """Raises NotBuiltError. The export that is there stays until the new one is whole."""
    require_node()
    sources = digest_of(mobile)
    _install(mobile)
    _run(("npm", "run", "build"), mobile)
    fresh = export.with_name(export.name + ".new")
    shutil.rmtree(fresh, ignore_errors=True)
    shutil.copytree(mobile / "dist", fresh)
    (fresh / SOURCES).write_text(sources)
    shutil.rmtree(export, ignore_errors=True)
    fresh.rename(export)
    print(f"The app is in {export.relative_to(ROOT) if export.is_relative_to(ROOT) else export}")


def is_current(mobile: Path = MOBILE, export: Path = EXPORT) -> bool:
    """Whether the export was built from the sources as they are."""
    try:
        return (export / SOURCES).read_text() == digest_of(mobile)
    except FileNotFoundError:
        return False


def digest_of(mobile: Path) -> str:
    """Of everything that the export is made from."""
    digest = hashlib.sha256()
    for path in sorted(_sources(mobile)):
        digest.update(path.relative_to(mobile).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def require_node() -> None:
    """Raises NotBuiltError."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        raise NotBuiltError(f"Node {OLDEST_NODE} or newer, with npm, is not on the PATH.")
    told = subprocess.run((node, "--version"), capture_output=True, text=True, check=False).stdout
    major = re.match(r"v(\d+)", told)
    if major is None or int(major[1]) < OLDEST_NODE:
        raise NotBuiltError(f"Node is {told.strip() or 'broken'}; {OLDEST_NODE} is needed.")


def _sources(mobile: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(mobile):
        folders[:] = [name for name in folders if name not in _NO_SOURCES]
        for name in names:
            if ".test." not in name and not name.endswith(".md"):
                yield Path(folder) / name


def _install(mobile: Path) -> None:
    """What the lock pins, unless it is installed."""
    lock = hashlib.sha256((mobile / "package-lock.json").read_bytes()).hexdigest()
    stamp = mobile / "node_modules" / ".installed-lock"
    if stamp.is_file() and stamp.read_text() == lock:
        return
    _run(("npm", "ci", "--no-audit", "--no-fund"), mobile)
    stamp.write_text(lock)


def _run(command: Sequence[str], folder: Path) -> None:
    environment = {**os.environ, **_ENVIRONMENT, "PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD": "1"}
    print(f"$ {' '.join(command)}", flush=True)
    ended = subprocess.run(command, cwd=folder, env=environment, check=False)
    if ended.returncode:
        raise NotBuiltError(f"`{' '.join(command)}` failed in {folder.name}/ (see above).")


if __name__ == "__main__":
    sys.exit(main())

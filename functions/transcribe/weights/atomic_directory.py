"""Making a directory that appears whole or not at all."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path


def build_once(directory: Path, fill: Callable[[Path], None]) -> Path:
    """Return `directory`, filled by `fill` unless it is there already.

    Two processes may do this concurrently: each fills a folder of its own beside it, the
    first to rename it wins and the other's is dropped.
    """
    if directory.is_dir():
        return directory
    directory.parent.mkdir(parents=True, exist_ok=True)
    building = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    try:
        fill(building)
        building.chmod(0o755)
        try:
            building.rename(directory)
        except OSError:
            # Another process's is in place: a directory is never renamed over a full one.
            if not directory.is_dir():
                raise
    finally:
        shutil.rmtree(building, ignore_errors=True)
    return directory

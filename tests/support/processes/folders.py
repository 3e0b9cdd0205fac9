"""Folders for servers that run as another account."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def enterable_folder() -> Iterator[Path]:
    """One that Postgres' account can enter. pytest's own folders are closed to other accounts,
    and are closed again by every session that starts on the machine."""
    with TemporaryDirectory(prefix="pegasus-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder

"""Each source of Postgres' programs on this machine, for tests that must hold with any."""

from scripts.local.postgres.binaries import SOURCES, Binaries, PostgresError


def _first_of(source: str) -> Binaries | None:
    try:
        return next(iter(SOURCES[source]()))
    except PostgresError:
        return None


FOUND = {source: _first_of(source) for source in SOURCES}

"""Bring the database to the schema this code expects: `python -m shared.migrate`.

Safe to run any number of times and from several places at once: the first takes
an advisory lock, the others wait and find nothing left to do. Everything happens
in one transaction, so a migration that fails leaves the schema as it was.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import text

from shared.config import load_settings
from shared.database import Database

ADVISORY_LOCK = 0x50454741_53555301
"""Any constant no other program on this database uses ("PEGASUS", 1)."""


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    return config


def head_revision() -> str:
    """The revision this code was written for."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    if head is None:
        raise RuntimeError("no migrations are packaged with this code")
    return head


def schema_problem(database: Database) -> str | None:
    """Why this code cannot work on the database's schema, or None.

    A revision this code does not know is a newer one. Migrations add before they take
    away, so the code that is being replaced can go on working on it.
    """
    found = database.revision()
    expected = head_revision()
    scripts = ScriptDirectory.from_config(_config())
    known = {script.revision for script in scripts.walk_revisions()}
    if found == expected or (found is not None and found not in known):
        return None
    return f"schema is at {found or 'nothing'}, this code needs {expected}: run the migrations"


def migrate(database: Database, revision: str = "head") -> None:
    config = _config()
    with database.engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


def main() -> None:
    database = Database.from_settings(load_settings())
    before = database.revision()
    migrate(database)
    print(f"schema {before or 'empty'} -> {database.revision()}")
    database.close()


if __name__ == "__main__":
    main()

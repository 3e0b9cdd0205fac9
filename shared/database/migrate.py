"""Migrates the database's schema up or down, and reports its revision.

    python -m shared.database.migrate [up [--dry-run]]
    python -m shared.database.migrate down REVISION [--dry-run] [--accept-data-loss]
    python -m shared.database.migrate current

Safe to run any number of times and concurrently from several places: the first takes an advisory
lock, the others wait and find nothing left to do. Everything happens in one transaction, so a
migration that fails leaves the schema as it was. `up` also makes the database's roles
(shared/database/roles.py) and gives them to the logins of the functions' accounts. `--dry-run`
prints the SQL and changes nothing.

Needs the environment of a function. Exits with 0 on success, with 1 if rows would be lost whose
loss was not allowed, with 2 on failure. See docs/runbooks/migration-rollback.md.
"""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text
from sqlalchemy.exc import SQLAlchemyError

from shared.config import ConfigurationError, load_settings
from shared.database.connections import Database
from shared.database.roles import RoleError, act_as_owner
from shared.database.schema_losses import Loss, losses

ADVISORY_LOCK = 0x50454741_53555301
"""Any constant no other program on this database uses ("PEGASUS", 1)."""

LOCK_TIMEOUT_SEC = 30
"""A migration that waits longer for a table gives up: all later statements queue behind it."""

BASE = "base"
"""The revision before the first: no tables."""

DONE, REFUSED, UNABLE = 0, 1, 2


class RevisionError(Exception):
    """The way does not lead there."""


class DataLossError(Exception):
    """Rows would be lost; the message lists them."""

    def __init__(self, lost: Sequence[Loss]) -> None:
        super().__init__("\n".join(f"  {each}" for each in lost))
        self.lost = lost


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
    away, so the code that is being replaced can continue working on it.
    """
    found = database.revision()
    expected = head_revision()
    if found == expected or (found is not None and found not in _known()):
        return None
    return f"schema is at {found or 'nothing'}, this code needs {expected}: run the migrations"


def migrate(database: Database, revision: str = "head", *, project: str | None = None) -> None:
    """With `project`, the logins of its functions get their roles as well. Raises RoleError."""
    with _locked(database, project) as (_, config):
        command.upgrade(config, revision)


def migrate_down(database: Database, revision: str, *, accept_data_loss: bool = False) -> None:
    """Go back to a revision, `base` for the empty database.

    Raises DataLossError if rows would be lost that make no sense without what was added since,
    unless that is accepted; RevisionError.
    """
    with _locked(database) as (connection, config):
        if not _leads_down(_revision(connection), revision):
            return
        lost = losses(connection, lambda: command.downgrade(config, revision), lock=True)
        if lost and not accept_data_loss:
            raise DataLossError(lost)
        command.downgrade(config, revision)


def losses_below(database: Database, revision: str) -> list[Loss]:
    """What `migrate_down` would lose at this moment. Raises RevisionError."""
    with _locked(database) as (connection, config):
        if not _leads_down(_revision(connection), revision):
            return []
        return losses(connection, lambda: command.downgrade(config, revision), lock=False)


@contextmanager
def _locked(database: Database, project: str | None = None) -> Iterator[tuple[Connection, Config]]:
    """A transaction of the schema's owner that no other migration runs beside, and Alembic's
    configuration with its connection. Raises RoleError."""
    config = _config()
    with database.engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": ADVISORY_LOCK})
        connection.execute(text(f"SET LOCAL lock_timeout = '{LOCK_TIMEOUT_SEC}s'"))
        act_as_owner(connection, project)
        config.attributes["connection"] = connection
        yield connection, config


def _known() -> Sequence[str]:
    """All revisions, the latest first. No two of them follow the same one."""
    scripts = ScriptDirectory.from_config(_config())
    return [script.revision for script in scripts.walk_revisions()]


def _revision(connection: Connection) -> str:
    if connection.scalar(text("SELECT to_regclass('alembic_version')")) is None:
        return BASE
    return connection.scalar(text("SELECT version_num FROM alembic_version")) or BASE


def _leads_down(found: str, wanted: str) -> bool:
    """Whether there is a step to take. Raises RevisionError if there is no way down."""
    known = [*_known(), BASE]
    if found not in known:
        raise RevisionError(
            f"the schema is at {found}, which this code does not know: go down with the code that"
            " brought it there"
        )
    if wanted not in known:
        raise RevisionError(f"there is no revision {wanted}")
    if known.index(wanted) < known.index(found):
        raise RevisionError(f"the schema is at {found}, which is below {wanted}")
    return wanted != found


def _print_way_up(found: str | None) -> None:
    command.upgrade(_config(), f"{found or BASE}:head", sql=True)


def _print_way_down(database: Database, found: str | None, revision: str) -> None:
    lost = losses_below(database, revision)
    if _leads_down(found or BASE, revision):
        command.downgrade(_config(), f"{found}:{revision}", sql=True)
    print("-- nothing would be lost" if not lost else "-- would be lost:")
    for each in lost:
        print(f"--   {each}")


def _run(database: Database, given: argparse.Namespace, project: str) -> None:
    before = database.revision()
    if given.command == "current":
        print(f"{before or BASE} (this code: {head_revision()})")
    elif given.command == "down" and given.dry_run:
        _print_way_down(database, before, given.revision)
    elif given.dry_run:
        _print_way_up(before)
    else:
        if given.command == "down":
            migrate_down(database, given.revision, accept_data_loss=given.accept_data_loss)
        else:
            migrate(database, project=project)
        print(f"schema {before or 'empty'} -> {database.revision() or 'empty'}")


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    try:
        settings = load_settings()
        database = Database.from_settings(settings)
        try:
            _run(database, given, settings.google_cloud_project)
        finally:
            database.close()
    except DataLossError as error:
        print(f"this would be lost:\n{error}\n--accept-data-loss goes on", file=sys.stderr)
        return REFUSED
    except (ConfigurationError, RevisionError, RoleError, SQLAlchemyError) as error:
        print(f"nothing was changed: {error}", file=sys.stderr)
        return UNABLE
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/migrate",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    dry = argparse.ArgumentParser(add_help=False)
    dry.add_argument("--dry-run", action="store_true", help="print the SQL, and change nothing")
    commands = parser.add_subparsers(dest="command")
    parser.set_defaults(command="up", dry_run=False)
    commands.add_parser("up", parents=[dry], help="to what this code needs")
    down = commands.add_parser("down", parents=[dry], help="back to a revision")
    down.add_argument("revision", metavar="REVISION", help="such as 0005, or base for no tables")
    down.add_argument("--accept-data-loss", action="store_true", help="rows may be lost")
    commands.add_parser("current", help="where the schema is")
    return parser


if __name__ == "__main__":
    sys.exit(main())

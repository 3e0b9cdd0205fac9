"""Each function can do in the database what it does, and nothing else."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Connection, create_engine, text

from shared.database.connections import Database
from shared.database.grants import GRANTS
from shared.database.roles import FUNCTION_ROLES, OWNER, login_of, role_of
from shared.models import Base
from tests.support.database.logins import ENTRY_POINTS, FUNCTIONS
from tests.support.database.privilege_witnesses import Witness, declared, is_needed, parse, read
from tests.support.database.statement_privileges import Privilege, is_allowed, prepare, succeeds
from tests.support.lectures.builders import PROJECT

COLUMNS = {
    **{name: [each.name for each in table.columns] for name, table in Base.metadata.tables.items()},
    "alembic_version": ["version_num"],
}
WITNESSES = read()
ENDS_JOBS = {"jobs: INSERT", "outbox: SELECT", "outbox: INSERT", "outbox: UPDATE (published_at)"}
"""A job that ends is queued again if its input has changed meanwhile (shared/work/jobs.py)."""
JOINS = {
    "lectures: UPDATE (language)",
    "lectures: UPDATE (transcript_object)",
    "lectures: UPDATE (transcript_deleted_at)",
    "lectures: UPDATE (warnings)",
    "passages: SELECT",
    "passages: INSERT",
    "passages: DELETE",
}
"""Joining segments that a dead worker has left done (functions/transcribe/join.py)."""
UNRECORDED = {
    # A recording over the size limit (test_uploads.py).
    "ingest-on-upload": {
        "deletion_audit_events: SELECT",
        "deletion_audit_events: INSERT",
        "deletion_audit_events: UPDATE (outcome)",
        "lectures: UPDATE (raw_deleted_at)",
    },
    "transcribe": JOINS,
    "transcribe-on-segment": {
        # A task that cannot be read; a transcript that is made again after its deletion.
        *("dead_letters: SELECT", "dead_letters: INSERT"),
        "lectures: UPDATE (transcript_deleted_at)",
    },
    "export": ENDS_JOBS,
    # Threads whose first lecture's material is deleted are told by another one.
    "retention": {
        f"threads: UPDATE ({column})"
        for column in ("title", "description", "complexity", "aliases")
    },
    # Continuing an unfinished run of retention (test_retention_material.py).
    "retention-on-sweep": {
        "artifacts: DELETE",
        "daily_usage: UPDATE",
        "exports: DELETE",
        "idempotency_keys: UPDATE",
        "lecture_marks: DELETE",
        "lecture_marks: UPDATE",
        "lectures: UPDATE (material_deleted_at)",
        "lectures: UPDATE (raw_deleted_at)",
        "lectures: UPDATE (transcript_deleted_at)",
        "lectures: UPDATE (transcript_object)",
        "operator_accesses: DELETE",
        "operator_accesses: UPDATE",
        "outbox: DELETE",
        "passages: DELETE",
        "rate_limits: UPDATE",
        "rejected_uploads: UPDATE",
        "segments: DELETE",
        "thread_accounts: DELETE",
        "thread_occurrences: DELETE",
        "thread_updates: DELETE",
        "threads: DELETE",
        "threads: UPDATE (aliases)",
        "threads: UPDATE (complexity)",
        "threads: UPDATE (description)",
        "threads: UPDATE (title)",
        "transcript_revisions: DELETE",
        "upload_registrations: DELETE",
    },
    "retention-on-dead-letter": ENDS_JOBS,
}
"""Privileges for statements that no recorded test issues. Beside them each function reads the
schema's revision, once a process (shared/runtime.py)."""


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    """The superuser's, in a transaction."""
    with database.engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def logged_in(database: Database, function: str) -> Iterator[Connection]:
    url = database.engine.url.set(username=login_of(function, PROJECT), password=None)
    engine = create_engine(url, connect_args={"ssl_context": False})
    try:
        with engine.connect() as connection, connection.begin():
            yield connection
    finally:
        engine.dispose()


def attempts() -> Iterator[tuple[Privilege, str]]:
    """Each privilege on each table, and a statement that needs it alone and changes nothing."""
    for table, columns in COLUMNS.items():
        yield Privilege(table, "SELECT"), f"SELECT FROM {table} WHERE false"
        yield Privilege(table, "INSERT"), f"INSERT INTO {table} SELECT WHERE false"
        yield Privilege(table, "DELETE"), f"DELETE FROM {table} WHERE false"  # noqa: S608
        yield Privilege(table, "TRUNCATE"), f"TRUNCATE {table}"
        for column in columns:
            change = f'UPDATE {table} SET "{column}" = DEFAULT WHERE false'  # noqa: S608
            yield Privilege(table, "UPDATE", column), change


def is_declared(privilege: Privilege, function: str) -> bool:
    whole = Privilege(privilege.table, privilege.kind)
    return not {privilege, whole}.isdisjoint(declared(function))


def test_each_table_and_function_is_in_the_declaration() -> None:
    assert GRANTS.keys() == COLUMNS.keys(), "a table has no entry in shared/database/grants.py"
    assert {function for granted in GRANTS.values() for function in granted} == set(FUNCTION_ROLES)
    assert GRANTS["alembic_version"].keys() == set(FUNCTION_ROLES)


def test_the_migrated_database_has_the_privileges_that_are_declared(connection: Connection) -> None:
    found = connection.execute(
        text(
            """
            SELECT grantee, table_name, privilege_type, NULL
            FROM information_schema.table_privileges
            WHERE table_schema = 'public' AND grantee <> :owner
            UNION ALL
            SELECT grantee, table_name, privilege_type, column_name
            FROM information_schema.column_privileges AS of_column
            WHERE table_schema = 'public' AND grantee <> :owner AND NOT EXISTS (
                SELECT FROM information_schema.table_privileges AS of_table
                WHERE (of_table.grantee, of_table.table_name, of_table.privilege_type)
                    = (of_column.grantee, of_column.table_name, of_column.privilege_type))
            """
        ),
        {"owner": OWNER},
    ).all()
    assert {(role, Privilege(*privilege)) for role, *privilege in found} == {
        (role_of(function), privilege)
        for table, granted in GRANTS.items()
        for function, privileges in granted.items()
        for privilege in parse(table, privileges)
    }


@pytest.mark.parametrize("function", FUNCTION_ROLES)
def test_a_login_is_refused_every_privilege_that_is_not_declared(
    database: Database, function: str
) -> None:
    tried = list(attempts())
    with logged_in(database, function) as connection:
        allowed = {each for each, statement in tried if succeeds(connection, statement)}
    assert allowed == {each for each, _ in tried if is_declared(each, function)}


@pytest.mark.parametrize("function", FUNCTION_ROLES)
def test_a_login_changes_no_table_and_becomes_no_other_role(
    database: Database, function: str
) -> None:
    others = {OWNER, "pegasus", "pg_read_all_data", *FUNCTION_ROLES.values()} - {role_of(function)}
    refused = [
        *(f"SET LOCAL ROLE {other}" for other in others),
        *(f"ALTER TABLE {table} ADD COLUMN mine integer" for table in COLUMNS),
        *(f"DROP TABLE {table}" for table in COLUMNS),
        "CREATE TABLE mine ()",
        "CREATE ROLE mine",
        f"GRANT {OWNER} TO {role_of(function)}",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "SET LOCAL session_replication_role = replica",
    ]
    with logged_in(database, function) as connection:
        assert [each for each in refused if succeeds(connection, each)] == []


def test_roles_have_no_login_and_the_tables_belong_to_their_owner(connection: Connection) -> None:
    able = connection.scalars(
        text(
            "SELECT rolname FROM pg_roles WHERE rolname LIKE 'pegasus\\_%'"
            " AND (rolcanlogin OR rolsuper OR rolcreaterole OR rolcreatedb OR rolbypassrls)"
        )
    ).all()
    owners = connection.scalars(
        text("SELECT DISTINCT tableowner FROM pg_tables WHERE schemaname = 'public'")
    ).all()
    assert able == []
    assert owners == [OWNER]


@pytest.mark.parametrize("function", FUNCTION_ROLES)
def test_each_declared_privilege_is_needed_by_a_statement_of_the_product(
    connection: Connection, function: str
) -> None:
    """The statements were recorded in tests (tests/support/database/privilege_witnesses.py)."""
    shown = {
        f"{each.table}: {each}"
        for witness in WITNESSES[function]
        for each in shown_by(connection, function, witness)
    }
    unrecorded = UNRECORDED.get(function, set())
    assert not shown & unrecorded, "is shown to be needed by now"
    assert {*shown, *unrecorded, "alembic_version: SELECT"} == {
        f"{each.table}: {each}" for each in declared(function)
    }


def shown_by(connection: Connection, function: str, witness: Witness) -> Iterator[Privilege]:
    prepared = prepare(connection, witness.statement)
    assert is_allowed(connection, role_of(function), prepared), witness
    for need in witness.needs:
        [privilege] = parse(*need.split(": "))
        assert is_needed(connection, function, privilege, prepared), (need, witness)
        yield privilege


def test_each_module_that_is_told_by_its_path_is_there() -> None:
    """A module that moved would run with the privileges of the test."""
    missing = [
        path for path in ENTRY_POINTS if not (Path(FUNCTIONS) / path.partition(":")[0]).exists()
    ]
    assert missing == []

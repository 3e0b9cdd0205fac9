"""The roles of the database: the owner of the schema, and one for each deployed function.

All are group roles without a login. The login of a function's account is a member of that
function's role and has the privileges of shared/database/grants.py and no others. Migrations run
as the owner, so that no table belongs to the account that happened to deploy it.

Roles belong to the server and not to a database. They are made before the first migration by a
role that may create roles: the account that migrates, or one that it is a member of, which is
`cloudsqlsuperuser` on Cloud SQL. No superuser is needed.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection, text

from shared.topology import load_topology

OWNER = "pegasus_owner"


class RoleError(Exception):
    """The account that migrates may not make the roles, or not act as the owner."""


def role_of(function: str) -> str:
    return f"pegasus_{function.replace('-', '_')}"


def login_of(function: str, project: str) -> str:
    """The login of the function's account: its address without `.gserviceaccount.com`.

    The project `example.com:name` is `name.example.com` in an address.
    """
    return f"fn-{function}@{'.'.join(reversed(project.split(':')))}.iam"


FUNCTION_ROLES: Mapping[str, str] = {name: role_of(name) for name in load_topology().functions}


def act_as_owner(connection: Connection, project: str | None) -> None:
    """Make the roles that are missing and act as the owner until the transaction ends.

    With `project`, the logins of its functions become members of their roles, as far as there are
    such logins. Raises RoleError.
    """
    _make_roles(connection)
    if project is not None:
        _admit_logins(connection, project)
    _own_schema(connection)
    connection.execute(text(f"SET LOCAL ROLE {OWNER}"))


def _make_roles(connection: Connection) -> None:
    wanted = (OWNER, *FUNCTION_ROLES.values())
    found = connection.scalars(
        text("SELECT rolname FROM pg_roles WHERE rolname = ANY(:wanted)"), {"wanted": list(wanted)}
    ).all()
    if missing := [role for role in wanted if role not in found]:
        with _creator(connection) as creator:
            for role in missing:
                connection.execute(text(f"CREATE ROLE {role} NOLOGIN"))
            if OWNER in missing:
                # The creator of a role may grant it, but is not a member of it.
                connection.execute(text(f'GRANT {OWNER} TO "{creator}"'))
    if not connection.scalar(text(f"SELECT pg_has_role('{OWNER}', 'MEMBER')")):
        account = connection.scalar(text("SELECT current_user"))
        raise RoleError(f"{account} is no member of {OWNER}, as which migrations run")


def _admit_logins(connection: Connection, project: str) -> None:
    role_of_login = {login_of(name, project): role for name, role in FUNCTION_ROLES.items()}
    logins = connection.scalars(
        text("SELECT rolname FROM pg_roles WHERE rolname = ANY(:logins)"),
        {"logins": list(role_of_login)},
    ).all()
    outside = [
        login
        for login in logins
        if not connection.scalar(
            text("SELECT pg_has_role(CAST(:login AS name), CAST(:role AS name), 'MEMBER')"),
            {"login": login, "role": role_of_login[login]},
        )
    ]
    if outside:
        with _creator(connection):
            for login in outside:
                connection.execute(text(f'GRANT {role_of_login[login]} TO "{login}"'))


def _own_schema(connection: Connection) -> None:
    """Tables made before there were roles belong to the account that migrated then."""
    if not connection.scalar(
        text(f"SELECT has_schema_privilege('{OWNER}', current_schema(), 'CREATE')")
    ):
        schema = connection.scalar(text("SELECT quote_ident(current_schema())"))
        connection.execute(text(f"GRANT USAGE, CREATE ON SCHEMA {schema} TO {OWNER}"))
    for table in connection.scalars(_TABLES_OF_OTHERS).all():
        connection.execute(text(f"ALTER TABLE {table} OWNER TO {OWNER}"))


_TABLES_OF_OTHERS = text(
    f"""
    SELECT CAST(each.oid AS regclass)::text
    FROM pg_class AS each JOIN pg_class AS version ON version.relowner = each.relowner
        AND version.relnamespace = each.relnamespace
    WHERE version.oid = to_regclass('alembic_version') AND each.relkind = 'r'
        AND pg_get_userbyid(each.relowner) <> '{OWNER}'
    """  # noqa: S608 - a name of our own
)
"""Those that have the owner of Alembic's table, unless it is the right one."""


@contextmanager
def _creator(connection: Connection) -> Iterator[str]:
    """Act as a role that may create roles. Raises RoleError if the account can be none."""
    creator = connection.scalar(
        text(
            """
            SELECT rolname FROM pg_roles
            WHERE (rolcreaterole OR rolsuper) AND pg_has_role(oid, 'MEMBER')
            ORDER BY rolname <> current_user, rolsuper, rolname LIMIT 1
            """
        )
    )
    if creator is None:
        account = connection.scalar(text("SELECT current_user"))
        raise RoleError(f"{account} may create no roles: it needs CREATEROLE or cloudsqlsuperuser")
    connection.execute(text(f'SET LOCAL ROLE "{creator}"'))
    yield creator
    connection.execute(text("SET LOCAL ROLE NONE"))

"""A login for each function, as Terraform makes them on Cloud SQL for the functions' accounts."""

import hashlib
import hmac
from collections.abc import Mapping

from sqlalchemy import text

from shared.database.connections import Database
from shared.database.roles import FUNCTION_ROLES, login_of


def ensure_logins(database: Database, project: str) -> Mapping[str, str]:
    """The database's URL for each function. The account of `database` may create roles.

    Passwords follow from that account's, so that two stacks on one server agree on them.
    """
    administrator = database.engine.url
    urls = {}
    with database.engine.begin() as connection:
        for function in FUNCTION_ROLES:
            login = login_of(function, project)
            password = hmac.digest(
                (administrator.password or "").encode(), login.encode(), hashlib.sha256
            ).hex()
            found = connection.scalar(
                text("SELECT 1 FROM pg_roles WHERE rolname = :login"), {"login": login}
            )
            verb = "ALTER" if found else "CREATE"
            connection.execute(text(f"""{verb} ROLE "{login}" LOGIN PASSWORD '{password}'"""))
            url = administrator.set(drivername="postgresql", username=login, password=password)
            urls[function] = url.render_as_string(hide_password=False)
    return urls

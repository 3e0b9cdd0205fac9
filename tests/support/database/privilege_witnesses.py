"""For each declared privilege a statement of the product that is refused without it.

    .venv/bin/python -m tests.support.database.privilege_witnesses STATEMENTS.json ...

chooses them from what tests/support/database/recorded_statements.py has recorded, and from the
ones that there are, and writes tests/data/privileges.json. It lists the privileges that no
statement needs, and the statements that need one that is not declared.
"""

import argparse
import json
import re
import socket
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import BaseModel
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url

from scripts.local.postgres.cluster import Postgres
from shared.database.connections import Database
from shared.database.grants import GRANTS
from shared.database.migrate import migrate
from shared.database.roles import FUNCTION_ROLES, role_of
from tests.support.database.statement_privileges import Privilege, is_allowed, prepare, undone

WITNESSES = Path(__file__).resolve().parents[2] / "data" / "privileges.json"

PLANNED = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b", re.IGNORECASE)
"""Statements that can be prepared; BEGIN needs no privilege."""


class Witness(BaseModel):
    statement: str
    test: str
    needs: list[str]
    """`table: privilege` of those it was chosen for."""


def declared(function: str) -> list[Privilege]:
    """Each privilege, and each column of one, that the function has."""
    return [
        privilege
        for table, granted in GRANTS.items()
        for privilege in parse(table, granted.get(function, ""))
    ]


def parse(table: str, privileges: str) -> Iterator[Privilege]:
    for kind, columns in re.findall(r"([A-Z]+)(?: \(([^)]*)\))?", privileges):
        if not columns:
            yield Privilege(table, kind)
        for column in filter(None, columns.split(", ")):
            yield Privilege(table, kind, column)


def is_needed(connection: Connection, function: str, privilege: Privilege, prepared: str) -> bool:
    role = role_of(function)
    with undone(connection):
        connection.execute(text(f'REVOKE {privilege} ON "{privilege.table}" FROM {role}'))
        return not is_allowed(connection, role, prepared)


def read() -> Mapping[str, list[Witness]]:
    return {
        function: [Witness.model_validate(each) for each in witnesses]
        for function, witnesses in json.loads(WITNESSES.read_text()).items()
    }


def _choose(
    connection: Connection, function: str, statements: Mapping[str, str]
) -> Iterator[Witness]:
    """Short statements first, each with what no earlier one needs."""
    open_ = declared(function)
    for statement in sorted(statements, key=len):
        prepared = prepare(connection, statement)
        if not is_allowed(connection, role_of(function), prepared):
            print(f"refused: {function}: {statement}\n  in {statements[statement]}")
            continue
        asked = [each for each in open_ if re.search(rf"\b{each.table}\b", statement)]
        needs = [each for each in asked if is_needed(connection, function, each, prepared)]
        if needs:
            open_ = [each for each in open_ if each not in needs]
            yield Witness(
                statement=statement,
                test=statements[statement],
                needs=[f"{each.table}: {each}" for each in needs],
            )
    for each in open_:
        print(f"needed by no statement: {function}: {each} ON {each.table}")


@contextmanager
def _migrated() -> Iterator[Connection]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with TemporaryDirectory(prefix="pegasus-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the server's account must get in
        server = Postgres(folder, port=port)
        server.start()
        url = make_url(server.url).set(drivername="postgresql+pg8000")
        database = Database(create_engine(url))
        try:
            migrate(database)
            with database.engine.connect() as connection, connection.begin():
                yield connection
        finally:
            database.close()
            server.remove()


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("recorded", nargs="+", type=Path)
    statements: dict[str, dict[str, str]] = defaultdict(dict)
    for function, witnesses in read().items():
        statements[function] = {each.statement: each.test for each in witnesses}
    for path in parser.parse_args(arguments).recorded:
        for function, statement, test in json.loads(path.read_text()):
            if PLANNED.match(statement):
                statements[function].setdefault(statement, test)
    with _migrated() as connection:
        chosen = {
            function: [
                each.model_dump() for each in _choose(connection, function, statements[function])
            ]
            for function in FUNCTION_ROLES
        }
    WITNESSES.write_text(json.dumps(chosen, indent=1) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""Every transaction is committed by `Transactions`, which publishes its messages afterwards."""

import ast
from collections.abc import Iterator

import pytest

from tests.unit.architecture.sources import modules, name_of, nodes

BEGINS = {"transaction", "begin"}
"""`Runtime.transaction`, `Transactions.begin`."""
OWN = {"shared/database/connections.py", "shared/database/transactions.py"}
"""Where sessions are made and committed."""
PUBLISHES = "shared/runtime.py"
"""Gives `Outbox.publish` to `Transactions`."""


def violations(path: str, tree: ast.Module) -> Iterator[str]:
    """Statements that commit or publish otherwise. Of SQLite there are other databases."""
    if path in OWN:
        return
    other_database = "sqlite3" in _imported(tree)
    committed = {id(call) for call in _commits_of_transactions(tree)}
    for node in nodes(tree):
        where = f"{path}:{getattr(node, 'lineno', 0)}"
        match node:
            case ast.Call(func=ast.Attribute(attr="commit")):
                if id(node) not in committed and not other_database:
                    yield f"{where} commits without a transaction's commit()"
            case ast.Attribute(value=sender, attr="publish") if path != PUBLISHES:
                if name_of(sender) in ("outbox", "_outbox"):
                    yield f"{where} publishes without a transaction's commit()"
            case ast.Attribute(attr="unit_of_work"):
                yield f"{where} opens a session that only Transactions may open"
            case ast.ImportFrom(module="sqlalchemy.orm", names=names):
                if {"sessionmaker", "scoped_session"} & {each.name for each in names}:
                    yield f"{where} makes sessions"


def _commits_of_transactions(tree: ast.Module) -> Iterator[ast.Call]:
    """Calls of `tx.commit()` in the block of `with ….transaction() as tx`."""
    for block in nodes(tree):
        if not isinstance(block, ast.With):
            continue
        begun = {
            item.optional_vars.id
            for item in block.items
            if isinstance(item.context_expr, ast.Call)
            and name_of(item.context_expr) in BEGINS
            and isinstance(item.optional_vars, ast.Name)
        }
        for node in ast.walk(block):
            match node:
                case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="commit")):
                    if name in begun:
                        yield node


def _imported(tree: ast.Module) -> set[str]:
    return {
        each.name for node in nodes(tree) if isinstance(node, ast.Import) for each in node.names
    }


def test_the_production_code_commits_and_publishes_in_one_way() -> None:
    found = [each for path, tree in modules() for each in violations(path, tree)]

    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "with rt.database.unit_of_work() as session:\n    session.add(row)",
        "def record(session):\n    session.commit()",
        "with rt.transaction() as tx:\n    tx.session.commit()",
        "with rt.database.reading() as tx:\n    tx.commit()",
        "with rt.transaction() as tx:\n    other.commit()",
        "with rt.transaction() as tx:\n    pass\ntx.commit()",
        "rt.outbox.publish(session)",
        "run(work, committed=self._outbox.publish)",
        "publish = outbox.publish",
        "from sqlalchemy.orm import Session, sessionmaker",
    ],
)
def test_every_other_way_is_found(code: str) -> None:
    assert list(violations("functions/stage/job.py", ast.parse(code)))


@pytest.mark.parametrize(
    "code",
    [
        "with rt.transaction() as tx:\n    tx.session.add(row)\n    tx.commit()",
        "with self._transactions.begin() as tx:\n    if one:\n        tx.commit()",
        "rt.transact(lambda session: session.add(row))",
        "import sqlite3\nconnection = sqlite3.connect(path)\nconnection.commit()",
        "broker.publish(topic, messages)",
    ],
)
def test_the_one_way_is_allowed(code: str) -> None:
    assert not list(violations("functions/stage/job.py", ast.parse(code)))

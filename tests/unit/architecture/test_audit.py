"""The audit of deletions is written in one module."""

import ast
from collections.abc import Iterator

import pytest

from tests.unit.architecture.sources import modules, name_of, nodes

WRITER = "shared/deletion/audit.py"


def writes(path: str, tree: ast.Module) -> Iterator[str]:
    """Entries made, changed or deleted."""
    for node in nodes(tree):
        match node:
            case ast.Call(func=func, args=args):
                made = name_of(func) == "DeletionAuditEvent"
                changed = name_of(func) in ("insert", "update", "delete") and any(
                    name_of(each) == "DeletionAuditEvent" for each in args
                )
                if made or changed:
                    yield f"{path}:{node.lineno}"


@pytest.mark.heavy
def test_only_the_audit_writes_the_audit() -> None:
    found = {each.partition(":")[0] for path, tree in modules() for each in writes(path, tree)}

    assert found == {WRITER}


@pytest.mark.parametrize(
    "code",
    [
        "session.add(DeletionAuditEvent(outcome='deleted'))",
        "session.execute(update(models.DeletionAuditEvent).values(outcome='deleted'))",
        "insert(DeletionAuditEvent)",
        "postgresql.insert(DeletionAuditEvent)",
        "delete(DeletionAuditEvent).where(old)",
    ],
)
def test_every_way_of_writing_is_found(code: str) -> None:
    assert list(writes("functions/stage/job.py", ast.parse(code)))


def test_reading_is_no_writing() -> None:
    code = "select(DeletionAuditEvent).where(DeletionAuditEvent.run_id == run_id)"

    assert not list(writes("functions/stage/job.py", ast.parse(code)))

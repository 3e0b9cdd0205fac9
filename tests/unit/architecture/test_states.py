"""The states of lectures, jobs and segments are changed by one class each."""

import ast
from collections.abc import Iterator

import pytest

from tests.unit.architecture.sources import modules, name_of, nodes

WRITERS = {
    "Lecture": "shared/work/lectures.py",
    "Job": "shared/work/jobs.py",
    "Segment": "shared/work/segments.py",
}
ANNOUNCES = "functions/ingest/uploads/announced_lecture.py"
"""Makes lectures, in their first state."""


def violations(path: str, tree: ast.Module) -> list[str]:
    made = {("Lecture", line) for line in _made(tree, "Lecture")} if path == ANNOUNCES else set()
    return [
        f"{path}:{line} changes the state of {model}"
        for model, line in _changes(tree)
        if WRITERS.get(model) != path and (model, line) not in made
    ]


def _changes(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """The model whose state is changed, and the line."""
    models = {model for model in WRITERS if model in _models(tree)}
    for model in models:
        yield from ((model, line) for line in _made(tree, model))
        yield from ((model, line) for line in _updated(tree, model))
    if models:
        for node in nodes(tree):
            match node:
                case ast.Attribute(value=row, attr="status", ctx=ast.Store()):
                    # A row is called after its model.
                    yield name_of(row).capitalize(), node.lineno
                case ast.Call(func=ast.Name(id="setattr"), args=[row, ast.Constant("status"), _]):
                    yield name_of(row).capitalize(), node.lineno


def _made(tree: ast.Module, model: str) -> Iterator[int]:
    """Where rows are inserted."""
    for node in nodes(tree):
        match node:
            case ast.Call(func=func, args=args):
                inserted = name_of(func) == "insert" and args and name_of(args[0]) == model
                if inserted or name_of(func) == model:
                    yield node.lineno


def _updated(tree: ast.Module, model: str) -> Iterator[int]:
    """Where `update(Model)…values(…)` sets the status, or what is not known."""
    for node in nodes(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=statement, attr="values"), args=args):
                named = {each.arg for each in node.keywords}
                if _updates(statement, model) and (args or named & {"status", None}):
                    yield node.lineno


def _updates(statement: ast.expr, model: str) -> bool:
    return any(
        name_of(node) == "update" and name_of(node.args[0]) == model
        for node in ast.walk(statement)
        if isinstance(node, ast.Call) and node.args
    )


def _models(tree: ast.Module) -> set[str]:
    """Models that a module can name."""
    imported: set[str] = set()
    for node in nodes(tree):
        match node:
            case ast.ImportFrom(module="shared.models", names=names):
                imported |= {each.name for each in names}
            case ast.ImportFrom(module="shared", names=names):
                if "models" in {each.name for each in names}:
                    imported |= set(WRITERS)
            case ast.Attribute(value=row, attr="status", ctx=ast.Store()):
                imported |= {name_of(row).capitalize()}
    return imported


@pytest.mark.heavy
def test_each_state_machine_has_one_writer() -> None:
    found = [each for path, tree in modules() for each in violations(path, tree)]

    assert found == []


@pytest.mark.parametrize(
    "code",
    [
        "lecture.status = LectureStatus.FAILED",
        "job.status, job.error = WorkStatus.FAILED, None",
        "self.segment.status = WorkStatus.QUEUED",
        "row.status = LectureStatus.FAILED",
        "setattr(lecture, 'status', LectureStatus.FAILED)",
        "session.execute(update(Lecture).where(one).values(status=LectureStatus.FAILED))",
        "session.execute(update(models.Job).values(status=WorkStatus.QUEUED))",
        "session.execute(update(Segment).where(one).values(**values))",
        "session.execute(update(Lecture).values(values))",
        "session.execute(insert(Job).values(id=key))",
        "session.add(Segment(job_id=job_id))",
        "session.add(Lecture(**columns))",
    ],
)
@pytest.mark.parametrize("path", ["functions/stage/job.py", "shared/work/leases.py"])
def test_every_other_writer_is_found(path: str, code: str) -> None:
    imports = "from shared import models\nfrom shared.models import Job, Lecture, Segment\n"

    assert violations(path, ast.parse(imports + code))


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("shared/work/jobs.py", "job.status = WorkStatus.FAILED"),
        ("shared/work/jobs.py", "session.execute(update(Job).values(status=WorkStatus.QUEUED))"),
        ("functions/stage/job.py", "session.execute(update(Lecture).values(warnings=[]))"),
        ("functions/stage/job.py", "lecture.language = language"),
        ("functions/stage/job.py", "select(Job).where(Job.status == WorkStatus.FAILED)"),
        ("functions/ingest/uploads/announced_lecture.py", "insert(Lecture).values(columns)"),
    ],
)
def test_the_writer_and_other_columns_are_allowed(path: str, code: str) -> None:
    assert not violations(path, ast.parse("from shared.models import Job, Lecture\n" + code))


@pytest.mark.parametrize(("writer", "row"), [("jobs", "lecture"), ("segments", "job")])
def test_a_writer_changes_no_state_but_its_own(writer: str, row: str) -> None:
    code = f"from shared.models import Job, Lecture\n{row}.status = status"

    assert violations(f"shared/work/{writer}.py", ast.parse(code))

"""Parameters of jobs are read as the models of their stage, and stages are named in one table."""

import ast
from collections.abc import Iterator

import pytest

from shared.topology import load_topology
from shared.work.stages import STAGES
from tests.unit.architecture.sources import modules, name_of, nodes

pytestmark = pytest.mark.heavy


def reads(tree: ast.Module) -> Iterator[int]:
    """Lines that read a job's parameters by a field's name."""
    for node in nodes(tree):
        match node:
            case (
                ast.Subscript(value=ast.Attribute(value=owner, attr="params"))
                | ast.Call(
                    func=ast.Attribute(
                        value=ast.Attribute(value=owner, attr="params"), attr="get" | "setdefault"
                    )
                )
            ) if name_of(owner) in ("job", "lease", "Job"):
                yield node.lineno


def topics(tree: ast.Module) -> Iterator[int]:
    """Lines that name the topic of a stage."""
    named = {stage.topic for stage in STAGES.values()}
    for node in nodes(tree):
        match node:
            case ast.Call(func=func, args=[_, ast.Constant(value=str(topic)), *_]):
                if name_of(func) == "put" and topic in named:
                    yield node.lineno


def test_no_parameter_is_read_by_its_name() -> None:
    assert [f"{path}:{line}" for path, tree in modules() for line in reads(tree)] == []


def test_no_message_to_a_stage_is_written_past_the_table() -> None:
    found = [f"{path}:{line}" for path, tree in modules() for line in topics(tree)]

    assert found == []


@pytest.mark.parametrize(
    "code", ["job.params['model']", "lease.params.get('language')", "event.job.params['n']"]
)
def test_reading_a_name_is_found(code: str) -> None:
    assert list(reads(ast.parse(code)))


@pytest.mark.parametrize("topic", [stage.topic for stage in STAGES.values()])
def test_a_message_past_the_table_is_found(topic: str) -> None:
    assert list(topics(ast.parse(f"outbox.put(session, {topic!r}, payload, now=now)")))


def test_each_stage_has_a_subscription_of_its_own() -> None:
    subscribed = [each.topic for each in load_topology().subscriptions.values()]

    assert all(subscribed.count(stage.topic) == 1 for stage in STAGES.values())

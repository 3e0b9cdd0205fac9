"""Metrics count events that the code logs, and every alert names its runbook."""

import ast
import dataclasses
import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pytest

from functions.generate.drafts import Cost
from shared.models import WorkStatus
from shared.topology import load_topology
from shared.workers.outcomes import Ending
from tests.terraform.planned import ROOT, TERRAFORM, Plan

METRICS = (TERRAFORM / "metrics.tf").read_text()
ALERTS = (TERRAFORM / "alerts.tf").read_text()
RUNBOOK = ROOT / "docs" / "runbooks" / "alerts.md"

ON_EVERY_LINE = {"function", "severity", "message"}
"""shared/log.py puts them there."""
SPREAD = {"generation.done": {field.name for field in dataclasses.fields(Cost)}}
"""Fields that an event is given all at once (`**asdict(draft.cost)`)."""


@cache
def logged() -> dict[str, set[str]]:
    """The events of the code, each with the fields it is given by name."""
    events: dict[str, set[str]] = defaultdict(set)
    for folder in ("functions", "shared"):
        for path in (ROOT / folder).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and (name := _event(node)):
                    events[name] |= {each.arg for each in node.keywords if each.arg}
    return events


def _event(call: ast.Call) -> str | None:
    logs = (
        isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id == "log"
    ) or (isinstance(call.func, ast.Name) and call.func.id == "tell")
    if logs and call.args and isinstance(call.args[0], ast.Constant):
        return str(call.args[0].value)
    return None


def counted() -> set[tuple[str, str]]:
    """Event and field of every metric; a field of each event at least: its name."""
    pairs = set()
    for block in re.findall(r"^    \w+ = \{\n(.*?)^    \}", METRICS, re.S | re.M):
        [event] = re.findall(r'jsonPayload\.message=\\"([\w.]+)\\"', block)
        fields = {
            "message",
            *re.findall(r"jsonPayload\.(\w+)", block),
            *re.findall(r'^ +field += "(\w+)"', block, re.M),
            *(name for many in re.findall(r"fields += \[(.*)\]", block) for name in _quoted(many)),
        }
        pairs |= {(event, field) for field in fields}
    return pairs


def _quoted(text: str) -> list[str]:
    return re.findall(r'"(\w+)"', text)


def test_metrics_are_found_at_all() -> None:
    assert {"event.handled", "dead_letter.recorded", "retention.done", "generation.done"} <= {
        event for event, _ in counted()
    }
    assert ("event.handled", "ending") in counted()
    assert ("generation.done", "usd") in counted()


@pytest.mark.parametrize(("event", "field"), sorted(counted()))
def test_a_metric_counts_what_the_code_logs(event: str, field: str) -> None:
    events = logged()
    assert event in events
    assert field in events[event] | ON_EVERY_LINE | SPREAD.get(event, set())


def test_metrics_know_how_events_and_jobs_can_end() -> None:
    text = METRICS + ALERTS + (TERRAFORM / "slos.tf").read_text()
    endings = set(re.findall(r'ending=\\"(\w+)\\"', text))
    assert endings
    assert endings <= set(Ending)
    statuses = set(re.findall(r'status=\\"(\w+)\\"', text))
    assert statuses
    assert statuses <= set(WorkStatus)


def test_metrics_know_the_functions() -> None:
    text = ALERTS + (TERRAFORM / "slos.tf").read_text() + (TERRAFORM / "dashboard.tf").read_text()
    named = re.findall(r'(?:function|service_name)=~?\\"([\w|-]+)\\"', text)
    assert named
    assert {name for each in named for name in each.split("|")} <= set(load_topology().functions)


def test_what_is_shown_and_alerted_on_is_counted(plan: Plan) -> None:
    made = {each.values["name"] for each in plan.of_type("google_logging_metric").values()}
    text = ALERTS + (TERRAFORM / "dashboard.tf").read_text()
    used = set(re.findall(r"user_(pegasus_[a-z_]+)\{", text))
    used |= {f"pegasus_{name}" for name in re.findall(r'local\.grown, "(\w+)"', text)}
    assert used
    assert {name.removesuffix("_sum").removesuffix("_bucket") for name in used} <= made


def test_what_is_promised_is_what_is_measured(plan: Plan) -> None:
    goals = {
        each.values["slo_id"]: each.values["goal"]
        for each in plan.of_type("google_monitoring_slo").values()
    }
    assert goals == {"ingest": 0.995, "generation": 0.99, "upload-to-artifacts": 0.95}
    assert "max = 900" in (TERRAFORM / "slos.tf").read_text()


def headings(path: Path) -> set[str]:
    return set(re.findall(r"^## ([a-z-]+)$", path.read_text(), re.M))


def test_every_alert_says_what_to_do(plan: Plan) -> None:
    policies = [each for each in plan.resources if each.type == "google_monitoring_alert_policy"]
    pointed_at = set()
    for policy in policies:
        [documentation] = policy.values["documentation"]
        name = documentation["content"].partition("docs/runbooks/alerts.md#")[2]
        assert name in headings(RUNBOOK), policy.address
        pointed_at.add(name)
    assert pointed_at == headings(RUNBOOK)

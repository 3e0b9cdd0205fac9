"""scripts/preflight, against a gcloud that answers as Google does about a project."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from scripts.preflighting.__main__ import main
from scripts.preflighting.policies import ALLOWED, ENFORCED, LOCATIONS, MEMBERS
from scripts.preflighting.project import needed_apis
from shared.topology import load_topology
from tests.operations.stub_gcloud import Stubs, unknown_to_gcloud

FUNCTIONS = load_topology().functions
NO_POLICY = "ERROR: (gcloud.org-policies.describe) NOT_FOUND: Requested entity was not found."
NO_BUCKET = "ERROR: (gcloud.storage.buckets.describe) gs://x not found: 404."
FOREIGN = (
    "ERROR: (gcloud.storage.buckets.describe) HTTPError 403: does not have storage.buckets.get"
)
CONSTRAINTS = (*ENFORCED, *ALLOWED, LOCATIONS, MEMBERS)

Told = dict[str, Any]
"""What gcloud answers, by the words of its command; a text is a refusal."""


def policy(constraint: str, *rules: dict[str, Any]) -> Told:
    return {
        f"org-policies describe {constraint} ": {
            "name": f"projects/123/policies/{constraint}",
            "spec": {"rules": list(rules)},
        }
    }


def quota(name: str, value: int, region: str = "europe-west1") -> Told:
    return {
        f"beta quotas info describe {name} ": {
            "quotaId": name,
            "dimensionsInfos": [
                {"applicableLocations": ["us-east1"], "details": {"value": "1"}},
                {"applicableLocations": [region], "details": {"value": str(value)}},
            ],
        }
    }


def empty_project() -> Told:
    return {
        "projects describe my-project ": {"lifecycleState": "ACTIVE", "projectNumber": "123"},
        "billing projects describe my-project ": {
            "billingAccountName": "billingAccounts/0",
            "billingEnabled": True,
        },
        **{f"org-policies describe {each} ": NO_POLICY for each in CONSTRAINTS},
        "run regions list": [{"name": "projects/my-project/locations/europe-west1"}],
        **quota("CpuAllocPerProjectRegion", 20_000),
        **quota("MemAllocPerProjectRegion", 40 << 30),
        "services list --enabled": [
            {"config": {"name": name}} for name in [*needed_apis(), "serviceusage.googleapis.com"]
        ],
        "storage buckets list": [{"name": "my-project-terraform"}],
        "storage buckets describe": NO_BUCKET,
        "run services list": [],
        "sql instances list": [],
    }


@dataclass
class Looked:
    code: int
    printed: str

    def marked(self, mark: str) -> list[str]:
        return [line for line in self.printed.splitlines() if line.startswith(f"{mark} ")]


Look = Callable[..., Looked]


@pytest.fixture
def look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Look]:
    stubs = Stubs(tmp_path / "stubs")
    stubs.program("gcloud")
    monkeypatch.setenv("PATH", stubs.path)

    def run(changed: Told, *arguments: str) -> Looked:
        for words, answer in {**empty_project(), **changed}.items():
            if isinstance(answer, str):
                stubs.answer(f"^gcloud {re.escape(words)}", code=1, stderr=answer)
            else:
                stubs.answer(f"^gcloud {re.escape(words)}", answer)
        code = main(["--project", "my-project", *arguments])
        return Looked(code, capsys.readouterr().out)

    yield run
    calls = stubs.calls()
    assert not unknown_to_gcloud(calls)
    assert all(re.search(r"\b(list|describe)\b", call.told) for call in calls), (
        "it changes something"
    )


def test_an_empty_project_takes_an_installation(look: Look) -> None:
    looked = look({})

    assert looked.marked("FAIL") == looked.marked("?") == []
    assert looked.code == 0
    for name in (*FUNCTIONS, *CONSTRAINTS):
        assert re.search(rf"^ok .*\b{re.escape(name)} ", looked.printed, re.MULTILINE), name


def service(name: str, app: str | None) -> dict[str, Any]:
    return {"metadata": {"name": name, "labels": {"app": app} if app else {}}}


def test_an_installation_that_is_there_is_no_obstacle(look: Look) -> None:
    there = {
        "storage buckets list": [
            {"name": f"my-project-{each}"}
            for each in ("lectures", "archives", "models", "terraform")
        ],
        "run services list": [service(name, "pegasus") for name in FUNCTIONS],
        "sql instances list": [{"name": "pegasus", "settings": {"userLabels": {"app": "pegasus"}}}],
    }

    assert look(there).marked("FAIL") == []


REFUSALS: dict[str, tuple[Told, str]] = {
    "a project that is being deleted": (
        {"projects describe my-project ": {"lifecycleState": "DELETE_REQUESTED"}},
        "the project is active",
    ),
    "no billing account": (
        {"billing projects describe my-project ": {"billingEnabled": False}},
        "a billing account pays for it",
    ),
    **{f"policy {each}": (policy(each, {"enforce": True}), f"policy {each}") for each in ENFORCED},
    "no ingress from everywhere": (
        policy("run.allowedIngress", {"values": {"allowedValues": ["internal"]}}),
        "policy run.allowedIngress .* refuses all",
    ),
    "no ingress but from everywhere": (
        policy("run.allowedIngress", {"values": {"deniedValues": ["internal"]}}),
        "policy run.allowedIngress .* refuses internal",
    ),
    "no ingress of a function": (
        policy("cloudfunctions.allowedIngressSettings", {"denyAll": True}),
        "policy cloudfunctions.allowedIngressSettings .* refuses ALLOW_ALL, ALLOW_INTERNAL_ONLY",
    ),
    "another place": (
        policy(LOCATIONS, {"values": {"allowedValues": ["us-east1"]}}),
        f"policy {LOCATIONS} allows europe-west1 .* refuses europe-west1",
    ),
    "a region without Cloud Run": (
        {"run regions list": [{"name": "projects/my-project/locations/us-east1"}]},
        "Cloud Run is in europe-west1",
    ),
    "too few processors": (
        quota("CpuAllocPerProjectRegion", 8_000),
        r"quotas hold transcribe-on-segment .* only 8 fit: max_instances = { transcribe-on-",
    ),
    "too little memory": (
        quota("MemAllocPerProjectRegion", 10 << 30),
        "quotas hold transcribe-on-segment .* only 5 fit",
    ),
    "APIs cannot be switched on": (
        {"services list --enabled": []},
        "APIs can be switched on",
    ),
    "a bucket's name is taken": (
        {"storage buckets describe": FOREIGN},
        "bucket my-project-lectures",
    ),
    "a bucket of another project of one's own": (
        {"storage buckets describe": {"name": "my-project-archives"}},
        "bucket my-project-archives",
    ),
    "a service of the same name": (
        {"run services list": [service("export", None)]},
        "names of the functions are free .* export",
    ),
    "a database of the same name": (
        {"sql instances list": [{"name": "pegasus", "settings": {}}]},
        "the name of the database is free",
    ),
}


@pytest.mark.sampled(6)
@pytest.mark.parametrize("case", REFUSALS)
def test_what_would_refuse_the_first_deployment_is_found(look: Look, case: str) -> None:
    changed, told = REFUSALS[case]

    looked = look(changed)

    assert looked.code == 1
    assert any(re.search(told, line) for line in looked.marked("FAIL")), looked.printed


def test_a_policy_that_allows_what_is_needed_is_no_obstacle(look: Look) -> None:
    looked = look(
        {
            **policy("run.allowedIngress", {"values": {"allowedValues": ["all", "internal"]}}),
            **policy(LOCATIONS, {"values": {"allowedValues": ["in:europe-west1-locations"]}}),
            **policy(MEMBERS, {"values": {"allowedValues": ["C0abc"]}}),
            **policy("sql.restrictPublicIp", {"enforce": False}),
        }
    )

    assert looked.code == 0


def test_a_group_of_places_has_to_be_looked_up(look: Look) -> None:
    looked = look(policy(LOCATIONS, {"values": {"allowedValues": ["in:eu-locations"]}}))

    [line] = looked.marked("?")
    assert "in:eu-locations" in line
    assert looked.code == 2


@pytest.mark.parametrize(
    "words",
    ["org-policies describe run.allowedIngress ", "beta quotas info describe MemAlloc", "sql"],
)
def test_what_cannot_be_asked_is_said_and_the_rest_is_looked_at(look: Look, words: str) -> None:
    looked = look({words: "ERROR: PERMISSION_DENIED: the API is not enabled"})

    assert looked.code == 2
    assert "PERMISSION_DENIED" in looked.marked("?")[0]
    assert any("Cloud Run is in europe-west1" in line for line in looked.marked("ok"))


def test_the_results_can_be_sent_back(look: Look, tmp_path: Path) -> None:
    file = tmp_path / "preflight.json"

    looked = look({}, "--record", str(file))

    recorded = json.loads(file.read_text())
    assert len(recorded) == len(looked.marked("ok"))
    assert all(each["ok"] is True and each["what"] for each in recorded)


def test_without_gcloud_nothing_is_said_to_be_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))

    assert main(["--project", "my-project"]) == 3

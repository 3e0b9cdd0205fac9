"""The provider that stands in for Google's refuses what Google's refuses, in Terraform's words."""

import json
import re
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.support.processes.waiting import wait_until
from tests.terraform.configurations import CANNOT_BE_PLANNED, HEAD, WRONG, bucket, service
from tests.terraform.offline_provider.attach import (
    PROVIDER,
    ROOT,
    RunningProvider,
    running_provider,
)
from tests.terraform.offline_provider.check import Result, Step, check
from tests.terraform.offline_provider.rules import Rules, load_rules
from tests.terraform.offline_provider.schema import Block, available_versions, load_schema
from tests.terraform.offline_provider.workspace import workspace
from tests.terraform.planned import TERRAFORM


def checked(
    provider: RunningProvider, folder: Path, configuration: str, *steps: Step
) -> dict[Step, Result]:
    (folder / "main.tf").write_text(configuration)
    with workspace(folder, provider) as copy:
        return {each.step: each for each in check(copy, set(steps))}


@pytest.fixture(scope="module")
def diagnostics(
    provider: RunningProvider, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """What one `terraform validate` of everything that is wrong says, by the file it is said of."""
    folder = tmp_path_factory.mktemp("wrong")
    (folder / "main.tf").write_text(HEAD)
    for number, wrong in enumerate(WRONG.values()):
        configuration = wrong.configuration.replace("NAME", f"number_{number}")
        (folder / f"{number}.tf").write_text(configuration)
    with workspace(folder, provider) as copy:
        assert copy.run("init", "-input=false").returncode == 0
        told = json.loads(copy.run("validate", "-json").stdout)
    by_file: dict[str, str] = {}
    for each in told["diagnostics"]:
        file = each.get("range", {}).get("filename", "")
        text = f"{each['summary']}: {each['detail']}"
        by_file[file] = f"{by_file.get(file, '')} {' '.join(text.split())}"
    return by_file


@pytest.mark.parametrize("wrong", WRONG)
def test_a_wrong_configuration_is_refused(diagnostics: dict[str, str], wrong: str) -> None:
    said = diagnostics.get(f"{list(WRONG).index(wrong)}.tf")
    assert said, diagnostics
    assert WRONG[wrong].told in said


@pytest.mark.parametrize("wrong", CANNOT_BE_PLANNED)
def test_what_cannot_be_planned_is_refused(
    provider: RunningProvider, wrong: str, tmp_path: Path
) -> None:
    results = checked(provider, tmp_path, HEAD + CANNOT_BE_PLANNED[wrong].configuration, Step.PLAN)
    assert results[Step.INIT].passed, results
    assert not results[Step.PLAN].passed
    assert CANNOT_BE_PLANNED[wrong].told in re.sub(r"[\s│╷╵]+", " ", results[Step.PLAN].output)


def test_a_version_that_there_is_no_schema_of_is_refused(
    provider: RunningProvider, tmp_path: Path
) -> None:
    results = checked(provider, tmp_path, HEAD.replace("~> 8.7", "~> 5.0") + bucket(), Step.PLAN)
    assert list(results) == [Step.INIT]
    assert "no available releases match" in " ".join(results[Step.INIT].output.split())


def test_untidy_code_is_refused(provider: RunningProvider, tmp_path: Path) -> None:
    results = checked(provider, tmp_path, HEAD + "locals {\nx=1\n}\n", Step.FORMAT)
    assert not results[Step.FORMAT].passed


def test_a_right_configuration_leaves_nothing_to_do(
    provider: RunningProvider, tmp_path: Path
) -> None:
    topic = 'resource "google_pubsub_topic" "NAME" {\n  name = "t"\n}\n'
    results = checked(
        provider,
        tmp_path,
        HEAD + bucket() + service(template='timeout = "3600s"') + topic,
        *(Step.PLAN, Step.APPLY, Step.PLAN_AGAIN),
    )
    assert [each for each in results.values() if not each.passed] == []
    assert "Plan: 3 to add" in results[Step.PLAN].output
    assert "No changes" in results[Step.PLAN_AGAIN].output


def test_each_configuration_of_the_provider_counts_for_its_own_resources(
    provider: RunningProvider, tmp_path: Path
) -> None:
    folder = tmp_path
    (folder / "main.tf").write_text(
        f'{HEAD}provider "google" {{\n  alias   = "other"\n  project = "other-project"\n}}\n'
        'resource "google_pubsub_topic" "one" {\n  name = "t"\n}\n'
        'resource "google_pubsub_topic" "other" {\n  provider = google.other\n  name = "t"\n}\n'
    )
    with workspace(folder, provider) as copy:
        results = list(check(copy, {Step.PLAN, Step.APPLY}))
        assert all(each.passed for each in results), results
        state = json.loads(copy.run("show", "-json").stdout)
    made = {each["name"]: each["values"] for each in state["values"]["root_module"]["resources"]}
    assert made["one"]["id"] == "projects/p-123456/topics/t"
    assert made["other"]["id"] == "projects/other-project/topics/t"


def test_the_provider_ends_with_the_process_that_started_it() -> None:
    script = (
        "import signal\n"
        f"from {running_provider.__module__} import running_provider\n"
        "with running_provider() as running:\n"
        "    print(running.port, flush=True)\n"
        "    signal.pause()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ) as starter:
        assert starter.stdout
        port = int(starter.stdout.readline())
        assert is_listening(port)
        starter.kill()

    wait_until(lambda: not is_listening(port), timeout_sec=20, what="the provider's end")


def is_listening(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def test_there_is_a_schema_of_what_the_installation_pins() -> None:
    [version] = available_versions(PROVIDER)
    [pinned] = re.findall(r'version = "~> (\d+\.\d+)"', (TERRAFORM / "versions.tf").read_text())
    assert version.startswith(f"{pinned}.")


def test_rules_are_of_types_that_the_installation_uses() -> None:
    text = "".join(path.read_text() for path in TERRAFORM.rglob("*.tf"))
    used = set(re.findall(r'^resource "(\w+)"', text, re.M))
    assert set(load_rules(PROVIDER)) <= used


def test_rules_speak_of_attributes_that_there_are() -> None:
    [version] = available_versions(PROVIDER)
    schema = load_schema(PROVIDER, version)
    assert schema.rules
    for type, rules in schema.rules.items():
        named = set(paths(rules))
        assert {path for path in named if not exists(schema.resources[type], path)} == set(), type


def paths(rules: Rules) -> Iterator[str]:
    groups: tuple[Any, ...] = (
        *(rules.exactly_one, rules.at_most_one, rules.at_least_one, rules.required_with),
        (rules.sensitive, rules.patterns, rules.minimums, rules.maximums, rules.maximums_with),
        rules.maximums_with.values(),
    )
    for group in groups:
        for each in group:
            yield from each


def exists(block: Block, path: str) -> bool:
    name, _, rest = path.partition(".")
    if rest:
        return name in block.blocks and exists(block.blocks[name].block, rest)
    return name in block.blocks or name in block.attributes

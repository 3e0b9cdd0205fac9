"""scripts/verify-gcp, against a gcloud that tells of an installation as Terraform makes it."""

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Thread
from typing import Any

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from scripts.verifying.__main__ import main
from shared.topology import load_topology
from tests.operations.stub_gcloud import Stubs, unknown_to_gcloud

TOPOLOGY = load_topology()
NOW = datetime.now(UTC)
CALLER = "call-pubsub@my-project.iam.gserviceaccount.com"

Told = dict[str, Any]
"""What gcloud answers, by the words of its command."""


@dataclass
class Api:
    url: str = ""
    status: int = 200
    body: str = json.dumps({"status": "ready"})
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def api() -> Iterator[Api]:
    api = Api()

    @Request.application
    def answer(request: Request) -> Response:
        api.asked.append(request.path)
        return Response(api.body, status=api.status, content_type="application/json")

    server = make_server("127.0.0.1", 0, answer)
    api.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever)
    thread.start()
    yield api
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def told(api: Api) -> Told:
    """A sound installation. In the form of gcloud's JSON."""
    return {
        "storage buckets list --raw": [
            bucket("my-project-lectures"),
            bucket("my-project-archives"),
            {**bucket("my-project-terraform"), "versioning": {"enabled": True}},
            bucket("my-project-models"),
        ],
        "storage buckets notifications list gs://my-project-lectures": [
            {
                "Notification Configuration": {
                    "topic": "//pubsub.googleapis.com/projects/my-project/topics/uploads",
                    "event_types": ["OBJECT_FINALIZE"],
                }
            }
        ],
        "run services list": [service(name, api.url) for name in TOPOLOGY.functions],
        **{f"run services get-iam-policy {name} ": invokers(name) for name in TOPOLOGY.functions},
        "pubsub subscriptions list": [subscription(name) for name in TOPOLOGY.subscriptions],
        "pubsub topics get-iam-policy dead-letter": {
            "bindings": [
                {
                    "role": "roles/pubsub.publisher",
                    "members": ["serviceAccount:service-123@gcp-sa-pubsub.iam.gserviceaccount.com"],
                }
            ]
        },
        "tasks queues describe segments": {"name": "…/queues/segments", "state": "RUNNING"},
        "scheduler jobs list": [
            {
                "name": f"projects/my-project/locations/europe-west1/jobs/{name}",
                "schedule": schedule.cron,
                "state": "ENABLED",
                "httpTarget": {"oidcToken": {"serviceAccountEmail": "call-scheduler@x"}},
            }
            for name, schedule in TOPOLOGY.schedules.items()
        ],
        "sql instances describe pegasus": {
            "state": "RUNNABLE",
            "createTime": (NOW - timedelta(days=90)).isoformat(),
            "settings": {
                "backupConfiguration": {
                    "enabled": True,
                    "pointInTimeRecoveryEnabled": True,
                    "backupRetentionSettings": {"retainedBackups": 7},
                },
                "deletionProtectionEnabled": True,
                "connectorEnforcement": "REQUIRED",
                "ipConfiguration": {"ipv4Enabled": True},
                "databaseFlags": [{"name": "cloudsql.iam_authentication", "value": "on"}],
            },
        },
        "sql instances list": [{"name": "pegasus"}, {"name": "somebody-elses"}],
        "sql backups list": [
            {"status": "FAILED", "endTime": NOW.isoformat()},
            {"status": "SUCCESSFUL", "endTime": (NOW - timedelta(hours=20)).isoformat()},
            {
                "id": 3,
                "type": "ON_DEMAND",
                "status": "SUCCESSFUL",
                "endTime": (NOW - timedelta(days=6)).isoformat(),
            },
        ],
        "secrets versions list openai-api-key": [{"name": "…/versions/1", "state": "ENABLED"}],
        "secrets versions list write-api-token": [{"name": "…/versions/1", "state": "ENABLED"}],
    }


def invokers(name: str) -> dict[str, Any]:
    if TOPOLOGY.functions[name].public:
        return {"etag": "BwY="}
    members = [f"serviceAccount:{CALLER}"]
    return {"bindings": [{"role": "roles/run.invoker", "members": members}], "etag": "BwY="}


def bucket(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "iamConfiguration": {
            "publicAccessPrevention": "enforced",
            "uniformBucketLevelAccess": {"enabled": True},
        },
    }


def service(name: str, url: str) -> dict[str, Any]:
    secrets = {"ingest-api": "write-api-token", "generate": "openai-api-key"}
    environment: list[dict[str, Any]] = [{"name": "GCS_BUCKET", "value": "my-project-lectures"}]
    if name == "ingest-api":
        environment.append({"name": "PLC_OPERATORS", "value": "ops@uni.example"})
    if secret := secrets.get(name):
        reference = {"secretKeyRef": {"name": secret, "key": "latest"}}
        environment.append({"name": "A_SECRET", "valueFrom": reference})
    public = TOPOLOGY.functions[name].public
    annotations = {"run.googleapis.com/ingress": "all" if public else "internal"}
    if public:
        annotations["run.googleapis.com/invoker-iam-disabled"] = "true"
    return {
        "metadata": {"name": name, "annotations": annotations},
        "spec": {
            "template": {
                "spec": {
                    "serviceAccountName": f"fn-{name}@my-project.iam.gserviceaccount.com",
                    "containers": [{"env": environment}],
                }
            }
        },
        "status": {
            "url": url,
            "latestReadyRevisionName": f"{name}-00003-abc",
            "conditions": [{"type": "Ready", "status": "True"}],
        },
    }


def subscription(name: str) -> dict[str, Any]:
    declared = TOPOLOGY.subscriptions[name]
    made: dict[str, Any] = {
        "name": f"projects/my-project/subscriptions/{name}",
        "ackDeadlineSeconds": declared.ack_deadline_seconds,
        "pushConfig": {"oidcToken": {"serviceAccountEmail": CALLER}},
    }
    if declared.dead_letter_topic:
        made["deadLetterPolicy"] = {
            "deadLetterTopic": f"projects/my-project/topics/{declared.dead_letter_topic}",
            "maxDeliveryAttempts": declared.max_delivery_attempts,
        }
    return made


@dataclass
class Verified:
    code: int
    printed: str

    def failing(self) -> list[str]:
        return [line for line in self.printed.splitlines() if not line.startswith("ok ")][:-1]


@pytest.fixture
def verify(
    tmp_path: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Iterator[Callable[..., Verified]]:
    stubs = Stubs(tmp_path / "stubs")
    stubs.program("gcloud")
    monkeypatch.setenv("PATH", stubs.path)

    def run(told: Told, *arguments: str) -> Verified:
        for words, answer in told.items():
            if answer is None:
                stubs.answer(f"^gcloud {words}", code=1, stderr="PERMISSION_DENIED")
            else:
                stubs.answer(f"^gcloud {words}", answer)
        code = main(["--project", "my-project", *arguments])
        return Verified(code, capsys.readouterr().out)

    yield run
    calls = stubs.calls()
    assert not unknown_to_gcloud(calls)
    only_looks = re.compile(r"\b(list|describe|get-iam-policy)\b")
    assert all(only_looks.search(call.told) for call in calls), "it changes something"


def test_a_sound_installation_passes_every_check(
    told: Told, api: Api, verify: Callable[..., Verified]
) -> None:
    verified = verify(told)

    assert verified.failing() == []
    assert verified.code == 0
    assert api.asked == ["/health/ready"]
    for name in (*TOPOLOGY.functions, *TOPOLOGY.subscriptions, *TOPOLOGY.schedules):
        assert re.search(rf"^ok .*\b{name} ", verified.printed, re.MULTILINE)


def _set(path: str, value: Any) -> Callable[[Any], Any]:
    """Changes one value of an answer; a path's numbers are places in lists."""

    def change(answer: Any) -> Any:
        *way, last = path.split("/")
        inner = answer
        for name in way:
            inner = inner[int(name) if isinstance(inner, list) else name]
        # A slash within a name is written as in RFC 6901.
        place = int(last) if isinstance(inner, list) else last.replace("~1", "/")
        if value is None:
            del inner[place]
        else:
            inner[place] = value
        return answer

    return change


BREAKS = {
    "a bucket that may be public": (
        "storage buckets list",
        _set("0/iamConfiguration/publicAccessPrevention", "inherited"),
        "bucket my-project-lectures cannot be public",
    ),
    "a bucket with access by object": (
        "storage buckets list",
        _set("1/iamConfiguration/uniformBucketLevelAccess", {"enabled": False}),
        "bucket my-project-archives cannot be public",
    ),
    "a state that is lost when it is overwritten": (
        "storage buckets list",
        _set("2/versioning", {"enabled": False}),
        "Terraform's state can be restored",
    ),
    "a bucket that is gone": ("storage buckets list", _set("1", None), "my-project-archives"),
    "a bucket without notifications": (
        "storage buckets notifications list",
        lambda _: [],
        "tells of uploads",
    ),
    "a function that is open to the internet": (
        "run services list",
        _set("2/metadata/annotations", {"run.googleapis.com/ingress": "all"}),
        "function transcribe is internal",
    ),
    "an API that cannot be reached": (
        "run services list",
        _set("0/metadata/annotations/run.googleapis.com~1ingress", "internal"),
        "function ingest-api is public",
    ),
    "an API that Google keeps closed": (
        "run services list",
        _set("0/metadata/annotations/run.googleapis.com~1invoker-iam-disabled", None),
        "function ingest-api is called by anyone",
    ),
    "a function whose callers are not checked": (
        "run services list",
        _set("2/metadata/annotations/run.googleapis.com~1invoker-iam-disabled", "true"),
        "function transcribe is called by one account",
    ),
    "a function that anyone may call": (
        "run services get-iam-policy export ",
        _set("bindings/0/members", ["allUsers"]),
        "function export is called by one account",
    ),
    "a function that no account may call": (
        "run services get-iam-policy generate ",
        _set("bindings/0/members/0", None),
        "function generate is called by one account",
    ),
    "a function that runs as an account of others": (
        "run services list",
        _set(
            "4/spec/template/spec/serviceAccountName", "123-compute@developer.gserviceaccount.com"
        ),
        "function generate has an account of its own",
    ),
    "a function that does not start": (
        "run services list",
        _set(
            "3/status/conditions",
            [{"type": "Ready", "status": "False", "message": "failed to start"}],
        ),
        "failed to start",
    ),
    "a function that is gone": ("run services list", _set("5", None), "function export"),
    "pushes without a token": (
        "pubsub subscriptions list",
        _set("2/pushConfig", {}),
        "subscription generate-push shows a token",
    ),
    "a subscription without dead letters": (
        "pubsub subscriptions list",
        _set("0/deadLetterPolicy", None),
        "subscription uploads-push has dead letters",
    ),
    "a subscription that gives up early": (
        "pubsub subscriptions list",
        _set("1/deadLetterPolicy/maxDeliveryAttempts", 5),
        "subscription transcribe-push has dead letters",
    ),
    "a subscription that does not wait": (
        "pubsub subscriptions list",
        _set("3/ackDeadlineSeconds", 10),
        "subscription export-push waits long enough",
    ),
    "a subscription that is gone": (
        "pubsub subscriptions list",
        _set("4", None),
        "subscription dead-letter-push",
    ),
    "dead letters that Pub/Sub may not move": (
        "pubsub topics get-iam-policy",
        _set("bindings", []),
        "may publish to dead-letter",
    ),
    "a queue that is paused": ("tasks queues describe", _set("state", "PAUSED"), "queue segments"),
    "a schedule that is paused": (
        "scheduler jobs list",
        _set("0/state", "PAUSED"),
        "schedule sweep is on",
    ),
    "a schedule at another time": (
        "scheduler jobs list",
        _set("1/schedule", "0 0 1 1 *"),
        "schedule retention is on",
    ),
    "a schedule without a token": (
        "scheduler jobs list",
        _set("0/httpTarget", {}),
        "schedule sweep shows a token",
    ),
    "a database without backups": (
        "sql instances describe",
        _set("settings/backupConfiguration/enabled", False),
        "backed up daily",
    ),
    "a database without its log": (
        "sql instances describe",
        _set("settings/backupConfiguration/pointInTimeRecoveryEnabled", False),
        "restored to any second",
    ),
    "a database that can be deleted": (
        "sql instances describe",
        _set("settings/deletionProtectionEnabled", False),
        "deleted by mistake",
    ),
    "a database that is open to a network": (
        "sql instances describe",
        _set("settings/ipConfiguration/authorizedNetworks", [{"value": "0.0.0.0/0"}]),
        "no network may reach",
    ),
    "a database that lets others in than the connector": (
        "sql instances describe",
        _set("settings/connectorEnforcement", "NOT_REQUIRED"),
        "only Google's connector",
    ),
    "a database with passwords": (
        "sql instances describe",
        _set("settings/databaseFlags", []),
        "without passwords",
    ),
    "a database that is stopped": ("sql instances describe", _set("state", "STOPPED"), "runs"),
    "backups that fail": (
        "sql backups list",
        _set("1/endTime", (NOW - timedelta(days=3)).isoformat()),
        "fresh backup",
    ),
    "a backup that is never deleted": (
        "sql backups list",
        _set("2/endTime", (NOW - timedelta(days=8)).isoformat()),
        "older than the daily ones",
    ),
    "an instance that a restore has replaced": (
        "sql instances list",
        _set("1/name", "pegasus-old"),
        "no replaced instance",
    ),
    "no backup at all": ("sql backups list", lambda _: [], "fresh backup"),
    "a secret without a value": (
        "secrets versions list openai-api-key",
        lambda _: [],
        "secret openai-api-key has a value",
    ),
    "an API without a static token": (
        "run services list",
        _set("0/spec/template/spec/containers/0/env/2", None),
        "knows the static token",
    ),
    "an API without operators": (
        "run services list",
        _set("0/spec/template/spec/containers/0/env/1", {"name": "PLC_OPERATORS"}),
        "an operator is listed",
    ),
    "an API that is not told of operators": (
        "run services list",
        _set("0/spec/template/spec/containers/0/env/1", None),
        "an operator is listed",
    ),
}


@pytest.mark.sampled(8)
@pytest.mark.parametrize("broken", BREAKS)
def test_what_is_not_as_it_should_be_is_told(
    told: Told, verify: Callable[..., Verified], broken: str
) -> None:
    command, change, expected = BREAKS[broken]
    [words] = [words for words in told if words.startswith(command)]
    told[words] = change(copy.deepcopy(told[words]))

    verified = verify(told)

    [failing] = verified.failing()
    assert failing.startswith("FAIL")
    assert expected in failing
    assert verified.code == 1


NOT_READY = {
    "behind": (503, '{"status": "not_ready", "failing": {"database": "is at 0001"}}', "is at 0001"),
    "something else": (200, '{"status": "something"}', "the API is ready"),
    "no API": (502, "<html>", "JSONDecodeError"),
}


@pytest.mark.sampled(1)
@pytest.mark.parametrize("why", NOT_READY)
def test_an_api_that_is_not_ready_is_told(
    told: Told, api: Api, verify: Callable[..., Verified], why: str
) -> None:
    api.status, api.body, expected = NOT_READY[why]

    verified = verify(told)

    [failing] = verified.failing()
    assert expected in failing
    assert verified.code == 1


def test_an_api_that_does_not_answer_is_told(told: Told, verify: Callable[..., Verified]) -> None:
    for each in told["run services list"]:
        each["status"]["url"] = "http://127.0.0.1:9"

    [failing] = verify(told).failing()

    assert "ConnectionError" in failing


def test_what_cannot_be_asked_is_not_taken_for_right(
    told: Told, verify: Callable[..., Verified]
) -> None:
    told["sql instances describe pegasus"] = None

    verified = verify(told)

    [unknown] = verified.failing()
    assert unknown.startswith("?") and "PERMISSION_DENIED" in unknown
    assert verified.code == 2


def test_two_functions_with_one_account_are_both_told(
    told: Told, verify: Callable[..., Verified]
) -> None:
    services = {each["metadata"]["name"]: each for each in told["run services list"]}
    services["generate"]["spec"]["template"]["spec"]["serviceAccountName"] = "fn-export@x"
    services["export"]["spec"]["template"]["spec"]["serviceAccountName"] = "fn-export@x"

    failing = verify(told).failing()

    assert ["generate" in failing[0], "export" in failing[1]] == [True, True]


def test_an_installation_to_try_things_out_may_be_deleted(
    told: Told, verify: Callable[..., Verified]
) -> None:
    told["sql instances describe pegasus"]["settings"]["deletionProtectionEnabled"] = False

    assert verify(told, "--expendable").code == 0


def test_a_new_database_need_not_have_a_backup_yet(
    told: Told, verify: Callable[..., Verified]
) -> None:
    told["sql instances describe pegasus"]["createTime"] = (NOW - timedelta(hours=2)).isoformat()
    told["sql backups list"] = []

    assert verify(told).code == 0


def test_without_gcloud_it_says_so(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "")

    assert main(["--project", "my-project"]) == 3
    assert "gcloud" in capsys.readouterr().err

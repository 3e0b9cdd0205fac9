"""scripts/setup-gcp.sh, against a gcloud that writes down what it was asked."""

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.local.stack import ROOT
from tests.operations.stub_gcloud import Call, Stubs, unknown_to_gcloud

SETUP = ROOT / "scripts" / "setup-gcp.sh"
CHANGES = r"create|update|enable|add|set|delete|service-agent"
DEPLOYER = "serviceAccount:pegasus-deploy@my-project.iam.gserviceaccount.com"
NOTHING_FILLED = "filled_secrets = []"


@pytest.fixture
def stubs(tmp_path: Path) -> Iterator[Stubs]:
    """An empty project with a billing account; every command asked is one that gcloud has."""
    stubs = Stubs(tmp_path / "stubs")
    stubs.program("gcloud")
    stubs.answer("^gcloud projects describe my-project ", "123\n")
    stubs.answer("^gcloud billing projects describe my-project ", "True\n")
    yield stubs
    unknown = unknown_to_gcloud(stubs.calls())
    assert not unknown


def setup(
    stubs: Stubs, *arguments: str, stdin: str = "", cwd: Path = ROOT
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(SETUP), "--project", "my-project", *arguments],
        env={"PATH": stubs.path, "SETUP_PAUSE_SEC": "0"},
        input=stdin,
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def secrets_are_made(stubs: Stubs, *filled: str) -> None:
    """As Terraform's first apply leaves them; these have a value."""
    names = ("gemini-api-key", "openai-api-key", "write-api-token")
    stubs.answer(
        "^gcloud secrets list ", "".join(f"projects/123/secrets/{name}\n" for name in names)
    )
    for name in filled:
        has_a_value(stubs, name)


def has_a_value(stubs: Stubs, name: str) -> None:
    stubs.answer(f"^gcloud secrets versions list {name} ", "projects/123/versions/1\n")


def test_an_empty_project_is_made_ready(stubs: Stubs) -> None:
    done = setup(stubs, "--operator", "user:ops@example.org")

    assert done.returncode == 0, done.stderr
    [enabled] = stubs.calls("services enable")
    declared = re.search(
        r"concat\(\s*\[(.*?)\]", (ROOT / "terraform" / "apis.tf").read_text(), re.DOTALL
    )
    assert declared
    assert set(re.findall(r'"(.*?)"', declared[1])) < set(enabled.arguments)
    [made] = stubs.calls("storage buckets create gs://my-project-terraform ")
    assert {"--uniform-bucket-level-access", "--public-access-prevention"} <= set(made.arguments)
    assert stubs.calls("storage buckets update gs://my-project-terraform .*--versioning")
    [agent] = stubs.calls("identity create")
    assert "--service=pubsub.googleapis.com" in agent.arguments
    assert stubs.calls("iam service-accounts create pegasus-deploy ")
    [operator] = stubs.calls("service-accounts add-iam-policy-binding")
    assert "--member=user:ops@example.org" in operator.arguments
    assert "--role=roles/iam.serviceAccountTokenCreator" in operator.arguments
    assert NOTHING_FILLED in done.stdout


def test_the_deployer_may_do_what_it_needs_and_owns_nothing(stubs: Stubs) -> None:
    assert setup(stubs).returncode == 0

    grants = stubs.calls("projects add-iam-policy-binding")
    roles = {
        word.removeprefix("--role=roles/")
        for call in grants
        for word in call.arguments
        if word.startswith("--role=")
    }
    assert {f"--member={DEPLOYER}" in call.arguments for call in grants} == {True}
    assert {"iam.serviceAccountUser", "storage.admin", "cloudsql.admin"} <= roles
    assert not roles & {"owner", "editor"}
    # Without a word about conditions gcloud asks back, as soon as Terraform has made one.
    assert all("--condition=None" in call.arguments for call in grants)


def test_a_second_run_makes_nothing_again(stubs: Stubs) -> None:
    stubs.answer("^gcloud storage buckets list ", "my-project-terraform\n")
    stubs.answer("^gcloud iam service-accounts list ", f"{DEPLOYER}\n")
    secrets_are_made(stubs, "write-api-token")

    done = setup(stubs, "--generate-token")

    assert done.returncode == 0, done.stderr
    assert not stubs.calls("buckets create|service-accounts create|versions add")
    assert 'filled_secrets = ["write-api-token"]' in done.stdout


def test_a_dry_run_prints_every_command_and_runs_none(stubs: Stubs, tmp_path: Path) -> None:
    assert setup(stubs).returncode == 0
    changes = [call.told for call in stubs.calls(CHANGES)]
    stubs.forget()
    (tmp_path / "key").write_text("sk-secret")

    done = setup(stubs, "--dry-run", "--secret", f"openai-api-key={tmp_path / 'key'}")

    assert done.returncode == 0, done.stderr
    assert not stubs.calls()
    printed = [line.replace("\\", "").strip() for line in done.stdout.splitlines() if line.strip()]
    assert all(line.startswith("gcloud ") for line in printed)
    assert [line for line in changes if line not in printed] == []
    assert any("secrets versions add openai-api-key" in line for line in printed)
    assert "sk-secret" not in done.stdout + done.stderr


def test_options_for_a_key_a_budget_and_a_private_database(stubs: Stubs) -> None:
    key = "projects/my-project/locations/europe-west1/keyRings/r/cryptoKeys/k"

    done = setup(stubs, "--kms-key", key, "--billing-account", "0A-1B", "--private-database")

    assert done.returncode == 0, done.stderr
    for service in ("sqladmin", "secretmanager"):
        assert stubs.calls(f"identity create --service={service}.googleapis.com")
    assert stubs.calls(f"kms keys add-iam-policy-binding {key} ")
    assert stubs.calls("billing accounts add-iam-policy-binding 0A-1B .*billing.costsManager")
    assert stubs.calls("roles/compute.networkAdmin")


@pytest.mark.parametrize("source", ["file", "standard input"])
def test_a_value_goes_by_standard_input_and_is_never_printed(
    stubs: Stubs, tmp_path: Path, source: str
) -> None:
    secrets_are_made(stubs)
    (tmp_path / "key").write_text("sk-secret\n")

    named = "openai-api-key=" + ("key" if source == "file" else "-")
    done = setup(stubs, "--only-secrets", "--secret", named, stdin="sk-secret\n", cwd=tmp_path)

    assert done.returncode == 0, done.stderr
    [added] = stubs.calls("secrets versions add openai-api-key")
    assert added.stdin == "sk-secret", "the newline of the file is no part of the key"
    assert not [call for call in stubs.calls() if "sk-secret" in call.told]
    assert "sk-secret" not in done.stdout + done.stderr
    assert not stubs.calls("services enable"), "it was asked for secrets only"


def test_a_new_token_is_long_and_shown_to_nobody(stubs: Stubs) -> None:
    secrets_are_made(stubs)

    done = setup(stubs, "--only-secrets", "--generate-token")
    again = setup(stubs, "--only-secrets", "--generate-token")

    assert done.returncode == again.returncode == 0, done.stderr
    first, second = (call.stdin for call in stubs.calls("versions add write-api-token"))
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", first)
    assert first != second
    assert first not in done.stdout + done.stderr


def test_a_secret_with_a_value_keeps_it(stubs: Stubs) -> None:
    secrets_are_made(stubs, "write-api-token")

    done = setup(stubs, "--only-secrets", "--secret", "write-api-token=-", stdin="another")

    assert done.returncode == 0
    assert not stubs.calls("versions add")
    assert "which is kept" in done.stdout


def test_what_cannot_be_found_out_is_not_taken_for_missing(stubs: Stubs) -> None:
    secrets_are_made(stubs)
    stubs.answer("^gcloud secrets versions list", code=1, stderr="PERMISSION_DENIED")

    done = setup(stubs, "--only-secrets", "--generate-token")

    assert done.returncode == 5
    assert not stubs.calls("versions add")


def test_an_account_that_is_new_is_granted_after_a_moment(stubs: Stubs) -> None:
    stubs.answer("roles/pubsub.admin", code=1, stderr="does not exist", once=True)

    assert setup(stubs).returncode == 0
    assert len(stubs.calls("roles/pubsub.admin")) == 2


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    ("pattern", "answer", "code", "told"),
    [
        ("projects describe my-project", {"code": 1}, 4, "no project"),
        ("billing projects describe", {"stdout": "False\n"}, 4, "billing account"),
        ("services enable", {"code": 1}, 5, "services enable"),
        ("storage buckets list", {"code": 1}, 5, "storage buckets list"),
        ("storage buckets create", {"code": 1}, 5, "storage buckets create"),
        ("identity create", {"code": 1}, 5, "identity create"),
        ("roles/run.admin", {"code": 1, "stderr": "denied"}, 5, "denied"),
        ("secrets list", {"code": 1}, 5, "secrets list"),
    ],
)
def test_it_stops_at_the_first_failure(
    stubs: Stubs, pattern: str, answer: dict[str, object], code: int, told: str
) -> None:
    stubs.answer(pattern, **answer)  # type: ignore[arg-type]

    done = setup(stubs)

    assert done.returncode == code
    assert told in done.stderr
    assert re.search(pattern, stubs.calls()[-1].told), "something was done after it"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--project", "No Project"], 2),
        (["--deployer", "x"], 2),
        (["--operator", "ops@example.org"], 2),
        (["--secret", "another=-"], 2),
        (["--secret", "write-api-token"], 2),
        (["--secret", "write-api-token=/nowhere"], 2),
        (["--secret", "write-api-token=-", "--secret", "openai-api-key=-"], 2),
        (["--secret"], 2),
        (["--surprise"], 2),
        (["--only-secrets", "--secret", "write-api-token=-"], 6),
    ],
)
def test_wrong_use_changes_nothing(stubs: Stubs, arguments: list[str], code: int) -> None:
    assert setup(stubs, *arguments, stdin="a").returncode == code
    assert not stubs.calls(CHANGES)


def test_an_empty_value_is_refused(stubs: Stubs) -> None:
    secrets_are_made(stubs)

    done = setup(stubs, "--only-secrets", "--secret", "write-api-token=-", stdin=" \n")

    assert done.returncode == 6
    assert not stubs.calls("versions add")


def test_gcloud_has_every_command_of_a_run(stubs: Stubs) -> None:
    """The check of the fixture itself: it notices a flag and a word that are made up."""
    secrets_are_made(stubs)
    setup(stubs, "--generate-token")
    calls = stubs.calls()
    assert len(calls) > 25
    if unknown_to_gcloud(calls) is None:
        pytest.skip("gcloud is not installed")

    for words in ((*calls[0].arguments, "--no-such-flag=1"), ("storage", "bucket", "create")):
        wrong = Call("gcloud", words, "", {})
        assert unknown_to_gcloud([wrong]) == [wrong.told]

"""scripts/deploy, with terraform, gcloud, migration and smoke test that write down their calls."""

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from scripts.deploying import callers
from scripts.deploying.__main__ import main
from scripts.deploying.callers import Answer
from scripts.deploying.installation import Database, Installation
from scripts.deploying.options import Parts, build_archives
from scripts.deploying.releases import digests_of
from scripts.local.stack import ROOT
from scripts.package import STAGES
from shared.config import load_settings
from shared.database.migrate import head_revision
from tests.operations.stub_gcloud import Stubs, unknown_to_gcloud
from tests.support.processes.waiting import wait_until

STATE = "my-project-terraform"
INTERNAL = ("export", "retention-on-sweep")
WEIGHTS = "gs://my-project-models/base"
APIS_OWN = Answer(401, b'{"code": "unauthorized", "requestId": "r-1"}')
GOOGLES = Answer(403, b"<html>Your client does not have permission to get URL</html>")
CHANGES = r"^(migrate|smoke|terraform \S+ apply|gcloud storage cp)"


def outputs(
    *, token: bool = True, migrator: str | None = "pegasus-deploy@my-project.iam"
) -> object:
    values = {
        "api_url": "https://api.example",
        "bucket": "my-project-lectures",
        "callers": {name: f"call-{name}@my-project.iam" for name in INTERNAL},
        "connections": {"needed": 1, "allowed": 2},
        "database": {
            "instance_connection_name": "my-project:europe-west1:pegasus",
            "name": "pegasus",
            "migrator": migrator,
        },
        "function_urls": {name: f"https://{name}.example" for name in (*INTERNAL, "ingest-api")},
        "region": "europe-west1",
        "secrets": {"write-api-token": token, "openai-api-key": False},
        "weights": WEIGHTS,
    }
    return {name: {"value": value, "sensitive": False} for name, value in values.items()}


@dataclass
class Operator:
    """An operator at a terminal, with a checkout whose code may change."""

    stubs: Stubs
    folder: Path
    code: str = "A"
    answers: dict[str, Answer] = field(default_factory=dict)
    """What a stranger is answered, by how the question begins: an address, and `Bearer` with a
    token."""
    asked: list[str] = field(default_factory=list)

    def deploy(self, *arguments: str, yes: bool = True) -> int:
        self.stubs.forget()
        return main(
            [
                *("--project", "my-project", "--env", "dev"),
                *("--build", str(self.folder / "build")),
                *(["--yes"] if yes else []),
                *arguments,
            ],
            Parts(
                ask=self._ask,
                package=self._package,
                weights=self._weights,
                migrate=str(self.stubs.folder / "bin" / "migrate"),
                smoke=str(self.stubs.folder / "bin" / "smoke"),
            ),
        )

    def _ask(self, url: str, token: str | None) -> Answer:
        self.asked.append(f"{url} Bearer" if token else url)
        expected = APIS_OWN if url.startswith("https://api.example") else GOOGLES
        told = (each for start, each in self.answers.items() if self.asked[-1].startswith(start))
        return next(told, expected)

    def _weights(self, model: str, into: Path) -> Path:
        assert model == "base"
        into.mkdir(parents=True, exist_ok=True)
        for name in ("model.bin", "config.json", "tokenizer.json"):
            (into / name).write_text(name)
        return into

    def _package(self, into: Path) -> None:
        into.mkdir(exist_ok=True)
        for stage in STAGES:
            (into / f"{stage}.zip").write_text(f"{stage} {self.code}")

    def release(self, code: str) -> str:
        """Deployed well; returns its id."""
        self.code = code
        assert self.deploy() == 0
        return self.releases()[-1]

    def releases(self) -> list[str]:
        folder = self.stubs.folder / "buckets" / STATE / "releases"
        return sorted(path.parent.name for path in folder.glob("*/release.json"))

    def marks(self, id: str) -> set[str]:
        folder = self.stubs.folder / "buckets" / STATE / "releases" / id
        return {path.name for path in folder.iterdir()} & {"verified", "withdrawn"}

    def steps(self) -> list[str]:
        """What was called, in short."""
        step = re.compile(
            r"^terraform \S+ (\w+)|^(migrate|smoke)\b"
            r"|^gcloud storage cp .*/(release\.json|verified|withdrawn)$"
        )
        found = (step.search(call.told) for call in self.stubs.calls())
        return [each[each.lastindex or 0] for each in found if each]

    def applied(self) -> str:
        """Which code was planned and applied last."""
        plan = self.stubs.calls("^terraform .* plan ")[-1]
        [archives] = [word for word in plan.arguments if word.startswith("-var=archives=")]
        folder = ROOT / "terraform" / archives.removeprefix("-var=archives=")
        assert self.stubs.calls("^terraform .* apply ")
        [code] = {(folder / f"{stage}.zip").read_text().split()[1] for stage in STAGES}
        return code


@pytest.fixture
def operator(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Operator]:
    stubs = Stubs(tmp_path / "stubs")
    stubs.program("terraform", "gcloud", "migrate", "smoke")
    stubs.answer("^terraform .* output -json", outputs())
    stubs.answer("^gcloud secrets versions access latest", "the-token\n")
    stubs.answer("^gcloud run services list", "ingest-api\tingest-api-00007-abc\n")
    monkeypatch.setenv("PATH", stubs.path)
    monkeypatch.delenv("PLC_API_TOKEN", raising=False)
    yield Operator(stubs, tmp_path)
    assert not unknown_to_gcloud(stubs.calls())


# --- forward ----------------------------------------------------------------------


def test_the_first_deployment_migrates_what_it_has_made(operator: Operator) -> None:
    operator.stubs.answer("^terraform .* output -json", {}, once=True)

    assert operator.deploy() == 0

    assert operator.steps() == [
        *("init", "plan", "release.json", "output"),
        *("apply", "output", "migrate", "smoke", "verified"),
    ]
    assert operator.stubs.calls("^gcloud scheduler jobs run retention --location=europe-west1")


def test_a_later_one_migrates_before_the_new_code_runs(operator: Operator) -> None:
    assert operator.deploy() == 0

    assert operator.steps() == [
        *("init", "plan", "release.json", "output", "migrate"),
        *("apply", "output", "migrate", "smoke", "verified"),
    ]


def test_retention_is_run_by_its_schedule_alone_after_the_first(operator: Operator) -> None:
    assert operator.deploy() == 0

    assert not operator.stubs.calls("^gcloud scheduler")


def test_an_installation_without_a_migrator_is_given_one_first(operator: Operator) -> None:
    operator.stubs.answer("^terraform .* output -json", outputs(migrator=None), once=True)

    assert operator.deploy() == 0

    assert operator.steps().index("apply") < operator.steps().index("migrate")


def test_the_report_says_what_runs_where_and_what_took_how_long(
    operator: Operator, capfd: pytest.CaptureFixture[str]
) -> None:
    assert operator.deploy() == 0

    told = capfd.readouterr().out
    assert f"release  {operator.releases()[0]}" in told
    assert "https://api.example" in told
    assert "ingest-api-00007-abc" in told
    for digest in digests_of(operator.folder / "build", STAGES).values():
        assert digest in told
    for step in ("package", "init", "plan", "migrate", "apply", "smoke", "together"):
        assert re.search(rf"\d\.\d s  {step}$", told, re.MULTILINE)


def test_a_deployment_names_the_newest_enabled_version_of_each_secret(operator: Operator) -> None:
    operator.stubs.answer("^gcloud secrets list", "openai-api-key\nwrite-api-token\nanother\n")
    operator.stubs.answer("^gcloud secrets versions list openai-api-key", "10\n9\n")

    assert operator.deploy() == 0

    [plan] = operator.stubs.calls("^terraform .* plan ")
    assert '-var=secret_versions={"openai-api-key": "10"}' in plan.arguments


def test_terraform_is_told_where_and_as_whom(operator: Operator) -> None:
    assert operator.deploy() == 0

    [init] = operator.stubs.calls("^terraform .* init ")
    assert f"-backend-config=bucket={STATE}" in init.arguments
    [plan] = operator.stubs.calls("^terraform .* plan ")
    assert {
        f"-var-file={ROOT / 'terraform' / 'envs' / 'dev.tfvars'}",
        "-var=project_id=my-project",
        "-var=migrator=pegasus-deploy@my-project.iam.gserviceaccount.com",
    } <= set(plan.arguments)
    [apply] = operator.stubs.calls("^terraform .* apply ")
    [planned] = [word for word in plan.arguments if word.startswith("-out=")]
    assert planned.removeprefix("-out=") in apply.arguments, "what was shown is what is applied"


def test_the_migration_finds_this_database_and_no_other(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgresql://somebody@127.0.0.1/another")
    monkeypatch.setenv("PLC_ENVIRONMENT", "local")
    monkeypatch.setenv("PLC_DB_IP_TYPE", "PRIVATE")

    assert operator.deploy() == 0

    migrate, afterwards = operator.stubs.calls("^migrate")
    assert migrate.arguments == afterwards.arguments == ("up",)
    monkeypatch.delenv("DATABASE_URL")
    monkeypatch.delenv("PLC_ENVIRONMENT")
    settings = load_settings(migrate.environment)
    assert settings.database_url is None
    assert settings.plc_environment == "cloud"
    assert settings.instance_connection_name == "my-project:europe-west1:pegasus"
    assert settings.db_user == "pegasus-deploy@my-project.iam"
    assert settings.plc_db_ip_type == "PRIVATE"


def test_the_smoke_test_has_the_token_and_nobody_sees_it(
    operator: Operator, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMOKE_TIMEOUT_SEC", "42")

    assert operator.deploy() == 0

    [smoke] = operator.stubs.calls("^smoke")
    assert smoke.environment["API_BASE_URL"] == "https://api.example"
    assert smoke.environment["PLC_API_TOKEN"] == "the-token"
    assert smoke.environment["SMOKE_TIMEOUT_SEC"] == "42"
    assert Path(smoke.environment["SMOKE_AUDIO_FILE"]).stat().st_size > 10_000
    printed = capfd.readouterr()
    assert "the-token" not in printed.out + printed.err
    assert not [call for call in operator.stubs.calls() if "the-token" in call.told]


def test_without_the_static_token_it_is_deployed_and_said_not_to_be_tried(
    operator: Operator, capfd: pytest.CaptureFixture[str]
) -> None:
    operator.stubs.answer("^terraform .* output -json", outputs(token=False))

    assert operator.deploy() == 5

    assert operator.steps()[-1] == "migrate"
    assert operator.marks(operator.releases()[0]) == set()
    assert "--only-secrets --generate-token" in capfd.readouterr().err


def test_the_api_is_opened_and_the_others_are_found_closed(operator: Operator) -> None:
    assert operator.deploy() == 0

    [opened] = operator.stubs.calls("^gcloud run services update")
    assert opened.arguments[3:5] == ("ingest-api", "--no-invoker-iam-check")
    for name in INTERNAL:
        assert operator.asked.count(f"https://{name}.example") == 1
        assert operator.asked.count(f"https://{name}.example Bearer") == 1


@pytest.mark.parametrize(
    "answer", [Answer(404, b""), Answer(401, b""), Answer(403, b"{}")], ids=str
)
def test_each_refusal_of_googles_will_do(operator: Operator, answer: Answer) -> None:
    operator.answers["https://export.example"] = answer

    assert operator.deploy() == 0


@pytest.mark.sampled(3)
@pytest.mark.parametrize(
    "answer",
    [
        Answer(200, b'{"outcome": "done"}'),
        Answer(503, b'{"outcome": "retry"}'),
        Answer(401, b'{"outcome": "unauthorized"}'),
        Answer(400, b"anything"),
    ],
    ids=str,
)
@pytest.mark.parametrize("how", ["", " Bearer"])
def test_a_function_that_answers_strangers_brings_the_release_before_back(
    operator: Operator, answer: Answer, how: str, capfd: pytest.CaptureFixture[str]
) -> None:
    operator.release("A")
    operator.code = "B"
    operator.answers[f"https://export.example{how}"] = answer

    assert operator.deploy() == 18

    assert operator.applied() == "A"
    assert operator.marks(operator.releases()[1]) == {"withdrawn"}
    told = capfd.readouterr().err
    assert f"export answers {answer.status} to a caller" in told
    assert "--rollback" not in told


def test_where_there_is_no_release_before_it_says_so(
    operator: Operator, capfd: pytest.CaptureFixture[str]
) -> None:
    operator.answers["https://export.example"] = Answer(200, b"")

    assert operator.deploy() == 18

    assert "no release before the last" in capfd.readouterr().err
    assert operator.marks(operator.releases()[0]) == set()


def test_an_api_that_google_keeps_closed_is_noticed(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(callers, "OPEN_WITHIN_SEC", 0)
    operator.answers["https://api.example"] = GOOGLES

    assert operator.deploy() == 17

    assert "Google answers 403 before the API does" in capfd.readouterr().err


def test_weights_are_copied_once_and_the_model_last(operator: Operator) -> None:
    assert operator.deploy() == 0

    copied = operator.stubs.calls(f"^gcloud storage cp .* {WEIGHTS}/$")
    assert [len(call.arguments) for call in copied] == [5, 4]
    assert copied[-1].arguments[2].endswith("/model.bin")

    assert operator.deploy() == 0
    assert not operator.stubs.calls(f"^gcloud storage cp .* {WEIGHTS}/$")


def test_weights_that_were_copied_in_part_are_copied_again(operator: Operator) -> None:
    operator.stubs.answer("cp .*model.bin", code=1, stderr="broken off", once=True)
    assert operator.deploy() == 19

    assert operator.deploy() == 0

    assert len(operator.stubs.calls(f"^gcloud storage cp .* {WEIGHTS}/$")) == 2


FAILURES = [
    ("^terraform .* init", 11),
    ("^terraform .* plan", 12),
    ("^gcloud storage ls", 13),
    ("^gcloud storage cp .*ingest.zip", 13),
    ("^gcloud storage cp - .*release.json", 13),
    ("^migrate", 14),
    ("^terraform .* apply", 15),
    ("^terraform .* output", 15),
    ("^gcloud run services update", 17),
    ("^gcloud secrets list", 12),
    ("^gcloud secrets versions access", 16),
    ("^smoke", 16),
    ("^gcloud storage cp - .*verified", 16),
]


@pytest.mark.sampled(4)
@pytest.mark.parametrize(("pattern", "code"), FAILURES)
def test_it_stops_at_the_first_failure_and_goes_on_when_run_again(
    operator: Operator, pattern: str, code: int, capfd: pytest.CaptureFixture[str]
) -> None:
    operator.stubs.answer(pattern, code=1, stderr="denied", once=True)

    assert operator.deploy() == code

    assert re.search(pattern, operator.stubs.calls()[-1].told), "something was done after it"
    assert len(capfd.readouterr().err.strip().splitlines()) >= 2, "it does not say what to do"
    begun = operator.releases()

    assert operator.deploy() == 0
    assert operator.releases()[: len(begun)] == begun
    assert len(operator.releases()) == 1, "the same archives are the same release"
    assert operator.marks(operator.releases()[0]) == {"verified"}


def test_archives_that_cannot_be_built_change_nothing(operator: Operator) -> None:
    (operator.folder / "build").write_text("a file where a folder should be")

    assert operator.deploy() == 10

    assert not operator.stubs.calls()


def test_a_plan_that_is_not_agreed_to_changes_nothing(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    leader, follower = os.openpty()
    with os.fdopen(follower) as terminal:
        monkeypatch.setattr(sys, "stdin", terminal)
        os.write(leader, b"no\n")

        assert operator.deploy(yes=False) == 1
        assert not operator.stubs.calls(CHANGES)

        os.write(leader, b"yes\n")
        assert operator.deploy(yes=False) == 0
    os.close(leader)


def test_where_nobody_can_be_asked_it_does_not_begin(operator: Operator) -> None:
    with pytest.raises(SystemExit) as refused:
        operator.deploy(yes=False)
    assert refused.value.code == 2
    assert not operator.stubs.calls()


@pytest.mark.parametrize("wrong", [["--project", "No"], ["--env", "nowhere"]])
def test_wrong_use_does_nothing(operator: Operator, wrong: list[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        operator.deploy(*wrong)
    assert refused.value.code == 2
    assert not operator.stubs.calls()


def test_a_missing_program_is_named(
    operator: Operator, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(operator.folder))

    assert operator.deploy() == 3
    assert "terraform is needed" in capfd.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["--rollback"]])
def test_a_dry_run_shows_the_steps_and_runs_nothing(
    operator: Operator, arguments: list[str], capfd: pytest.CaptureFixture[str]
) -> None:
    assert operator.deploy("--dry-run", *arguments, yes=False) == 0

    assert not operator.stubs.calls()
    told = capfd.readouterr().out
    for step in ("init", "plan", "apply", "smoke"):
        assert f"── {step}" in told
    assert ("migrate up" in told) == (not arguments)


# --- back -------------------------------------------------------------------------


def test_a_rollback_deploys_the_archives_of_the_release_before(operator: Operator) -> None:
    first = operator.release("A")
    second = operator.release("B")

    assert operator.deploy("--rollback") == 0

    assert operator.applied() == "A"
    assert operator.marks(first) == {"verified"}
    assert operator.marks(second) == {"verified", "withdrawn"}
    assert "smoke" in operator.steps()
    assert "migrate" not in operator.steps(), "the schema stays"


@pytest.mark.slow
def test_a_rollback_run_again_goes_to_the_same_release(operator: Operator) -> None:
    for code in "ABC":
        operator.release(code)

    for _ in range(3):
        assert operator.deploy("--rollback") == 0
        assert operator.applied() == "B"


@pytest.mark.sampled(1)
@pytest.mark.parametrize(
    "pattern", ["^gcloud storage cp gs", "plan", "withdrawn", "apply", "output", "^smoke"]
)
def test_a_rollback_that_died_goes_on_to_the_same_release(operator: Operator, pattern: str) -> None:
    for code in "ABC":
        operator.release(code)
    operator.stubs.answer(pattern, code=1, once=True)

    assert operator.deploy("--rollback") != 0
    assert operator.deploy("--rollback") == 0

    assert operator.applied() == "B"


def test_what_failed_its_smoke_test_is_not_gone_back_to(operator: Operator) -> None:
    operator.release("A")
    operator.code = "B"
    operator.stubs.answer("^smoke", code=1, once=True)
    assert operator.deploy() == 16
    operator.release("C")

    assert operator.deploy("--rollback") == 0

    assert operator.applied() == "A"


def test_what_was_rolled_back_is_not_gone_back_to(operator: Operator) -> None:
    operator.release("A")
    operator.release("B")
    assert operator.deploy("--rollback") == 0
    operator.release("C")

    assert operator.deploy("--rollback") == 0

    assert operator.applied() == "A"


@pytest.mark.slow
def test_what_was_rolled_back_may_be_deployed_again(operator: Operator) -> None:
    operator.release("A")
    withdrawn = operator.release("B")
    assert operator.deploy("--rollback") == 0

    again = operator.release("B")

    assert again > withdrawn
    assert operator.marks(again) == {"verified"}
    assert operator.deploy("--rollback") == 0
    assert operator.applied() == "A"


def test_a_release_can_be_named(operator: Operator, capfd: pytest.CaptureFixture[str]) -> None:
    first, second, third = (operator.release(code) for code in "ABC")

    assert operator.deploy("--rollback", first) == 0

    assert operator.applied() == "A"
    assert [operator.marks(id) for id in (second, third)] == [{"verified", "withdrawn"}] * 2
    capfd.readouterr()
    assert operator.deploy("--rollback", second) == 4
    assert "was rolled back itself" in capfd.readouterr().err
    assert operator.deploy("--rollback", "nothing") == 4
    assert first in capfd.readouterr().err


def test_with_nothing_before_it_nothing_is_changed(operator: Operator) -> None:
    assert operator.deploy("--rollback") == 4
    operator.release("A")
    assert operator.deploy("--rollback") == 4
    assert not operator.stubs.calls(CHANGES)


def test_archives_that_were_changed_are_not_deployed(operator: Operator) -> None:
    first = operator.release("A")
    operator.release("B")
    kept = operator.stubs.folder / "buckets" / STATE / "releases" / first / "export.zip"
    kept.write_text("something else")

    assert operator.deploy("--rollback") == 13

    assert not operator.stubs.calls("apply|withdrawn")


def test_a_release_whose_archives_are_not_all_there_is_none(operator: Operator) -> None:
    operator.stubs.answer("release.json$", code=1, once=True)
    assert operator.deploy() == 13
    operator.release("B")
    operator.release("C")

    assert operator.deploy("--rollback") == 0

    assert operator.applied() == "B"


def test_an_older_schema_of_the_release_is_told(
    operator: Operator, capfd: pytest.CaptureFixture[str]
) -> None:
    first = operator.release("A")
    operator.release("B")
    record = operator.stubs.folder / "buckets" / STATE / "releases" / first / "release.json"
    record.write_text(record.read_text().replace(head_revision(), "0001"))

    assert operator.deploy("--rollback") == 0

    assert "written for the schema 0001" in capfd.readouterr().out


# --- what it leans on -------------------------------------------------------------


def test_the_archives_are_those_of_every_stage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("APP", "0")  # no machine needs Node for `make test`

    build_archives(tmp_path)

    assert digests_of(tmp_path, STAGES).keys() == set(STAGES)


def test_terraform_declares_the_outputs_that_are_read() -> None:
    declared = (ROOT / "terraform" / "outputs.tf").read_text()

    names = set(re.findall(r'^output "(\w+)"', declared, re.MULTILINE))
    assert Installation.model_fields.keys() <= names
    database = re.search(r'^output "database" {(.*?)^}', declared, re.MULTILINE | re.DOTALL)
    assert database
    assert Database.model_fields.keys() <= set(re.findall(r"^ +(\w+) += ", database[1], re.M))


def test_terraform_has_the_options_that_are_given(operator: Operator) -> None:
    terraform = shutil.which("terraform", path=os.environ["PATH"].partition(os.pathsep)[2])
    if terraform is None:
        pytest.skip("terraform is not installed")
    assert operator.deploy() == 0
    for call in operator.stubs.calls("^terraform"):
        command, options = call.arguments[1], call.arguments[2:]
        told = subprocess.run(
            [terraform, command, "-help"], capture_output=True, text=True, check=True
        ).stdout
        for option in options:
            if option.startswith("-"):
                assert re.search(rf"^  {option.partition('=')[0]}\b", told, re.MULTILINE), option


def test_ctrl_c_leaves_terraform_the_time_to_write_down_what_it_did(tmp_path: Path) -> None:
    terraform = tmp_path / "terraform"
    terraform.write_text(
        f"#!{sys.executable}\n"
        "import pathlib, signal, sys\n"
        f"folder = pathlib.Path({str(tmp_path)!r})\n"
        "def stop(*_):\n"
        "    (folder / 'state').write_text('written')\n"
        "    sys.exit(1)\n"
        "signal.signal(signal.SIGINT, stop)\n"
        "(folder / 'begun').touch()\n"
        "while True:\n"
        "    signal.pause()\n"
    )
    terraform.chmod(0o755)
    code = f"from scripts.programs import Programs; Programs().run({str(terraform)!r})"
    deploying = subprocess.Popen(
        [sys.executable, "-c", code],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    wait_until((tmp_path / "begun").exists, timeout_sec=30, what="the program to begin")

    os.killpg(deploying.pid, signal.SIGINT)

    _, told = deploying.communicate(timeout=30)
    assert (tmp_path / "state").read_text() == "written"
    assert "ended with 1" in told

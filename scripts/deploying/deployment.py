"""The steps of a deployment, and of a rollback to an earlier release."""

import json
import os
from dataclasses import replace
from pathlib import Path

from scripts import package
from scripts.deploying.after_apply import AfterApply
from scripts.deploying.installation import (
    SHOWN,
    Installation,
    parse_outputs,
    settings_of_migrations,
    static_token,
)
from scripts.deploying.options import ROOT, SPEECH, TERRAFORM, Options, Parts
from scripts.deploying.releases import Release, Releases, previous, to_withdraw
from scripts.deploying.report import print_report
from scripts.deploying.secret_versions import deployed_versions
from scripts.deploying.steps import (
    APPLY,
    DECLINED,
    INIT,
    KEEP,
    MIGRATE,
    NO_RELEASE,
    NOT_TRIED,
    PACKAGE,
    PLAN,
    SMOKE,
    Steps,
    StoppedError,
)
from scripts.programs import ProgramError, Programs
from scripts.recovery.gcloud import Gcloud
from shared.database.migrate import head_revision


class Deployment:
    def __init__(self, programs: Programs, options: Options, parts: Parts) -> None:
        environment = {**programs.environment, "TF_IN_AUTOMATION": "1", "TF_INPUT": "0"}
        self._programs = replace(programs, environment=environment)
        self._options = options
        self._parts = parts
        self._releases = Releases(self._programs, options.state_bucket)
        self._steps = Steps()
        self._after = AfterApply(self._programs, options.project, self._steps, parts.ask)

    def deploy(self) -> None:
        """Raises StoppedError."""
        options = self._options
        with self._steps.step("package", PACKAGE, "Nothing was changed."):
            self._package()
        self._init()
        self._plan(options.build)
        self._agree("Apply this plan?")
        with self._steps.step(
            "keep the release", KEEP, "Nothing was changed. May this account write to the bucket?"
        ):
            release = self._keep()
        # Old code runs on a new schema, and new code refuses an old one: so the schema goes first,
        # and requests are served while functions are built. At first there is no database yet.
        before = self._installation()
        if before is not None and before.database.migrator is not None:
            self._migrate("migrate", before)
        self._apply()
        installation = self._made()
        self._after.open_the_api(installation)
        try:
            self._after.check_callers(installation)
        except StoppedError as stopped:
            raise self._gone_back(stopped) from None
        # Logins that Terraform has made or changed have no role yet.
        self._migrate("give logins their roles", installation)
        if before is None:
            self._after.run_retention(installation)
        self._after.copy_weights(installation, self._fetch_weights)
        self._try(installation, release)

    def roll_back(self, to: str | None) -> None:
        """To the release before the last, or to the one that is named. Raises StoppedError."""
        self._init()
        with self._steps.step("choose the release", KEEP, "Nothing was changed."):
            release = self._chosen(to)
            archives = self._options.build / "releases" / release.id
            self._releases.fetch(release, archives)
        if release.schema_revision != head_revision():
            print(
                f"Its code was written for the schema {release.schema_revision}, and the database"
                " has a later one, which stays: code of one release back runs on it."
            )
        self._plan(archives)
        self._agree(f"Apply this plan, and go back to {release.id}?")
        with self._steps.step("withdraw what came after", KEEP, "Nothing was changed: again."):
            for id in to_withdraw(self._releases.kept(), release.id):
                self._releases.mark(id, "withdrawn")
        self._apply()
        installation = self._made()
        self._after.open_the_api(installation)
        self._after.check_callers(installation)
        self._try(installation, release)

    # --- steps --------------------------------------------------------------------

    def _package(self) -> None:
        if self._programs.dry_run:
            print(f"$ python -m scripts.package --into {self._options.build}")
            return
        try:
            self._parts.package(self._options.build)
        except OSError as error:
            raise ProgramError(str(error)) from error

    def _init(self) -> None:
        bucket = self._options.state_bucket
        with self._steps.step(
            "init",
            INIT,
            f"Nothing was changed. Is gs://{bucket} there (scripts/setup-gcp.sh), and are you"
            " logged in as the account that deploys?",
        ):
            self._terraform(
                *("init", "-reconfigure"),
                *(f"-backend-config=bucket={bucket}", "-backend-config=prefix=pegasus"),
            )

    def _plan(self, archives: Path) -> None:
        options = self._options
        with self._steps.step(
            "plan",
            PLAN,
            "Nothing was changed. If the state is locked, another deployment is running; or one"
            " was killed, and `terraform force-unlock` removes its lock.",
        ):
            versions = deployed_versions(Gcloud(options.project, self._programs))
            self._terraform(
                *("plan", "-lock-timeout=60s"),
                f"-var-file={options.var_file.resolve()}",
                f"-var=project_id={options.project}",
                f"-var=migrator={options.migrator}",
                f"-var=archives={os.path.relpath(archives, TERRAFORM)}",
                f"-var=secret_versions={json.dumps(versions)}",
                f"-out={self._plan_file}",
            )

    def _agree(self, question: str) -> None:
        if not self._programs.dry_run and not self._options.agreed(question):
            raise StoppedError(DECLINED, "Nothing was changed.")

    def _keep(self) -> Release:
        if not self._programs.dry_run:
            return self._releases.keep(
                self._options.build, revision=_git(self._programs), schema_revision=head_revision()
            )
        release = Release(id="RELEASE", revision="", schema_revision="", digests={})
        print(f"$ gcloud storage cp '{self._options.build}/*.zip' {release.id}/release.json …")
        return release

    def _chosen(self, to: str | None) -> Release:
        if self._programs.dry_run:
            self._releases.kept()
            digests = dict.fromkeys(package.STAGES, "")
            schema = head_revision()
            return Release(
                id=to or "PREVIOUS", revision="", schema_revision=schema, digests=digests
            )
        kept = self._releases.kept()
        if to is None:
            chosen = previous(kept)
            if chosen is None:
                raise StoppedError(
                    NO_RELEASE,
                    "There is no release before the last that has passed its smoke test.",
                )
        else:
            chosen = next((each for each in kept if each.id == to), None)
            if chosen is None or chosen.withdrawn:
                told = "was rolled back itself" if chosen else "is not there"
                ids = " ".join(each.id for each in kept if not each.withdrawn)
                raise StoppedError(NO_RELEASE, f"The release {to} {told}. There are: {ids}")
        print(f"going back to {chosen.id}")
        return self._releases.read(chosen.id)

    def _apply(self) -> None:
        with self._steps.step(
            "apply",
            APPLY,
            "Some of it may be changed, and Terraform has recorded what. Correct what it"
            " reports and deploy again: it continues from there. Or scripts/deploy --rollback.",
        ):
            self._terraform("apply", "-lock-timeout=60s", str(self._plan_file))

    def _migrate(self, step: str, installation: Installation) -> None:
        with self._steps.step(
            step,
            MIGRATE,
            "A migration that fails leaves the schema as it was. Functions of the old release go"
            " on; new ones take no work until it is done, and lose none. scripts/deploy again.",
        ):
            if installation.database.migrator is None:
                raise ProgramError("the account that migrates has no login")
            self._programs.run(
                *(self._parts.migrate, "up"),
                environment=settings_of_migrations(installation, self._options.project),
            )

    def _fetch_weights(self, model: str) -> Path:
        return self._parts.weights(model, self._options.build / "weights")

    def _gone_back(self, stopped: StoppedError) -> StoppedError:
        """Back to the release before, of which the callers are checked again."""
        self._options = replace(self._options, agreed=lambda _question: True)
        try:
            self.roll_back(None)
        except StoppedError as another:
            return StoppedError(stopped.code, f"{stopped}\nGoing back failed: {another}")
        return StoppedError(stopped.code, f"{stopped}\nThe release before runs again.")

    def _try(self, installation: Installation, release: Release) -> None:
        """Whether it works, and the report of it all."""
        if not installation.secrets.get("write-api-token"):
            print_report(self._programs, self._options.project, installation, release, self._steps)
            raise StoppedError(
                NOT_TRIED,
                "It is deployed but has not been tested: the smoke test needs the static token."
                f"\n  scripts/setup-gcp.sh --project {self._options.project} --only-secrets"
                " --generate-token"
                f'\n  filled_secrets = ["write-api-token"], in {self._options.var_file}'
                "\n  and scripts/deploy again.",
            )
        with self._steps.step(
            "smoke",
            SMOKE,
            "What was deployed does not work. The step that failed says where to look;"
            " docs/runbooks/incident-response.md what to do. To go back: --rollback.",
        ):
            token = static_token(self._programs, self._options.project)
            self._programs.run(
                self._parts.smoke,
                environment={
                    "SMOKE_AUDIO_FILE": str(SPEECH),
                    **self._programs.environment,
                    "API_BASE_URL": installation.api_url,
                    "PLC_API_TOKEN": token or "",
                },
            )
            self._releases.mark(release.id, "verified")
        print_report(self._programs, self._options.project, installation, release, self._steps)

    # --- Terraform ----------------------------------------------------------------

    @property
    def _plan_file(self) -> Path:
        return self._options.build.resolve() / "deploy.tfplan"

    def _terraform(self, *arguments: str) -> None:
        self._options.build.mkdir(parents=True, exist_ok=True)
        self._programs.run("terraform", f"-chdir={TERRAFORM}", *arguments)

    def _installation(self) -> Installation | None:
        try:
            told = self._programs.read("terraform", f"-chdir={TERRAFORM}", "output", "-json")
        except ProgramError as error:
            raise StoppedError(APPLY, f"{error}\nDeploy again.") from None
        return parse_outputs(json.loads(told)) if told else SHOWN

    def _made(self) -> Installation:
        installation = self._installation()
        if installation is None:
            raise StoppedError(APPLY, "Terraform's outputs are not those of terraform/outputs.tf.")
        return installation


def _git(programs: Programs) -> str:
    try:
        return programs.read("git", "-C", str(ROOT), "describe", "--always", "--dirty").strip()
    except ProgramError:
        return "unknown"

"""Each property of terraform/tests is broken on purpose in a copy, and the check fails for it."""

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.tiers import slow_but
from tests.terraform.offline_provider.attach import RunningProvider
from tests.terraform.offline_provider.check import Step, check
from tests.terraform.offline_provider.workspace import workspace
from tests.terraform.planned import ROOT

PROVIDER_NOISE = re.compile(r"[\s│╷╵]+")


@dataclass(frozen=True)
class Break:
    """One change of one place."""

    file: str
    right: str
    wrong: str
    run: str
    """The test that must fail, as `file/run`."""
    told: str
    """Why, in its words."""


BREAKS = {
    "an internal function is open to the internet": Break(
        "terraform/modules/function/main.tf",
        'var.declared.public ? "ALLOW_ALL" : "ALLOW_INTERNAL_ONLY"',
        '"ALLOW_ALL"',
        "access/only_the_api_is_reached_from_outside",
        "can be reached from the internet",
    ),
    "anybody may call an internal function": Break(
        "terraform/iam.tf",
        "  member   = google_service_account.caller[one(each.value)].member\n",
        '  member   = "allUsers"\n',
        "access/each_internal_function_has_one_invoker",
        "may be called by another account than its invoker",
    ),
    "the API has an invoker": Break(
        "terraform/iam.tf",
        " : name => callers if !local.functions[name].public }",
        ' : name => length(callers) == 0 ? ["pubsub"] : callers }',
        "access/each_internal_function_has_one_invoker",
        "an internal function has no invoker, or the API has one",
    ),
    "the API trusts claims without a signature": Break(
        "terraform/environment.tf",
        "        PLC_ID_TOKEN_AUDIENCE = coalesce(",
        '        PLC_CALLER_CHECK      = "platform"\n        PLC_ID_TOKEN_AUDIENCE = coalesce(',
        "access/each_internal_function_has_one_invoker",
        "a function trusts a check that is not made",
    ),
    "the worker with a card checks no caller": Break(
        "terraform/gpu.tf",
        "  deletion_protection = false\n",
        "  deletion_protection  = false\n  invoker_iam_disabled = true\n",
        "options/a_graphics_card_takes_the_place_of_the_function",
        "or its callers are not checked",
    ),
    "weights come from the hub": Break(
        "terraform/access.tf",
        'coalesce(var.whisper_model, "gs://${google_storage_bucket.models.name}/base")',
        'coalesce(var.whisper_model, "base")',
        "options/weights_come_from_a_bucket_of_the_installation",
        "the hub would be asked at each cold start",
    ),
    "weights are copied that no function reads": Break(
        "terraform/outputs.tf",
        "var.whisper_model == null && var.transcribe_provider",
        "var.transcribe_provider",
        "options/other_weights_are_not_copied",
        "weights are copied that are not used",
    ),
    "weights are encrypted with Google's key": Break(
        "terraform/storage.tf",
        """  dynamic "encryption" {
    for_each = var.kms_key[*]
    content {
      default_kms_key_name = encryption.value
    }
  }

  depends_on = [google_project_service.main, google_kms_crypto_key_iam_member.agents]
}

locals {
""",
        """  depends_on = [google_project_service.main, google_kms_crypto_key_iam_member.agents]
}

locals {
""",
        "options/a_customer_managed_key_encrypts_stored_data",
        "something of a lecture is encrypted with another key",
    ),
    "a bucket may be made public": Break(
        "terraform/storage.tf",
        """  name     = "${var.project_id}-archives"
  location = var.region
  labels   = local.labels

  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
""",
        """  name     = "${var.project_id}-archives"
  location = var.region
  labels   = local.labels

  uniform_bucket_level_access = true
  public_access_prevention    = "inherited"
""",
        "access/only_the_api_is_reached_from_outside",
        "an object could be made public",
    ),
    "the API does not know the operators": Break(
        "terraform/environment.tf",
        'PLC_OPERATORS         = join(",", var.operators)',
        'PLC_OPERATORS         = ""',
        "access/operators_are_listed_for_the_api_alone",
        "the API does not know the operators",
    ),
    "functions share an account": Break(
        "terraform/functions.tf",
        """? local.segment_environment : {})
  secrets         = local.function_secrets[each.key]
  network         = local.network
  service_account = google_service_account.function[each.key].email
""",
        """? local.segment_environment : {})
  secrets         = local.function_secrets[each.key]
  network         = local.network
  service_account = google_service_account.function["export"].email
""",
        "access/every_function_has_an_account_of_its_own",
        "two functions share an account",
    ),
    "export may delete": Break(
        "terraform/access.json",
        '    "creates": ["exports"],\n',
        '    "creates": ["exports"],\n    "deletes": ["raw"],\n',
        "access/least_privilege_of_every_function",
        "export, for one, must not delete audio",
    ),
    "the segment worker reads the model's key": Break(
        "terraform/secrets.tf",
        'llm_functions        = ["generate"]',
        'llm_functions        = ["generate", "transcribe-on-segment"]',
        "access/least_privilege_of_every_function",
        "may read a secret that it does not use",
    ),
    "a new version of a secret is taken without a deployment": Break(
        "terraform/secrets.tf",
        'version = lookup(var.secret_versions, id, "latest")',
        'version = "latest"',
        "access/the_key_of_a_hosted_recognizer_is_mounted_where_speech_is_sent",
        "another version of a secret than the one that was deployed",
    ),
    "a function may read every table": Break(
        "terraform/database.tf",
        "  name     = trimsuffix(google_service_account.function[each.key].email, "
        '".gserviceaccount.com")\n',
        "  name     = trimsuffix(google_service_account.function[each.key].email, "
        '".gserviceaccount.com")\n  database_roles = ["pg_read_all_data"]\n',
        "access/least_privilege_of_every_function",
        "a function has privileges in the database beside those of its own role",
    ),
    "a subscription has no dead-letter topic": Break(
        "terraform/messaging.tf",
        "for_each = each.value.dead_letter_topic[*]",
        'for_each = each.key == "generate-push" ? [] : each.value.dead_letter_topic[*]',
        "delivery/no_message_is_lost",
        "a subscription has no dead-letter topic",
    ),
    "pushes carry no token": Break(
        "terraform/messaging.tf",
        """    oidc_token {
      service_account_email = google_service_account.caller["pubsub"].email
      audience              = local.run_urls[each.value.function]
    }
""",
        "",
        "delivery/every_caller_shows_a_token",
        "a subscription pushes without a token",
    ),
    "a function listens to every caller": Break(
        "terraform/environment.tf",
        "for caller in local.callers_of[name] : google_service_account.caller[caller].email",
        "for caller in google_service_account.caller : caller.email",
        "delivery/every_caller_shows_a_token",
        "accepts the token of an account that must not call it",
    ),
    "a function takes longer than a push waits": Break(
        "shared/topology.json",
        '"entry_point": "on_generate",    "public": false, "timeout_seconds": 600,',
        '"entry_point": "on_generate",    "public": false, "timeout_seconds": 900,',
        "delivery/no_delivery_ends_before_its_function",
        "generate may take 900 s, and after 600 s its message is delivered again",
    ),
    "a push waits longer than Pub/Sub allows": Break(
        "shared/topology.json",
        '"function": "generate",         "ack_deadline_seconds": 600,',
        '"function": "generate",         "ack_deadline_seconds": 900,',
        "delivery/no_delivery_ends_before_its_function",
        "the service allows at most 600",
    ),
    "production can be deleted": Break(
        "terraform/envs/prod.tfvars",
        "deletion_protection   = true",
        "deletion_protection   = false",
        "data/the_database_is_closed_and_backed_up",
        "production can be deleted by mistake",
    ),
    "the database is open to a network": Break(
        "terraform/database.tf",
        "      ipv4_enabled    = !var.private_database\n",
        """      ipv4_enabled    = !var.private_database
      authorized_networks {
        value = "0.0.0.0/0"
      }
""",
        "data/the_database_is_closed_and_backed_up",
        "can be reached without Google's connector",
    ),
    "the functions want more connections than there are": Break(
        "shared/topology.json",
        '"memory_mib": 2048, "cpu": 1, "concurrency": 1,  "max_instances": 20}',
        '"memory_mib": 2048, "cpu": 1, "concurrency": 1,  "max_instances": 200}',
        "data/the_connection_budget_is_kept",
        "The functions may take 1008 connections and db-custom-2-7680 allows 400",
    ),
    "the connection budget is not checked": Break(
        "terraform/database.tf",
        "local.connections_needed <= local.database_max_connections",
        "true || local.connections_needed <= local.database_max_connections",
        "data/too_small_a_database_is_refused",
        "google_sql_database_instance.main",
    ),
    "the API does not know how long things are kept": Break(
        "terraform/environment.tf",
        "      local.retention_days,\n      {",
        "      {",
        "data/retention_promises_what_is_configured",
        "environment_variables",
    ),
    "the bucket keeps other days than retention promises": Break(
        "terraform/storage.tf",
        "var.bucket_soft_delete_days * 24 * 3600",
        "7 * 24 * 3600",
        "data/retention_promises_what_is_configured",
        "retention promises other days",
    ),
    "the platform logs the addresses of requests": Break(
        "terraform/logging.tf",
        'log_id(\\"run.googleapis.com/requests\\")',
        'log_id(\\"run.googleapis.com/system_event\\")',
        "data/the_platforms_log_holds_no_addresses_of_requests_and_ends",
        "what people search for beside their addresses",
    ),
    "logs are kept for another time": Break(
        "terraform/logging.tf",
        "retention_days = var.log_days",
        "retention_days = 3650",
        "data/the_platforms_log_holds_no_addresses_of_requests_and_ends",
        "logs are kept for another time than documented",
    ),
    "the database logs values of refused rows": Break(
        "terraform/database.tf",
        'value = "terse"',
        'value = "default"',
        "data/the_platforms_log_holds_no_addresses_of_requests_and_ends",
        "the database's log holds values of refused rows",
    ),
}


QUICK = {"a bucket may be made public", "a subscription has no dead-letter topic"}


@pytest.mark.parametrize("broken", slow_but(QUICK, BREAKS))
def test_breaking_a_property_is_noticed(
    provider: RunningProvider, broken: str, tmp_path: Path
) -> None:
    each = BREAKS[broken]
    shutil.copytree(ROOT / "terraform", tmp_path / "terraform")
    (tmp_path / "shared").mkdir()
    shutil.copy(ROOT / "shared" / "topology.json", tmp_path / "shared")
    keep_only(tmp_path / "terraform" / "tests", each.run)
    path = tmp_path / each.file
    text = path.read_text()
    assert text.count(each.right) == 1, "what is to be broken is not there any more"
    path.write_text(text.replace(each.right, each.wrong))

    with workspace(tmp_path / "terraform", provider) as copy:
        production = copy.folder / "envs" / "prod.tfvars"
        init, test = check(copy, {Step.TEST}, [production])

    assert init.passed, init.output
    assert not test.passed
    assert each.told in PROVIDER_NOISE.sub(" ", test.output), test.output


def keep_only(tests: Path, name: str) -> None:
    """One run of one file, with the file's variables: the others would only take time."""
    file, _, run = name.partition("/")
    head, *runs = (tests / f"{file}.tftest.hcl").read_text().split("\nrun ")
    [wanted] = [each for each in runs if each.startswith(f'"{run}"')]
    for path in tests.iterdir():
        path.unlink()
    (tests / "one.tftest.hcl").write_text(f"{head}\nrun {wanted}")

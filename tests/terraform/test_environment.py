"""What Terraform tells a function is what shared/config.py wants to hear."""

import pytest

from scripts.package import STAGES
from shared.config import Settings, load_settings
from shared.topology import load_topology
from tests.terraform.planned import Plan, Planned

FUNCTIONS = sorted(load_topology().functions)
LATER = "known-once-it-is-made"


def environment(function: Planned) -> dict[str, str]:
    """Names and values; a stand-in for what is not known yet, and for secrets."""
    service = function.values["service_config"][0]
    unknown = function.unknown["service_config"][0]["environment_variables"]
    secrets = service.get("secret_environment_variables") or []
    return {
        **dict.fromkeys(unknown if isinstance(unknown, dict) else {}, LATER),
        **dict.fromkeys((secret["key"] for secret in secrets), LATER),
        **service["environment_variables"],
        # Cloud Run sets it.
        "K_REVISION": f"{function.key}-00001-abc",
    }


def settings(plan: Plan, name: str) -> Settings:
    return load_settings(environment(plan.of_type("google_cloudfunctions2_function")[name]))


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_function_starts_with_what_it_is_told(plan: Plan, name: str) -> None:
    told = environment(plan.of_type("google_cloudfunctions2_function")[name])
    assert {each.lower() for each in told} <= set(Settings.model_fields)
    started = load_settings(told)
    assert started.plc_environment == "cloud"
    assert started.db_user == f"fn-{name}@{started.google_cloud_project}.iam"


@pytest.mark.parametrize("name", FUNCTIONS)
def test_an_internal_function_listens_to_its_own_callers_only(plan: Plan, name: str) -> None:
    topology = load_topology()
    callers = {
        "call-pubsub": [each.function for each in topology.subscriptions.values()],
        "call-tasks": [each.function for each in topology.queues.values()],
        "call-scheduler": [each.function for each in topology.schedules.values()],
    }
    told = settings(plan, name)
    listed = {each for each in told.plc_internal_service_accounts.split(",") if each}
    assert {each.partition("@")[0] for each in listed} == {
        account for account, functions in callers.items() if name in functions
    }
    public = topology.functions[name].public
    assert bool(told.plc_internal_audience) == (not public)
    assert (told.plc_caller_check == "platform") == (not public)


def test_whoever_fills_the_queue_knows_where_it_leads(plan: Plan) -> None:
    senders = {
        grant.key.partition("/")[0]
        for grant in plan.of_type("google_cloud_tasks_queue_iam_member").values()
    }
    assert senders
    for name in FUNCTIONS:
        told = settings(plan, name)
        assert (told.plc_segment_url is not None) == (name in senders)
        assert (told.plc_tasks_service_account is not None) == (name in senders)


def test_generate_asks_vertex_in_the_region_of_the_installation(plan: Plan) -> None:
    [bucket] = [each for each in plan.resources if each.address == "google_storage_bucket.lectures"]
    told = settings(plan, "generate")
    assert told.vertex_location is None
    assert told.plc_region == bucket.values["location"].lower()


def test_the_api_signs_in_its_own_name(plan: Plan) -> None:
    signer = settings(plan, "ingest-api").plc_signing_account
    [grant] = [
        each
        for each in plan.resources
        if each.address == "google_service_account_iam_member.api_signs"
    ]
    assert grant.values["member"] == f"serviceAccount:{signer}"
    assert grant.values["role"] == "roles/iam.serviceAccountTokenCreator"


def test_every_stage_is_deployed_from_the_archive_that_is_built_of_it(plan: Plan) -> None:
    archives = plan.of_type("google_storage_bucket_object")
    assert set(archives) == set(STAGES)
    for stage, archive in archives.items():
        assert archive.values["source"].endswith(f"/../build/{stage}.zip")
    for name, function in plan.of_type("google_cloudfunctions2_function").items():
        build = function.values["build_config"][0]
        source = build["source"][0]["storage_source"][0]
        declared = load_topology().functions[name]
        assert source["object"] == archives[declared.stage].values["name"]
        assert build["entry_point"] == declared.entry_point
        assert build["runtime"] == "python313"

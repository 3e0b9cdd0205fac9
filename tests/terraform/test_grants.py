"""What holds of every resource there is, those that come later included."""

from shared.topology import load_topology
from tests.terraform.planned import Plan

EVERYBODY = {"allUsers", "allAuthenticatedUsers"}
PROJECT_ROLES = {
    "roles/cloudsql.client",
    "roles/cloudsql.instanceUser",
    "roles/logging.logWriter",
    "roles/storage.objectViewer",
}


def test_nothing_is_open_to_everybody(plan: Plan) -> None:
    opened = [
        each.address
        for each in plan.resources
        if EVERYBODY & {each.values.get("member"), *(each.values.get("members") or [])}
        or each.values.get("invoker_iam_disabled")
    ]
    assert opened == []


def test_each_internal_function_may_be_called_by_one_account(plan: Plan) -> None:
    topology = load_topology()
    callers = {
        **{each.function: "pubsub" for each in topology.subscriptions.values()},
        **{each.function: "tasks" for each in topology.queues.values()},
        **{each.function: "scheduler" for each in topology.schedules.values()},
    }
    invokers = [each for each in plan.resources if each.values.get("role") == "roles/run.invoker"]
    assert {each.type for each in invokers} == {"google_cloud_run_v2_service_iam_member"}
    assert sorted(
        (each.key, each.values["member"].partition("@")[0]) for each in invokers
    ) == sorted(
        (name, f"serviceAccount:call-{callers[name]}")
        for name, function in topology.functions.items()
        if not function.public
    )


def test_nobody_is_given_a_role_in_the_whole_project_that_could_be_narrower(plan: Plan) -> None:
    grants = [each for each in plan.resources if each.type == "google_project_iam_member"]
    assert {each.values["role"] for each in grants} == PROJECT_ROLES
    for each in grants:
        assert each.values["condition"] or each.values["role"] == "roles/logging.logWriter"


def test_everything_that_takes_labels_has_them(plan: Plan) -> None:
    labelled = [
        (each.address, labels)
        for each in plan.resources
        for name in ("labels", "user_labels")
        # A channel's `labels` are its address.
        if name in each.values and each.type != "google_monitoring_notification_channel"
        for labels in [each.values[name]]
    ]
    assert len(labelled) > len(plan.of_type("google_cloudfunctions2_function"))
    assert not [
        address
        for address, labels in labelled
        if not labels or not {"app", "environment"} <= set(labels)
    ]
    [database] = plan.of_type("google_sql_database_instance").values()
    assert {"app", "environment"} <= set(database.values["settings"][0]["user_labels"])


def test_access_to_the_data_of_bucket_and_database_is_logged_for_everybody(plan: Plan) -> None:
    audited = plan.of_type("google_project_iam_audit_config")
    assert {"cloudsql.googleapis.com", "storage.googleapis.com"} <= set(audited)
    for each in audited.values():
        logged = each.values["audit_log_config"]
        assert {of["log_type"] for of in logged} == {"ADMIN_READ", "DATA_READ", "DATA_WRITE"}
        assert not any(of["exempted_members"] for of in logged)

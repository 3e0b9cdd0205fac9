"""Public access: buckets are closed, and of the services only the API is public."""

from typing import Any

from scripts.verifying.cloud import Check, Checks, Cloud, at
from shared.topology import load_topology


def check_buckets(cloud: Cloud) -> Checks:
    buckets = cloud.ask("storage", "buckets", "list", "--raw")
    by_name = {bucket["name"]: bucket for bucket in buckets}
    lectures = lectures_bucket(cloud)
    for name in (
        lectures,
        *(f"{cloud.project}-{each}" for each in ("archives", "models")),
        cloud.state_bucket,
    ):
        bucket = by_name.get(name)
        if bucket is None:
            yield Check(f"bucket {name}", False, "is not there")
            continue
        prevention = at(bucket, "iamConfiguration.publicAccessPrevention", "inherited")
        uniform = at(bucket, "iamConfiguration.uniformBucketLevelAccess.enabled", False)
        yield Check(
            f"bucket {name} cannot be public",
            prevention == "enforced" and uniform,
            f"prevention {prevention}, access {'uniform' if uniform else 'by object'}",
        )
    versions = at(by_name.get(cloud.state_bucket), "versioning.enabled", False)
    yield Check("Terraform's state can be restored", versions, f"versions {_on(versions)}")
    told = str(cloud.ask("storage", "buckets", "notifications", "list", f"gs://{lectures}"))
    for name, notification in load_topology().notifications.items():
        there = f"/topics/{notification.topic}" in told
        yield Check(
            f"bucket {lectures} tells of {name}", there, "it does" if there else "it does not"
        )


def check_services(cloud: Cloud) -> Checks:
    services = services_of(cloud)
    accounts = [_account(service) for service in services.values()]
    for name, function in load_topology().functions.items():
        service = services.get(name)
        if service is None:
            yield Check(f"function {name}", False, "is not there")
            continue
        conditions = {each["type"]: each for each in at(service, "status.conditions", [])}
        ready = at(conditions, "Ready.status") == "True"
        revision = at(service, "status.latestReadyRevisionName", "no revision")
        trouble = at(conditions, "Ready.message", "it is not ready")
        yield Check(f"function {name} runs", ready, revision if ready else trouble)
        annotations = at(service, "metadata.annotations", {})
        ingress = annotations.get("run.googleapis.com/ingress", "all")
        yield Check(
            f"function {name} is {'public' if function.public else 'internal'}",
            (ingress == "all") == function.public,
            f"ingress {ingress}",
        )
        yield _callers(cloud, name, public=function.public, annotations=annotations)
        account = _account(service)
        yield Check(
            f"function {name} has an account of its own",
            account.startswith("fn-") and accounts.count(account) == 1,
            account,
        )


def _callers(cloud: Cloud, name: str, *, public: bool, annotations: dict[str, str]) -> Check:
    """One account may call an internal function, and anyone the API, without a grant to anyone."""
    unchecked = annotations.get("run.googleapis.com/invoker-iam-disabled") == "true"
    policy = cloud.ask("run", "services", "get-iam-policy", name, f"--region={cloud.region}")
    members = [
        member
        for binding in at(policy, "bindings", [])
        if binding["role"] == "roles/run.invoker"
        for member in binding["members"]
    ]
    found = ", ".join(members) or "no invoker"
    if public:
        return Check(
            f"function {name} is called by anyone",
            unchecked and not members,
            f"{'unchecked' if unchecked else 'checked by Cloud Run'}, {found}",
        )
    one = len(members) == 1 and members[0].startswith("serviceAccount:call-")
    return Check(
        f"function {name} is called by one account",
        one and not unchecked,
        f"unchecked, {found}" if unchecked else found,
    )


def check_operators(cloud: Cloud) -> Checks:
    listed = _told_to_the_api(cloud, "PLC_OPERATORS")
    yield Check("an operator is listed", bool(listed), listed or "name one in operators")


def services_of(cloud: Cloud) -> dict[str, Any]:
    """Cloud Run's services by name: a function is one, and so is a worker with a graphics card."""
    listed = cloud.ask("run", "services", "list", f"--region={cloud.region}")
    return {at(service, "metadata.name"): service for service in listed}


def environment_of(service: Any) -> list[Any]:
    """Environment variables as Cloud Run has them."""
    containers = at(service, "spec.template.spec.containers", [])
    return [variable for container in containers for variable in container.get("env", [])]


def lectures_bucket(cloud: Cloud) -> str:
    """Its name, from the API's environment."""
    return _told_to_the_api(cloud, "GCS_BUCKET") or f"{cloud.project}-lectures"


def _told_to_the_api(cloud: Cloud, variable: str) -> str:
    """Value of an environment variable of the API; empty without one."""
    api = services_of(cloud).get("ingest-api")
    told = (each for each in environment_of(api) if each["name"] == variable)
    return str(next((each.get("value", "") for each in told), ""))


def _account(service: Any) -> str:
    return str(at(service, "spec.template.spec.serviceAccountName", ""))


def _on(switch: bool) -> str:
    return "on" if switch else "off"

"""The project: it is active and paid for, and APIs, region and names are there for it."""

import re

from scripts.deploying.options import TERRAFORM
from scripts.programs import ProgramError
from scripts.verifying.cloud import Check, Checks, Cloud, at, last_part
from shared.topology import load_topology

LABEL = "pegasus"
"""Of `app`, at everything that Terraform has made."""


def check_project(cloud: Cloud) -> Checks:
    state = at(cloud.ask("projects", "describe", cloud.project), "lifecycleState", "unknown")
    yield Check("the project is active", state == "ACTIVE", state)
    billing = cloud.ask("billing", "projects", "describe", cloud.project)
    enabled = at(billing, "billingEnabled", False) is True
    account = at(billing, "billingAccountName", "") or "none: gcloud billing projects link"
    yield Check("a billing account pays for it", enabled, account)


def check_region(cloud: Cloud) -> Checks:
    regions = {last_part(at(each, "name", "")) for each in cloud.ask("run", "regions", "list")}
    there = cloud.region in regions
    yield Check(f"Cloud Run is in {cloud.region}", there, "it is" if there else "it is not")


def check_apis(cloud: Cloud) -> Checks:
    listed = cloud.ask("services", "list", "--enabled")
    on = {at(each, "config.name") for each in listed}
    needed = needed_apis()
    off = [name for name in needed if name not in on]
    yield Check(
        "APIs can be switched on",
        "serviceusage.googleapis.com" in on,
        f"{len(needed) - len(off)} of {len(needed)} are on; scripts/setup-gcp.sh does the rest",
    )


def needed_apis() -> list[str]:
    """Those that Terraform switches on in any case (terraform/apis.tf)."""
    [block] = re.findall(r"concat\(\s*\[(.*?)\]", (TERRAFORM / "apis.tf").read_text(), re.DOTALL)
    return re.findall(r'"([\w.]+)"', block)


def check_buckets(cloud: Cloud) -> Checks:
    """A bucket's name is taken in all projects at a time."""
    listed = cloud.ask("storage", "buckets", "list")
    own = {at(each, "name") for each in listed}
    for name in (
        f"{cloud.project}-{each}" for each in ("lectures", "archives", "models", "terraform")
    ):
        if name in own:
            yield Check(f"bucket {name}", True, "is there already, in this project")
            continue
        try:
            cloud.ask("storage", "buckets", "describe", f"gs://{name}")
        except ProgramError as error:
            free = re.search(r"\b404\b|not found", str(error), re.IGNORECASE) is not None
            taken = "is taken in another project: set bucket_name, or --state-bucket"
            yield Check(f"bucket {name}", free, "is free" if free else taken)
        else:
            yield Check(f"bucket {name}", False, "is there in another project of yours")


def check_names(cloud: Cloud) -> Checks:
    """Of what is there already, whether it is an installation's."""
    listed = cloud.ask("run", "services", "list", f"--region={cloud.region}")
    services = {at(each, "metadata.name"): each for each in listed}
    foreign = [
        name
        for name in load_topology().functions
        if name in services and at(services[name], "metadata.labels.app") != LABEL
    ]
    yield Check(
        "names of the functions are free",
        not foreign,
        f"others have {', '.join(foreign)}" if foreign else "they are, or an installation's",
    )
    databases = {at(each, "name"): each for each in cloud.ask("sql", "instances", "list")}
    made = databases.get("pegasus")
    free = made is None or at(made, "settings.userLabels.app") == LABEL
    yield Check(
        "the name of the database is free",
        free,
        ("it is; not if one was deleted in the last week" if made is None else "an installation's")
        if free
        else "another instance has it",
    )

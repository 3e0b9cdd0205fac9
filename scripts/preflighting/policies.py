"""Policies of the organization that would refuse a part of the installation.

Each is asked for as it is in force for the project: https://cloud.google.com/resource-manager/docs/organization-policy/org-policy-constraints
"""

from typing import Any

from scripts.programs import ProgramError
from scripts.verifying.cloud import Check, Checks, Cloud, at

ENFORCED = {
    "run.managed.requireInvokerIam": "the API cannot be public; ask for an exception",
    "iam.disableServiceAccountCreation": "no function can have an account of its own",
    "sql.restrictPublicIp": "set private_database = true",
    "cloudfunctions.requireVPCConnector": "functions would need a connector; ask for an exception",
}
"""Constraints that must not be enforced, and what to do where they are."""

ALLOWED = {
    "run.allowedIngress": ("all", "internal"),
    "cloudfunctions.allowedIngressSettings": ("ALLOW_ALL", "ALLOW_INTERNAL_ONLY"),
}
"""Values that the API and the internal functions need."""

LOCATIONS = "gcp.resourceLocations"
MEMBERS = "iam.allowedPolicyMemberDomains"


def check_policies(cloud: Cloud) -> Checks:
    for constraint, then in ENFORCED.items():
        enforced = any(rule.get("enforce") is True for rule in _rules(cloud, constraint))
        yield Check(f"policy {constraint}", not enforced, then if enforced else "not enforced")
    for constraint, needed in ALLOWED.items():
        rules = _rules(cloud, constraint)
        refused = [value for value in needed if not _allows(rules, value)]
        yield Check(
            f"policy {constraint}",
            not refused,
            f"refuses {', '.join(refused)}" if refused else "open",
        )
    yield _locations(cloud)
    bound = [rule for rule in _rules(cloud, MEMBERS) if not rule.get("allowAll")]
    # No role is granted outside the project. Reported, because operators often ask.
    yield Check(f"policy {MEMBERS}", True, "in force, and nothing breaks it" if bound else "open")


def _locations(cloud: Cloud) -> Check:
    rules = _rules(cloud, LOCATIONS)
    groups = [
        value
        for rule in rules
        for value in at(rule, "values.allowedValues", [])
        if value.startswith("in:")
    ]
    allowed: bool | None = _allows(rules, cloud.region)
    if not allowed and groups:
        # Which places a group holds is Google's; only the one named after the region is certain.
        allowed = f"in:{cloud.region}-locations" in groups or None
    found = "open" if allowed and not groups else ", ".join(groups) or f"refuses {cloud.region}"
    return Check(f"policy {LOCATIONS} allows {cloud.region}", allowed, found)


def _allows(rules: list[dict[str, Any]], value: str) -> bool:
    """By all rules together; without any everything is allowed."""
    if any(rule.get("denyAll") or value in at(rule, "values.deniedValues", []) for rule in rules):
        return False
    listed = [rule["values"] for rule in rules if at(rule, "values.allowedValues")]
    return not listed or any(value in each["allowedValues"] for each in listed)


def _rules(cloud: Cloud, constraint: str) -> list[dict[str, Any]]:
    """As in force. A constraint that is not set has no policy."""
    try:
        policy = cloud.ask("org-policies", "describe", constraint, "--effective")
    except ProgramError as error:
        if "NOT_FOUND" in str(error):
            return []
        raise
    rules: list[dict[str, Any]] = at(policy, "spec.rules", [])
    return rules

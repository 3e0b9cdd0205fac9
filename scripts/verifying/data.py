"""Database and secrets: they can be restored, and access to them is restricted."""

from datetime import UTC, datetime, timedelta
from typing import Any

from scripts.recovery.old_copies import kept_for, outlived
from scripts.verifying.access import environment_of, services_of
from scripts.verifying.cloud import Check, Checks, Cloud, at

INSTANCE = "pegasus"
BACKUP_AGE = timedelta(hours=48)
"""A daily backup may fail once; an instance younger than that may have none."""


def check_database(cloud: Cloud, now: datetime | None = None) -> Checks:
    instance = cloud.ask("sql", "instances", "describe", INSTANCE)
    settings = at(instance, "settings", {})
    backups = at(settings, "backupConfiguration", {})
    yield _same("database runs", at(instance, "state"), "RUNNABLE")
    yield _same("database is backed up daily", at(backups, "enabled", False), True)
    yield _same(
        "database can be restored to any second",
        at(backups, "pointInTimeRecoveryEnabled", False),
        True,
    )
    if not cloud.expendable:
        protected = at(settings, "deletionProtectionEnabled", False)
        yield _same("database cannot be deleted by mistake", protected, True)
    networks = at(settings, "ipConfiguration.authorizedNetworks", [])
    yield Check("no network may reach the database", not networks, f"{len(networks)} may")
    yield _same(
        "only Google's connector is let in", at(settings, "connectorEnforcement"), "REQUIRED"
    )
    flags = {each["name"]: each["value"] for each in at(settings, "databaseFlags", [])}
    yield _same("accounts log in without passwords", flags.get("cloudsql.iam_authentication"), "on")
    now = now or datetime.now(UTC)
    yield _last_backup(cloud, at(instance, "createTime", ""), now)
    old = outlived(_backups(cloud), kept_for(instance), now)
    yield Check(
        "no backup is older than the daily ones become",
        not old,
        f"{len(old)} are: scripts/backup expire" if old else "none is",
    )
    others = [
        name
        for each in cloud.ask("sql", "instances", "list")
        if (name := str(each["name"])).startswith(INSTANCE) and name != INSTANCE
    ]
    yield Check(
        "no replaced instance is left",
        not others,
        f"{', '.join(others)}: scripts/restore retire" if others else "none is",
    )


def _last_backup(cloud: Cloud, created: str, now: datetime) -> Check:
    ended = [each["endTime"] for each in _backups(cloud) if each.get("status") == "SUCCESSFUL"]
    last = max(ended, default=None)
    since = datetime.fromisoformat(last or created)
    return Check("there is a fresh backup", now - since < BACKUP_AGE, last or "none yet")


def _backups(cloud: Cloud) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = cloud.ask("sql", "backups", "list", f"--instance={INSTANCE}")
    return listed


def check_secrets(cloud: Cloud) -> Checks:
    given = {
        (name, secret)
        for name, service in services_of(cloud).items()
        for variable in environment_of(service)
        if (secret := at(variable, "valueFrom.secretKeyRef.name"))
    }
    token = ("ingest-api", "write-api-token") in given
    yield Check(
        "the API knows the static token",
        token,
        "it does" if token else "name write-api-token in filled_secrets",
    )
    for secret in sorted({secret for _, secret in given}):
        versions = cloud.ask(
            *("secrets", "versions", "list", secret), "--filter=state:ENABLED", "--limit=1"
        )
        yield Check(f"secret {secret} has a value", bool(versions), "yes" if versions else "none")


def _same(what: str, found: Any, wanted: Any) -> Check:
    return Check(what, found == wanted, str(found))

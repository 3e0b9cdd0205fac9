"""Copies of the database that would outlive what retention's reports promise.

Cloud SQL deletes its daily backups automatically. An on-demand backup stays until it is
deleted, and an instance that a restore has replaced stays with all of its rows.
"""

import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from scripts.recovery.gcloud import Gcloud
from scripts.recovery.manifest import BackupError


def kept_for(instance: Any) -> timedelta:
    """How long daily backups are kept, of an instance as gcloud describes it."""
    settings = instance["settings"]["backupConfiguration"]["backupRetentionSettings"]
    return timedelta(days=int(settings["retainedBackups"]))


def outlived(backups: Sequence[Any], kept: timedelta, now: datetime) -> list[str]:
    """Ids of on-demand backups that are older than the daily ones become."""
    return [
        str(each["id"])
        for each in backups
        if each.get("type") == "ON_DEMAND"
        and now - datetime.fromisoformat(each.get("endTime") or each["enqueuedTime"]) > kept
    ]


def expire_backups(gcloud: Gcloud, instance: str, now: datetime | None = None) -> int:
    """Delete the backups that have outlived the daily ones; returns how many. Raises
    ProgramError."""
    described = gcloud.read("sql", "instances", "describe", instance, "--format=json")
    listed = gcloud.read("sql", "backups", "list", f"--instance={instance}", "--format=json")
    if not described:
        return 0  # A dry run asks nothing.
    kept = kept_for(json.loads(described))
    old = outlived(json.loads(listed), kept, now or datetime.now(UTC))
    for each in old:
        gcloud.run("sql", "backups", "delete", each, f"--instance={instance}", "--quiet")
    return len(old)


def retire_instance(
    gcloud: Gcloud, instance: str, *, region: str, functions: Sequence[str]
) -> None:
    """Delete an instance that no function uses any more, with its backups.

    Raises BackupError if one uses it, ProgramError.
    """
    for function in functions:
        service = gcloud.read(
            *("run", "services", "describe", function, f"--region={region}", "--format=json")
        )
        # Wherever it is named: a revision that still gets requests counts as well.
        if f':{instance}"' in service:
            raise BackupError(f"{function} uses {instance}")
    gcloud.run(
        *("sql", "instances", "patch", instance, "--quiet"),
        *("--no-deletion-protection", "--no-retain-backups-on-delete"),
    )
    gcloud.run("sql", "instances", "delete", instance, "--quiet")

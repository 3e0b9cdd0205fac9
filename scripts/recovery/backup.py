"""Back up the database and the bucket.

    scripts/backup local --into FOLDER [--last] [--dry-run]
    scripts/backup cloud [--project ID] [--instance NAME] [--dry-run]
    scripts/backup expire [--project ID] [--instance NAME] [--dry-run]

`local` is for the stack that runs on PEGASUS_HOME: the first call copies its Postgres while it
runs, each further one on the same folder adds the write-ahead log and the objects since, so that
any moment from the first call to the last can be restored. Until the call with `--last` the server
keeps its log for the next one. `cloud` has Cloud SQL make a backup
beside the daily ones, before something risky; the bucket needs none, its soft delete keeps what
is deleted. It also deletes those of its backups that are older than the daily ones become, and
`expire` does only that: what retention's reports promise of backups holds for these as well.

Exits with 0 if it is done, with 2 if it could not be. See docs/runbooks/backup-restore.md.
"""

import argparse
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from scripts.local.__main__ import options_from_environment
from scripts.local.postgres.binaries import PostgresError
from scripts.local.postgres.cluster import Postgres
from scripts.local.stack import Options
from scripts.programs import ProgramError
from scripts.recovery.cluster_backup import Cluster
from scripts.recovery.gcloud import Gcloud, in_project
from scripts.recovery.manifest import (
    BackupError,
    Manifest,
    only_writer,
    read_manifest,
    write_manifest,
)
from scripts.recovery.objects_backup import copy_objects
from scripts.recovery.old_copies import expire_backups

DONE, UNABLE = 0, 2

INSTANCE = "pegasus"
"""As terraform/database.tf names it."""


def back_up_local(options: Options, folder: Path, *, last: bool) -> None:
    """Raises BackupError, PostgresError, SQLAlchemyError."""
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(0o700)
    with only_writer(folder):
        cluster = Cluster(database_url(options))
        try:
            # The rows first: whatever they refer to is in the bucket by then.
            manifest = _copy_rows(cluster, folder)
            if last:
                cluster.let_go()
        finally:
            cluster.close()
        storage = options.home / "cloud" / "storage"
        new = copy_objects(storage, folder / "objects", wanted=lambda _: True)
        write_manifest(folder, manifest)
    print(
        f"{folder}: any moment from {manifest.from_time.isoformat()}"
        f" to {manifest.to_time.isoformat()}; {new} new objects"
    )


def _copy_rows(cluster: Cluster, folder: Path) -> Manifest:
    manifest = read_manifest(folder)
    if manifest is None:
        manifest = cluster.take_base(folder)
        password = folder / "password"
        password.touch(mode=0o600)
        password.write_text(f"{cluster.password}\n")
        write_manifest(folder, manifest)
    return cluster.fetch_log(folder, manifest)


def database_url(options: Options) -> str:
    """The stack's own Postgres, or the one it is configured to use. Raises BackupError."""
    try:
        own = Postgres(options.home / "postgres", port=options.ports.postgres).url
    except FileNotFoundError:
        own = ""
    url = options.environment.get("DATABASE_URL") or own
    if not url:
        raise BackupError(f"no stack has run on {options.home}")
    return url


def back_up_cloud(gcloud: Gcloud, instance: str) -> None:
    """Raises ProgramError."""
    gcloud.run(
        *("sql", "backups", "create", f"--instance={instance}", "--description=scripts/backup")
    )
    expire_backups(gcloud, instance)
    gcloud.run("sql", "backups", "list", f"--instance={instance}", "--limit=3")


CLOUD: Mapping[str, Callable[[Gcloud, str], object]] = {
    "cloud": back_up_cloud,
    "expire": expire_backups,
}


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    try:
        if given.where in CLOUD:
            CLOUD[given.where](in_project(given.project, dry_run=given.dry_run), given.instance)
        elif given.dry_run:
            options = options_from_environment()
            database_url(options)
            what = "the log and the objects since" if read_manifest(given.into) else "everything"
            print(f"would copy {what} of {options.home} into {given.into}")
        else:
            back_up_local(options_from_environment(), given.into, last=given.last)
    except (BackupError, ProgramError, PostgresError, SQLAlchemyError) as error:
        print(f"no backup: {error}", file=sys.stderr)
        return UNABLE
    return DONE


def add_cloud_options(parser: argparse.ArgumentParser) -> None:
    """`--project` and `--instance`, the former from the environment."""
    project = os.environ.get("PROJECT") or os.environ.get("GOOGLE_CLOUD_PROJECT")
    parser.add_argument("--project", default=project, required=project is None)
    parser.add_argument("--instance", default=INSTANCE, help="of Cloud SQL (default: %(default)s)")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/backup",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="where", required=True)
    local = commands.add_parser("local", help="the local stack")
    local.add_argument("--into", type=Path, required=True, metavar="FOLDER")
    local.add_argument("--last", action="store_true", help="nothing will be added to it")
    cloud = commands.add_parser("cloud", help="Cloud SQL")
    expire = commands.add_parser("expire", help="delete old backups of Cloud SQL")
    for command in (cloud, expire):
        add_cloud_options(command)
    for command in (local, cloud, expire):
        command.add_argument("--dry-run", action="store_true", help="only say what would be done")
    return parser


if __name__ == "__main__":
    sys.exit(main())

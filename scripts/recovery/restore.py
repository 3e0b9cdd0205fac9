"""Restore the database and the bucket, beside what there is and never over it.

    scripts/restore local --from FOLDER --into HOME [--to TIME] [--deletions FILE]

a backup of the local stack becomes the data of a new one (`PEGASUS_HOME=HOME make up`), at any
moment the backup has. In the cloud, step by step:

    scripts/restore database --to TIME --into INSTANCE    a clone of Cloud SQL as it was
    scripts/restore deletions --write FILE --since TIME   the audit of the database that was left
    scripts/restore deletions --read FILE [--lecture ID]  delete in the new one what was since
    scripts/restore objects                               what rows refer to, from the soft delete
    scripts/restore switch INSTANCE                       point the functions at it
    scripts/restore retire INSTANCE                       delete the one that was replaced

`deletions` and `objects` need the environment of a function, which names the database they mean.
Each has `--dry-run` and may be repeated. Exits with 0 if it is done, with 1 if something is still
missing, with 2 if it could not be done. See docs/runbooks/backup-restore.md.
"""

import argparse
import os
import sys
import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.exc import SQLAlchemyError

from scripts.local.postgres.binaries import PostgresError
from scripts.programs import ProgramError
from scripts.recovery.backup import add_cloud_options
from scripts.recovery.deletions import (
    DoneAgain,
    delete_again,
    deletion_of,
    deletions_since,
    read_deletions,
    returned,
    write_deletions,
)
from scripts.recovery.gcloud import in_project
from scripts.recovery.local_restore import restore_local, usable
from scripts.recovery.lost_objects import adopt, look
from scripts.recovery.manifest import BackupError
from scripts.recovery.old_copies import retire_instance
from shared.config import ConfigurationError, load_settings
from shared.errors import PegasusError
from shared.runtime import Runtime, build_runtime, require_schema
from shared.topology import load_topology

DONE, MISSING, UNABLE = 0, 1, 2

EVER = datetime(1970, 1, 1, tzinfo=UTC)


def restore_into_home(given: argparse.Namespace) -> int:
    told = read_deletions(given.deletions) if given.deletions else []
    if given.dry_run:
        manifest = usable(given.backup, given.into, given.to)
        print(f"would restore {(given.to or manifest.to_time).isoformat()} into {given.into}")
        return DONE
    objects, done = restore_local(given.backup, given.into, to_time=given.to, told=told)
    print(f"{given.into}: {objects} objects")
    _print_done_again(done)
    return DONE


def _print_done_again(done: DoneAgain) -> None:
    print(f"deleted again: {done.lectures} lectures, {done.courses} courses")
    print(f"restricted again: {done.restricted} lectures")
    if done.cut:
        print(f"cut again: {done.cut} lectures")
    if done.kept_courses:
        print(f"kept, as lectures were moved out of them before: {done.kept_courses} courses")


def clone_database(given: argparse.Namespace) -> int:
    if given.into == given.instance:
        raise BackupError(f"{given.into} is the instance that there is: name a new one")
    arguments = [given.instance, given.into]
    if given.to is not None:
        arguments.append(f"--point-in-time={_zulu(given.to)}")
    if given.deleted is not None:
        arguments.append(f"--source-instance-deletion-time={_zulu(given.deleted)}")
    in_project(given.project, dry_run=given.dry_run).run("sql", "instances", "clone", *arguments)
    return DONE


def carry_deletions(given: argparse.Namespace, rt: Runtime) -> int:
    if given.write is not None:
        found = deletions_since(rt.database, given.since)
        write_deletions(given.write, found)
        print(f"{given.write}: {len(found)} entries of the audit")
        return DONE
    deletions = read_deletions(given.read) if given.read else []
    deletions += [deletion_of(rt, each) for each in given.lecture]
    if given.dry_run:
        lectures, courses = returned(rt, deletions)
        for each in (*lectures, *courses):
            print(f"would be deleted again: {each.subject}")
        return DONE
    done = delete_again(rt, deletions)
    _print_done_again(done)
    return DONE


def restore_objects(given: argparse.Namespace, rt: Runtime) -> int:
    before = look(rt)
    print(f"{len(before.missing)} objects are missing")
    if before.missing:
        try:
            in_project(given.project, dry_run=given.dry_run).run(
                *("storage", "restore", "--read-paths-from-stdin"),
                stdin="".join(f"{name}\n" for name in before.missing),
            )
        except ProgramError as error:
            # It ends so if it has not found one of them; the others are there.
            print(error, file=sys.stderr)
    if given.dry_run:
        for name in before.missing:
            print(f"  {name}")
        return DONE
    after = look(rt)
    adopted = adopt(rt, after.renumbered)
    print(f"{len(after.missing)} are still missing, {adopted} recordings have a new generation")
    return MISSING if after.missing else DONE


def switch_functions(given: argparse.Namespace) -> int:
    gcloud = in_project(given.project, dry_run=given.dry_run)
    name = f"{given.project}:{given.region}:{given.to_instance}"
    for function in load_topology().functions:
        gcloud.run(
            *("run", "services", "update", function, f"--region={given.region}"),
            f"--update-env-vars=INSTANCE_CONNECTION_NAME={name}",
        )
    return DONE


def retire_replaced(given: argparse.Namespace) -> int:
    retire_instance(
        in_project(given.project, dry_run=given.dry_run),
        given.old_instance,
        region=given.region,
        functions=list(load_topology().functions),
    )
    return DONE


@contextmanager
def _runtime() -> Iterator[Runtime]:
    rt = build_runtime(load_settings())
    try:
        require_schema(rt.database)
        yield rt
    finally:
        rt.database.close()


def main(
    arguments: Sequence[str] | None = None,
    runtime: Callable[[], AbstractContextManager[Runtime]] = _runtime,
) -> int:
    given = _parser().parse_args(arguments)
    try:
        if given.run in (carry_deletions, restore_objects):
            with runtime() as rt:
                status: int = given.run(given, rt)
        else:
            status = given.run(given)
    except (BackupError, ProgramError, PostgresError, ConfigurationError) as error:
        print(f"not restored: {error}", file=sys.stderr)
    except (PegasusError, SQLAlchemyError, OSError, ValueError) as error:
        print(f"not restored: {type(error).__name__}: {error}", file=sys.stderr)
    else:
        return status
    return UNABLE


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError("a time has its zone: 2026-11-21T10:00:00Z")
    return moment


def _zulu(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/restore",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="what", required=True)

    local = commands.add_parser("local", help="a backup of the local stack")
    local.set_defaults(run=restore_into_home)
    local.add_argument("--from", dest="backup", type=Path, required=True, metavar="FOLDER")
    local.add_argument("--into", type=Path, required=True, metavar="HOME")
    local.add_argument("--to", type=_moment, metavar="TIME", help="by default the latest it has")
    local.add_argument("--deletions", type=Path, metavar="FILE", help="of a state that is later")

    database = commands.add_parser("database", help="clone Cloud SQL as it was")
    database.set_defaults(run=clone_database)
    add_cloud_options(database)
    database.add_argument("--into", required=True, metavar="INSTANCE", help="its new name")
    database.add_argument("--to", type=_moment, metavar="TIME", help="by default now")
    database.add_argument(
        "--deleted", type=_moment, metavar="TIME", help="when the instance was, if it is gone"
    )

    deletions = commands.add_parser("deletions", help="what was deleted since")
    deletions.set_defaults(run=carry_deletions)
    deletions.add_argument("--write", type=Path, metavar="FILE")
    deletions.add_argument("--since", type=_moment, default=EVER, metavar="TIME")
    deletions.add_argument("--read", type=Path, metavar="FILE")
    deletions.add_argument(
        "--lecture", type=uuid.UUID, action="append", default=[], metavar="ID", help="from the log"
    )

    objects = commands.add_parser("objects", help="what rows refer to and the bucket lacks")
    objects.set_defaults(run=restore_objects)
    add_cloud_options(objects)

    switch = commands.add_parser("switch", help="point the functions at another instance")
    switch.set_defaults(run=switch_functions)
    add_cloud_options(switch)
    switch.add_argument("to_instance", metavar="INSTANCE")

    retire = commands.add_parser("retire", help="delete an instance that was replaced")
    retire.set_defaults(run=retire_replaced)
    add_cloud_options(retire)
    retire.add_argument("old_instance", metavar="INSTANCE")

    region = os.environ.get("REGION") or os.environ.get("PLC_REGION")
    for command in (switch, retire):
        command.add_argument("--region", default=region, required=region is None)

    for command in commands.choices.values():
        command.add_argument("--dry-run", action="store_true", help="only say what would be done")
    return parser


if __name__ == "__main__":
    sys.exit(main())

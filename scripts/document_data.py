"""Write docs/reference/data-map.md from the code: `python -m scripts.document_data`.

With `--check` nothing is written; the exit status reports whether the page is up to date. Tables
come from the models (shared/models), folders from shared/storage/object_names.py, log fields from
shared/redaction/log_fields.py, messages from shared/messaging/events.py, and processors from
shared/vendors/processors.py.
"""

import argparse
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from shared.messaging import events
from shared.models import Base
from shared.models.personal_data import PersonalData
from shared.redaction.log_fields import LOG_FIELDS
from shared.storage.object_names import FOLDERS
from shared.vendors.processors import PROCESSORS

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reference" / "data-map.md"

INTRODUCTION = """\
# Data map

Every place where Pegasus holds personal data: what, why, until when, and what deletes it. Personal
data are those of the owner, who is known by the subject of an ID token, and of everyone who is
heard in a recording or named in it. Ids of lectures, courses and jobs lead to them and are listed.

What is deleted stays in the bucket's soft delete and in the database's backups for the days that
[retention](../retention.md#what-is-still-held) names. Copies that people have downloaded are out of
reach.

This page is generated from what stands beside models, folders, log fields and messages in the
code; an addition without an entry fails a test. To write it again:
`.venv/bin/python -m scripts.document_data`.
"""


def main(arguments: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument(
        "--check", action="store_true", help="only check whether the page is up to date"
    )
    page = render()
    if parser.parse_args(arguments).check:
        if PAGE.exists() and PAGE.read_text() == page:
            return 0
        print("docs/reference/data-map.md is out of date: python -m scripts.document_data")
        return 1
    PAGE.parent.mkdir(exist_ok=True)
    PAGE.write_text(page)
    return 0


def render() -> str:
    parts = (_tables(), _folders(), _messages(), _log(), _processors())
    return "\n".join([INTRODUCTION, *("\n".join(part) + "\n" for part in parts)])


def models() -> dict[str, PersonalData]:
    """Of each table, by its name."""
    return {
        mapper.local_table.name: mapper.class_.__personal_data__  # type: ignore[attr-defined]
        for mapper in Base.registry.mappers
    }


def messages() -> dict[str, str]:
    """What each kind of message holds, by its name."""
    return {kind.__name__: kind.holds for kind in events._Payload.__subclasses__()}


def _tables() -> Iterator[str]:
    yield "## Tables\n"
    yield from _table(
        ("table", "column: what it holds", "why", "until", "deleted by"),
        (
            (
                f"`{name}`",
                "<br>".join(f"`{column}`: {what}" for column, what in data.columns.items())
                or "no personal data",
                data.why,
                data.until,
                data.deleted_by,
            )
            for name, data in sorted(models().items())
        ),
    )


def _folders() -> Iterator[str]:
    yield "## Folders of the bucket\n"
    yield "Names of objects are made of ids "
    yield "([object_names.py](../../shared/storage/object_names.py)).\n"
    yield from _table(
        ("folder", "holds", "why", "until", "deleted by"),
        (
            (f"`{name}/`", kept.what, kept.why, kept.until, kept.deleted_by)
            for name, kept in FOLDERS.items()
        ),
    )


def _messages() -> Iterator[str]:
    yield "## Messages\n"
    yield (
        "Pub/Sub keeps a message until it is acknowledged, 7 days at most; Cloud Tasks a task "
        "until it is done or its attempts are used up.\n"
    )
    yield from _table(
        ("message", "holds"), ((f"`{name}`", what) for name, what in sorted(messages().items()))
    )


def _log() -> Iterator[str]:
    yield "## Log fields\n"
    yield (
        "Cloud Logging keeps a line for `log_days` of Terraform (30) and then deletes it. A line "
        "has an event's name, a time, a severity, the function, of an exception types, codes and "
        "frames, and of these fields those that fit. A value of another form, and a field that is "
        "not listed, is withheld.\n"
    )
    yield from _table(
        ("field", "form", "holds", "leads to a person"),
        (
            (f"`{name}`", each.form.value, each.holds, "yes" if each.personal else "no")
            for name, each in sorted(LOG_FIELDS.items())
        ),
    )


def _processors() -> Iterator[str]:
    yield "## Processors\n"
    yield "What the contract with them has to cover: [processors](processors.md).\n"
    yield from _table(
        ("processor", "chosen by", "gets", "why", "region", "keeps"),
        (
            (
                each.name,
                "<br>".join(f"`{name.upper()}={value}`" for name, value in each.chosen_by)
                or "every installation in the cloud",
                each.gets,
                each.why,
                each.region,
                each.keeps,
            )
            for each in PROCESSORS
        ),
    )


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield f"|{'---|' * len(head)}"
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in row)} |"


if __name__ == "__main__":
    sys.exit(main())

"""Give a secret a new value, have its function take it, and put the old one out of use.

    printf %s "$VALUE" | scripts/rotate-secret write-api-token
    scripts/rotate-secret openai-api-key --file FILE

The new version is added, a new revision of the function starts with it and takes the requests
while the old one finishes what it has begun, the static token is tried, and only then are the
older versions disabled. Cut off anywhere, it may be run again. The value is never an argument and
is not printed.

Exits with 0 if it is done, with 1 if the new value does not work (the old one still does), with 2
if it could not be done. See docs/runbooks/incident-response.md.
"""

import argparse
import os
import re
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import requests

from scripts.programs import ProgramError
from scripts.recovery.gcloud import Gcloud, in_project

DONE, NOT_ACCEPTED, UNABLE = 0, 1, 2

CHECK_TIMEOUT_SEC = 120
"""In which a new revision has taken over everywhere."""
CHECK_EVERY_SEC = 0.5


VARIABLES = {
    "gemini-api-key": "GEMINI_API_KEY",
    "openai-api-key": "OPENAI_API_KEY",
    "write-api-token": "PLC_WRITE_API_TOKEN",
}
"""The secrets, and under which name a function is given each; as in terraform/secrets.tf."""

_READER = re.compile(r"serviceAccount:fn-([\w-]+)@")
"""The account of a function, as terraform/iam.tf names it."""


class NotAcceptedError(Exception):
    """The functions do not work with the new value."""


def rotate(
    gcloud: Gcloud,
    secret: str,
    value: str,
    *,
    region: str,
    accepted: Callable[[str], bool] | None,
) -> list[str]:
    """Returns the versions that are disabled now.

    `accepted` reports whether the running function accepts the value; None if no function can
    report it.
    Raises ProgramError, NotAcceptedError.
    """
    old = enabled_versions(gcloud, secret)
    readers = _readers(gcloud, secret)
    gcloud.run("secrets", "versions", "add", secret, "--data-file=-", stdin=value)
    added = "NEW" if gcloud.programs.dry_run else newest(enabled_versions(gcloud, secret))
    for function in readers:
        # A function reads its secrets when an instance starts: without a new revision the old
        # instances continue with the old value. This returns once the new one serves.
        gcloud.run(
            *("run", "services", "update", function, f"--region={region}"),
            f"--update-secrets={VARIABLES[secret]}={secret}:{added}",
            f"--update-labels=secret-rotated={datetime.now(UTC):%Y%m%dt%H%M%S}",
        )
    if accepted is not None and not gcloud.programs.dry_run:
        _wait_until_accepted(lambda: accepted(value))
    for version in old:
        gcloud.run("secrets", "versions", "disable", version, f"--secret={secret}")
    return old


def enabled_versions(gcloud: Gcloud, secret: str) -> list[str]:
    """By number. Raises ProgramError."""
    listed = gcloud.read(
        *("secrets", "versions", "list", secret, "--filter=state=ENABLED"),
        "--format=value(name.basename())",
    )
    return listed.split()


def newest(versions: Sequence[str]) -> str:
    """Of versions by number, at least one."""
    return max(versions, key=int)


def _readers(gcloud: Gcloud, secret: str) -> list[str]:
    """The functions that may read it: Terraform lets those that use it, and no others."""
    told = gcloud.read(
        *("secrets", "get-iam-policy", secret, "--flatten=bindings[].members"),
        "--filter=bindings.role=roles/secretmanager.secretAccessor",
        "--format=value(bindings.members)",
    )
    if gcloud.programs.dry_run:
        return ["EACH_FUNCTION_THAT_MAY_READ_IT"]
    return sorted(_READER.findall(told))


def _wait_until_accepted(accepted: Callable[[], bool]) -> None:
    deadline = time.monotonic() + CHECK_TIMEOUT_SEC
    while not accepted():
        if time.monotonic() > deadline:
            raise NotAcceptedError(
                "the function does not take the new value; the old versions are still enabled:"
                " disable the newest and run this again with the old value, or look at its log"
            )
        time.sleep(CHECK_EVERY_SEC)


def opens_the_api(url: str, token: str) -> bool:
    """Whether the API takes this for its static token."""
    try:
        answer = requests.get(
            f"{url.rstrip('/')}/lectures?limit=1",
            headers={"Authorization": f"Bearer {token}"},
            timeout=30,
        )
    except requests.RequestException:
        return False
    return answer.ok


def _asked(secret: str, api: str | None) -> Callable[[str], bool] | None:
    """Only the static token can be tried here. Raises ValueError without an API."""
    if secret != "write-api-token":  # noqa: S105 - the name of one
        return None
    if not api:
        raise ValueError("where is the API? --api, or API_BASE_URL")
    return partial(opens_the_api, api)


def read_value(file: Path | None) -> str:
    """Without the newline that an editor or `echo` ends it with. Raises ValueError if empty."""
    value = (file.read_text() if file else sys.stdin.read()).strip()
    if not value or any(character.isspace() for character in value):
        raise ValueError("a secret is one word")
    return value


def main(arguments: Sequence[str] | None = None) -> int:
    given = _parser().parse_args(arguments)
    try:
        value = "" if given.dry_run else read_value(given.file)
        disabled = rotate(
            in_project(given.project, dry_run=given.dry_run),
            given.secret,
            value,
            region=given.region,
            accepted=_asked(given.secret, given.api),
        )
    except NotAcceptedError as error:
        print(f"not rotated: {error}", file=sys.stderr)
        return NOT_ACCEPTED
    except (ProgramError, OSError, ValueError) as error:
        print(f"not rotated: {error}", file=sys.stderr)
        return UNABLE
    print(f"{given.secret}: versions {', '.join(disabled) or 'none'} disabled")
    return DONE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="scripts/rotate-secret",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    project = os.environ.get("PROJECT") or os.environ.get("GOOGLE_CLOUD_PROJECT")
    region = os.environ.get("REGION") or os.environ.get("PLC_REGION")
    api = os.environ.get("API_BASE_URL") or os.environ.get("PLC_API_URL")
    parser.add_argument("secret", choices=sorted(VARIABLES))
    parser.add_argument("--file", type=Path, help="has the value; by default standard input")
    parser.add_argument("--project", default=project, required=project is None)
    parser.add_argument("--region", default=region, required=region is None)
    parser.add_argument("--api", default=api, help="where the static token is tried")
    parser.add_argument("--dry-run", action="store_true", help="only show the commands")
    return parser


if __name__ == "__main__":
    sys.exit(main())

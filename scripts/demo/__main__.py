"""`make demo`: one spoken lecture through the whole product, seen from a phone.

Everything is fetched through the API, as a client would, into
`$PEGASUS_HOME/demo/<lecture id>/`. LECTURE, COURSE and PRESET choose a recording, a
course and a preset. Exits with 1 if anything failed.
"""

import json
import mimetypes
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

import requests

from scripts.demo.client import ApiError, Client, Json, Upload
from scripts.demo.display import LiveProgress, clock, show_result
from scripts.local.__main__ import UNABLE, options_from_environment
from scripts.local.stack import ROOT, HomeInUseError, Options, Stack

DEFAULT_LECTURE = ROOT / "tests" / "data" / "lectures" / "hashing-1.ogg"
DEFAULT_COURSE = "data-structures"
POLL_SEC = 0.5


class DemoError(Exception):
    """Something the demo shows did not work."""


def main() -> int:
    recording = Path(os.environ.get("LECTURE") or DEFAULT_LECTURE)
    course = os.environ.get("COURSE") or DEFAULT_COURSE
    preset = os.environ.get("PRESET") or "exam"
    if not recording.is_file():
        print(f"there is no recording {recording}", file=sys.stderr)
        return 1
    options = options_from_environment()
    try:
        with running_stack(options) as api_url:
            client = Client(api_url)
            try:
                run(client, options.home, recording, course=course, preset=preset)
            finally:
                client.close()
    except (ApiError, DemoError, requests.RequestException) as error:
        print(f"\nthe demo failed: {error}", file=sys.stderr)
        return 1
    except UNABLE as error:
        print(f"\nthe stack cannot start: {error}", file=sys.stderr)
        return 1
    return 0


@contextmanager
def running_stack(options: Options) -> Iterator[str]:
    """The stack that `make up` runs on this folder, else one of our own until the end."""
    stack = Stack(options)
    print("starting Pegasus …", flush=True)
    try:
        stack.start()
    except HomeInUseError:
        print(f"using the Pegasus that is up on {stack.api_url}")
        yield stack.api_url
        return
    try:
        for name, address in stack.addresses():
            print(f"  {name:<26}{address}")
        yield stack.api_url
    finally:
        stack.stop()


def run(client: Client, home: Path, recording: Path, *, course: str, preset: str) -> None:
    began = time.monotonic()
    now = datetime.now(UTC)
    stem = re.sub(r"[^A-Za-z0-9]+", "-", recording.stem).strip("-") or "lecture"
    ticket = client.post(
        "/lectures/ingest",
        {
            "courseId": course,
            "lectureId": f"{stem[:40]}-{now:%Y%m%d-%H%M%S}",
            "title": re.sub(r"[-_]+", " ", recording.stem).strip().capitalize() or "Lecture",
            "presetId": preset,
            "contentType": media_type(recording),
        },
    )
    lecture = ticket["lectureId"]
    megabytes = recording.stat().st_size / 1e6
    print(f"\nlecture {lecture} in course {course}: {recording} ({megabytes:.1f} MB)")
    upload(ticket["upload"], recording)
    uploaded = time.monotonic()

    final = watch(client, lecture)
    finished = time.monotonic()
    if final["overallStatus"] == "failed":
        raise DemoError(f"{final['error']['code']}: {final['error']['message']}")

    folder = home / "demo" / lecture
    fetched = fetch(client, lecture, course, folder)
    timings = {
        "upload": round(uploaded - began, 2),
        **{stage["stage"]: seconds(stage) for stage in final["stages"] if stage["startedAt"]},
        "total": round(finished - began, 2),
        "audio": fetched["lecture"]["durationSec"],
    }
    write(folder / "timings.json", timings)
    files = sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    show_result(folder, files, fetched)
    print(
        f"\n{clock(timings['audio'])} of speech in {timings['total']:.1f} s: "
        + ", ".join(f"{name} {timings[name]} s" for name in list(timings)[:-2])
    )


def media_type(recording: Path) -> str:
    guessed = mimetypes.guess_type(recording.name)[0] or ""
    return guessed if guessed.startswith(("audio/", "video/")) else "application/octet-stream"


def upload(ticket: Json, recording: Path) -> None:
    size = recording.stat().st_size
    print("uploading by signed resumable URL")

    def broken(reached: int) -> None:
        print(f"  connection lost on purpose; {reached} bytes had arrived: resuming there")

    for sent in Upload(ticket, recording).send(break_once=True, on_break=broken):
        print(f"  {sent} of {size} bytes")


def watch(client: Client, lecture: str) -> Json:
    """Poll the progress, as a phone would, until the lecture is completed or failed."""
    print("progress")
    live = LiveProgress()
    while True:
        # A function may be restarting just now: that is no reason to give up.
        with suppress(requests.ConnectionError):
            progress = client.get(f"/lectures/{lecture}/progress")
            live.show(progress)
            if progress["overallStatus"] in ("completed", "failed"):
                return progress
        time.sleep(POLL_SEC)


def fetch(client: Client, lecture: str, course: str, folder: Path) -> Json:
    fetched: Json = {
        "lecture": client.get(f"/lectures/{lecture}"),
        "transcript": client.get(f"/lectures/{lecture}/transcript"),
        "threads": client.get(f"/courses/{course}/threads?limit=200"),
        "artifacts": {},
    }
    for name in ("lecture", "transcript", "threads"):
        write(folder / f"{name}.json", fetched[name])
    for record in client.get(f"/lectures/{lecture}/artifacts")["artifacts"]:
        artifact = client.get(f"/lectures/{lecture}/artifacts/{record['type']}")
        fetched["artifacts"][record["type"]] = artifact
        write(folder / "artifacts" / f"{record['type']}.json", artifact)
    for record in client.get(f"/lectures/{lecture}/exports")["exports"]:
        target = folder / "exports" / Path(record["fileName"]).name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(client.download(f"/exports/{lecture}/{record['type']}"))
    return fetched


def seconds(stage: Json) -> float:
    began, ended = (datetime.fromisoformat(stage[at]) for at in ("startedAt", "endedAt"))
    return round((ended - began).total_seconds(), 2)


def write(path: Path, value: Json) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())

"""`make demo`: one spoken lecture through the whole product, seen from a phone.

Everything is fetched through the API, as a client would, into
`$PEGASUS_HOME/demo/<lecture id>/`. LECTURE, COURSE and PRESET choose a recording, a
course and a preset. Exits with 1 if anything failed, and if the lecture does not end in time.
"""

import json
import mimetypes
import os
import re
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import requests

from scripts.demo.client import ApiError, Client, Json, Upload
from scripts.demo.display import LiveProgress, clock, show_result
from scripts.demo.patience import Patience
from scripts.local.__main__ import UNABLE, options_from_environment
from scripts.local.home import HomeInUseError
from scripts.local.processes.function_logs import FunctionLogs
from scripts.local.processes.lifetime import end_in_order
from scripts.local.stack import ROOT, Options, Stack

DEFAULT_LECTURE = ROOT / "tests" / "data" / "lectures" / "hashing-1.ogg"
DEFAULT_COURSE = "data-structures"
POLL_SEC = 0.5
READY_SEC = 120
"""How long a stack that was started elsewhere may still need."""


class DemoError(Exception):
    """Something the demo shows did not work."""


def main() -> int:
    end_in_order()
    recording = Path(os.environ.get("LECTURE") or DEFAULT_LECTURE)
    if not recording.is_file():
        print(f"there is no recording {recording}", file=sys.stderr)
        return 1
    return demonstrate(
        options_from_environment(),
        recording,
        course=os.environ.get("COURSE") or DEFAULT_COURSE,
        preset=os.environ.get("PRESET") or "exam",
        patience=Patience(),
    )


def demonstrate(
    options: Options, recording: Path, *, course: str, preset: str, patience: Patience
) -> int:
    """Returns the exit status; the reason of a failure goes to standard error."""
    logs = FunctionLogs(options.home / "logs")
    try:
        with running_stack(options) as api_url:
            client = Client(api_url)
            try:
                run(
                    client,
                    options.home,
                    recording,
                    course=course,
                    preset=preset,
                    logs=logs,
                    patience=patience,
                )
            finally:
                client.close()
    except (ApiError, DemoError, requests.RequestException) as error:
        for entry in logs.poll():
            print(entry)
        sys.stdout.flush()
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
        wait_until_ready(stack.api_url)
        yield stack.api_url
        return
    try:
        for name, address in stack.addresses():
            print(f"  {name:<26}{address}")
        yield stack.api_url
    finally:
        stack.stop()


def wait_until_ready(api_url: str) -> None:
    """Raises DemoError."""
    deadline = time.monotonic() + READY_SEC
    while True:
        try:
            reason = requests.get(f"{api_url}/health/ready", timeout=READY_SEC).text
            if json.loads(reason).get("status") == "ready":
                return
        except (requests.RequestException, ValueError) as error:
            reason = type(error).__name__
        if time.monotonic() > deadline:
            raise DemoError(f"{api_url} is not ready: {reason}")
        time.sleep(POLL_SEC)


def run(
    client: Client,
    home: Path,
    recording: Path,
    *,
    course: str,
    preset: str,
    logs: FunctionLogs,
    patience: Patience,
) -> None:
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

    final = watch(client, lecture, logs=logs, patience=patience)
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


def watch(client: Client, lecture: str, *, logs: FunctionLogs, patience: Patience) -> Json:
    """Poll the progress, as a phone would, until the lecture is completed or failed.

    Failures in the functions' logs are shown as they happen. Raises DemoError when `patience`
    is at its end.
    """
    print("progress")
    live = LiveProgress()
    patience.begin()
    length: float | None = None
    while True:
        try:
            progress = client.get(f"/lectures/{lecture}/progress")
            if length is None and progress["stages"][0]["status"] == "succeeded":
                length = float(client.get(f"/lectures/{lecture}")["durationSec"] or 0)
                patience.recording_lasts(length)
        except requests.ConnectionError:
            # A function may be restarting just now: that is no reason to give up.
            progress = None
        for entry in logs.poll():
            live.note(str(entry))
        if progress is not None:
            patience.saw(progress)
            live.show(progress)
            if progress["overallStatus"] in ("completed", "failed"):
                return progress
        if patience.is_over():
            raise DemoError(
                f"the lecture has not ended after {patience.limit_sec:.0f} s: "
                f"waiting for {patience.waited_for()}; the functions' logs are in {logs.folder}"
            )
        if (word := patience.word()) is not None:
            live.note(f"  … {word}")
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

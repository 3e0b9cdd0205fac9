"""docs/api-guide.md does what it says: its commands and its listing, run as a reader would."""

import io
import json
import os
import re
import runpy
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import requests

from functions.transcribe.audio import SAMPLE_RATE, decode
from scripts.local.stack import ROOT
from tests.support.processes.running_stack import RunningStack
from tests.support.sound.speech import clip

pytestmark = pytest.mark.selection

GUIDE = (ROOT / "docs" / "api-guide.md").read_text()
FENCED = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
A_CURL_COMMAND = re.compile(r"(?:^|[`$(|;&])\s*curl\s", re.MULTILINE)
TIMEOUT_SEC = 300

SMOKE = """\
curl -X POST "$API/lectures/ingest" -F course_id=smoke-course -F lecture_id=smoke-lecture -F preset_id=exam -F title="Smoke Lecture" -F "audio=@smoke.wav;type=audio/wav"
curl -X POST "$API/lectures/smoke-lecture/transcribe?model=base"
curl "$API/jobs/$JOB_ID"
curl -X POST "$API/lectures/smoke-lecture/generate" -H 'Content-Type: application/json' -d '{"course_id":"smoke-course","preset_id":"exam"}'
curl -X POST "$API/lectures/smoke-lecture/export"
curl "$API/lectures/smoke-lecture/artifacts"
curl -L "$API/exports/smoke-lecture/pdf" -o notes.pdf
"""  # noqa: E501 - word for word


def blocks(language: str) -> list[str]:
    return [text for named, text in FENCED.findall(GUIDE) if named == language]


@dataclass(frozen=True)
class Walk:
    """What a reader has after typing every command of the guide."""

    folder: Path

    def text(self, name: str) -> str:
        return (self.folder / name).read_text()

    def json(self, name: str) -> Any:
        return json.loads(self.text(name))

    def printed(self, command: str) -> list[str]:
        """The lines printed by the one block that holds this command."""
        (number,) = [n for n, block in enumerate(blocks("sh")) if command in block]
        return self.text(f"{number}.printed").splitlines()


@pytest.fixture(scope="module")
def walk(_session_stack: RunningStack, tmp_path_factory: pytest.TempPathFactory) -> Walk:
    assert shutil.which("curl"), "the guide's commands need curl: install it and run this again"
    folder = tmp_path_factory.mktemp("guide")
    (folder / "talk.flac").write_bytes(clip("photosynthesis", seconds=45))
    # One shell for all, since a block may use what an earlier one has set.
    script = folder / "guide.sh"
    script.write_text(
        "".join(f"exec > {number}.printed\n{block}" for number, block in enumerate(blocks("sh")))
    )
    done = subprocess.run(
        ["bash", "-euo", "pipefail", script.name],
        cwd=folder,
        check=False,
        env={
            **os.environ,
            "API": _session_stack.stack.api_url,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
        },
        stderr=subprocess.PIPE,
        text=True,
        timeout=TIMEOUT_SEC,
    )
    begun = len(list(folder.glob("*.printed")))
    assert done.returncode == 0, f"block {begun}: {blocks('sh')[begun - 1]}\n{done.stderr}"
    return Walk(folder)


def test_every_command_of_the_guide_is_run() -> None:
    elsewhere = FENCED.sub(lambda fenced: "" if fenced[1] == "sh" else fenced[0], GUIDE)

    assert not A_CURL_COMMAND.findall(elsewhere)
    assert "~~~" not in GUIDE
    assert len(blocks("sh")) == GUIDE.count("```sh")


def test_the_smoke_commands_are_there_word_for_word() -> None:
    commands = "".join(blocks("sh")).splitlines()

    places = [commands.index(line) for line in SMOKE.splitlines()]

    assert places == sorted(places)


def test_a_recording_is_announced_and_uploaded_in_pieces(walk: Walk) -> None:
    size = (walk.folder / "talk.flac").stat().st_size
    assert size > 2 * 262_144, "the test means to see several chunks"

    assert walk.printed("-o announced.json") == ["awaiting_upload"]
    assert walk.json("announced.json")["upload"]["maxBytes"] == size
    assert walk.json("upload.json")["url"].startswith("http")
    assert walk.printed("head -n 1 session.headers")[0].split()[1] == "201"
    first = walk.text("chunk.headers")
    assert first.split()[1] == "308"
    assert "range: bytes=0-262143" in first.lower()
    asked, *sent = walk.printed("going on at")
    assert asked == f"going on at 262144 of {size} bytes"
    assert [line.split()[0] for line in sent[:-1]] == ["308"] * (len(sent) - 1)
    assert sent[-1].split()[0] in ("200", "201")


def test_its_progress_is_told_to_the_end(walk: Walk) -> None:
    events = walk.text("events.txt")

    assert "event: progress\ndata: {" in events
    progress = walk.json("progress.json")
    assert progress["overallStatus"] == "completed", progress
    assert walk.printed('STATUS=$(curl -sS "$API/lectures/talk-1')[-1] == "completed"
    assert walk.json("consent.json")["at"] == "2026-10-05T08:00:00Z"
    assert walk.printed("-o consent.json") == ["consent"]
    assert [stage["stage"] for stage in progress["stages"]] == [
        "upload",
        "transcription",
        "generation",
        "export",
    ]


def test_titles_are_changed_and_the_recording_is_played(walk: Walk) -> None:
    assert walk.printed("-o lecture.json")[0] == "On light"
    assert walk.json("lecture.json")["available"]["recording"]
    assert walk.json("course.json")["title"] == "Optics"
    assert walk.json("logic.json")["courseId"] == "logic"
    assert (walk.folder / "first-bytes").read_bytes() == (walk.folder / "talk.flac").read_bytes()[
        :100
    ]
    assert walk.json("config.json")["signIn"] is None
    assert walk.json("me.json")["operator"]


def test_what_was_made_can_be_read(walk: Walk) -> None:
    words = [word for each in walk.json("transcript.json")["utterances"] for word in each["words"]]
    assert len(words) > 50
    first_words, known, *_, overview = walk.printed("If-None-Match: $ETAG")
    assert "morning" in first_words
    assert known == "304"
    assert overview
    assert walk.printed("-o correction.json") == ["2"]
    assert walk.printed("-o restored.json") == ["3", "4"]
    corrected, recognized = walk.json("correction.json"), walk.json("as-recognized.json")
    assert recognized == walk.json("transcript.json")
    assert [each["current"] for each in walk.json("revisions.json")["revisions"]] == [False, True]
    assert (corrected["corrected"], corrected["jobId"]) == (1, None)
    artifacts = walk.json("artifacts.json")["artifacts"]
    assert len(artifacts) == 5
    assert walk.json("flashcards.json")["artifactType"] == "flashcards"
    assert walk.json("summary.json")["artifactType"] == "summary"
    assert {"pdf", "anki"} <= {each["type"] for each in walk.json("exports.json")["exports"]}
    assert walk.printed("exports/talk-1/pdf") == ["302"]
    assert (walk.folder / "talk.pdf").read_bytes().startswith(b"%PDF")
    assert walk.json("thread.json") == walk.json("threads.json")["threads"][0]
    hits = walk.json("hits.json")
    assert hits["pagination"]["total"] == len(hits["hits"]) > 0
    assert hits["hits"][0]["lectureId"] == "talk-1"
    integrity = walk.json("integrity.json")
    assert integrity["ok"], integrity


def test_silence_goes_the_way_that_the_guide_tells(walk: Walk) -> None:
    started = json.loads(walk.printed("transcribe?model=base")[0])
    assert started["type"] == "transcription"
    # curl ends no line, so the job's first answer stands before it.
    assert walk.printed("field error.code < smoke-job.json")[-1].endswith("}no_speech")
    answers = " ".join(walk.printed("lectures/smoke-lecture/export"))
    assert answers.count('"conflict"') == 2
    assert '"artifacts":[]' in answers
    assert walk.json("notes.pdf")["status"] == 404
    assert walk.json("replayed.json")["type"] == "transcription"
    assert walk.printed("too-late.json")[-1] == "conflict"
    replayed = walk.json("replayed.json")["jobId"]
    assert replayed in [job["jobId"] for job in walk.json("dead-letters.json")["jobs"]]
    batch = walk.json("batch.json")
    assert [each["jobId"] for each in batch["replayed"]] == [replayed]
    assert batch["skipped"] == []


def test_lists_are_turned_and_read_on(walk: Walk) -> None:
    first, second = walk.json("page-1.json"), walk.json("page-2.json")

    assert first["pagination"]["total"] >= 2
    assert [each["lectureId"] for each in first["lectures"]] == ["smoke-lecture"]
    assert [each["lectureId"] for each in second["lectures"]] == ["talk-1"]
    assert walk.json("page-2-again.json")["lectures"] == second["lectures"]
    courses = {course["courseId"] for course in walk.json("courses.json")["courses"]}
    assert {"guide", "smoke-course"} <= courses
    assert [each["lectureId"] for each in walk.json("course-lectures.json")["lectures"]] == [
        "talk-1"
    ]


def test_moments_are_marked(walk: Walk) -> None:
    [mark] = walk.json("marks.json")["marks"]
    assert (mark["atSec"], mark["label"]) == (4.5, "Proof")


def test_what_was_deleted_is_gone(walk: Walk, pegasus: RunningStack) -> None:
    assert walk.printed("gone.json") == ["purged", "404"]
    assert walk.printed("-o refused.json") == ["lecture_restricted"]
    assert walk.printed("-o held.json") == ["course_held"]
    assert walk.json("deleted.json")["lectures"] == 1
    # Recording, transcript and artifacts; its files may be in the making again just then.
    assert walk.json("deleted.json")["objectsDeleted"] >= 7
    assert walk.json("gone.json")["code"] == "not_found"
    left = pegasus.client.get("/courses?limit=200")["courses"]
    assert not {"guide", "guide-once", "smoke-course"} & {course["courseId"] for course in left}


def test_what_was_cut_out_is_silent(walk: Walk) -> None:
    [span] = walk.json("cuts.json")["cuts"]
    assert span["state"] == "silenced"
    assert span["startSec"] <= 12.1
    assert span["endSec"] >= 15.5
    assert walk.json("cut.json")["utterances"] > 0
    sound = np.concatenate(list(decode(io.BytesIO((walk.folder / "silent.m4a").read_bytes()))))
    start, end = (round(at * SAMPLE_RATE) for at in (span["startSec"] + 0.2, span["endSec"] - 0.2))
    assert not sound[start:end].any()
    assert sound[:start].any()
    assert sound[end + SAMPLE_RATE :].any()


def test_a_repeated_write_and_errors_look_as_told(walk: Walk) -> None:
    assert walk.json("first.json") == walk.json("again.json")
    replayed, reused = walk.printed("-o reused.json")
    assert replayed.lower() == "idempotency-replayed: true"
    assert reused == "idempotency_key_reused"
    assert "x-request-id: guide-1" in walk.text("problem.headers").lower()
    assert "application/problem+json" in walk.text("problem.headers")
    assert walk.json("problem.json")["requestId"] == "guide-1"
    shown = json.loads(blocks("json")[0])
    assert {**walk.json("fields.json"), "requestId": "…"} == shown


@pytest.fixture
def listing(tmp_path: Path) -> Path:
    (text,) = blocks("python")
    (tmp_path / "hand_in.py").write_text(text)
    (tmp_path / "talk.flac").write_bytes(clip("photosynthesis", start_sec=45, seconds=45))
    return tmp_path / "hand_in.py"


def test_the_listing_brings_a_lecture_home(listing: Path, pegasus: RunningStack) -> None:
    done = subprocess.run(
        [sys.executable, listing.name, "talk.flac", "guide-python", "talk-2"],
        cwd=listing.parent,
        check=False,
        env={**os.environ, "API": pegasus.stack.api_url},
        capture_output=True,
        text=True,
        timeout=TIMEOUT_SEC,
    )

    assert done.returncode == 0, done.stderr
    assert "100.0 %" in done.stdout
    assert (listing.parent / "talk-2.pdf").read_bytes().startswith(b"%PDF")
    assert not (listing.parent / "talk.flac.session").exists()
    pegasus.check_whole("talk-2")


class Unsteady(requests.Session):
    """A network on which every second chunk is lost, by turns before it arrives and after."""

    def __init__(self) -> None:
        super().__init__()
        self.lost = 0
        self._chunks = 0

    def put(self, *args: Any, **options: Any) -> requests.Response:
        self._chunks += 1
        if self._chunks % 2:
            return super().put(*args, **options)
        self.lost += 1
        if self.lost % 2 == 0:
            super().put(*args, **options)
        raise requests.ConnectionError("lost")


def test_the_listing_resumes_where_a_connection_broke(
    listing: Path, pegasus: RunningStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("API", pegasus.stack.api_url)
    hand_in = runpy.run_path(str(listing))
    # Small chunks, so that there are some to lose; its functions see what they share.
    hand_in["send"].__globals__["CHUNK"] = 256 * 1024
    talk = listing.with_name("talk.flac")
    audio = talk.read_bytes()

    with Unsteady() as http:
        session = hand_in["start"](http, hand_in["announce"](http, talk, "guide-python", "broken"))
        assert hand_in["send"](http, session, talk)

    assert http.lost >= 2
    lecture = pegasus.lecture("broken")
    assert pegasus.store.read(lecture.source_object) == audio
    assert pegasus.ended("broken")["overallStatus"] == "completed"

"""Of what was deleted no word is left: rows, objects, what they are called, messages.

Two lectures of one course have been through everything. What the first one said, and who is named
in it, is then looked for wherever Pegasus keeps anything (tests/support/lectures/remains.py)."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from functions.ingest.app import create_app
from functions.retention.repairs.accounts import make_account_exports
from functions.retention.sweep import sweep
from functions.transcribe.job import transcribe_lecture
from shared.messaging.events import JobMessage
from shared.models import ExportRow, IdempotencyKey, JobType, Lecture
from shared.runtime import Runtime
from shared.workers.outcomes import DONE
from tests.support.clock import HeldClock
from tests.support.lectures import scripted_model
from tests.support.lectures.builders import OWNER, changed, get_jobs
from tests.support.lectures.lived_lecture import (
    FIRST,
    SECOND,
    Story,
    drain,
    live,
    pass_every_horizon,
)
from tests.support.lectures.messages import RecordingMessages
from tests.support.lectures.remains import Canary, everywhere, texts_of
from tests.unit.generate.language_model.chat_server import serving

COURSE = "algorithms"


@pytest.fixture
def clock() -> HeldClock:
    """The bucket has a clock of its own: at the start both tell the same time."""
    return HeldClock(datetime.now(UTC))


@pytest.fixture
def rt(runtime: Runtime) -> Iterator[Runtime]:
    """With a language model, so that its answers are kept."""
    with serving(scripted_model.answer) as server:
        yield changed(
            runtime,
            plc_llm_provider="openai",
            openai_api_key="sk-secret",
            openai_base_url=server.url,
            openai_model="test-model",
        )


@pytest.fixture
def client(rt: Runtime) -> FlaskClient:
    return create_app(rt).test_client()


@pytest.fixture
def lectures(rt: Runtime, client: FlaskClient, clock: HeldClock) -> dict[Story, Lecture]:
    found = {}
    for story in (FIRST, SECOND):
        found[story] = live(rt, client, story, course=COURSE)
        clock.advance(600)
    _copy_everything(rt, client)
    # The first one again, so that its files show what the second says as well.
    for story in (FIRST, SECOND):
        assert client.post(f"/lectures/{story.slug}/export").status_code == 202
        drain(rt)
    return found


def canary_of(story: Story, *, besides: Story | None = None) -> Canary:
    stays = besides.transcript.text if besides else ""
    return Canary.of(story.transcript.text, story.names, besides=stays)


@pytest.mark.selection
def test_of_a_deleted_lecture_nothing_is_left(
    rt: Runtime,
    client: FlaskClient,
    messages: RecordingMessages,
    lectures: dict[Story, Lecture],
    clock: HeldClock,
) -> None:
    gone, stays = canary_of(FIRST, besides=SECOND), canary_of(SECOND, besides=FIRST)
    before = everywhere(rt, messages, gone)
    # What follows would show nothing of a place that never held a word of it.
    assert before.keys() >= {
        "object in accounts",
        "object in artifacts",
        "object in exports",
        "object in segments",
        "object in transcripts",
        "table course_terms.term",
        "table dead_letters.payload",
        "table exports.file_name",
        "table idempotency_keys.response",
        "table lecture_marks.label",
        "table lectures.title",
        "table passages.text",
        "table thread_occurrences.quote",
    }

    assert client.delete(f"/lectures/{FIRST.slug}").status_code == 200
    assert _shown_by(rt, client, SECOND, gone) == set()
    drain(rt)
    assert _shown_by(rt, client, SECOND, gone) == set()
    assert len(_exports(rt, lectures[SECOND])) >= 10
    pass_every_horizon(rt, clock)

    assert everywhere(rt, messages, gone) == {}
    assert "object in exports" in everywhere(rt, messages, stays)
    # Its transcript is not kept any more: what needs one is not asked for.
    assert client.post(f"/lectures/{SECOND.slug}/export").status_code == 202
    drain(rt)
    made = get_jobs(rt, lectures[SECOND], JobType.EXPORT)[-1].result
    assert made is not None
    assert made["failures"] == {}
    assert not {"srt", "vtt", "txt"} & set(made["files"])


@pytest.mark.parametrize(
    ("deleted", "made_again"),
    [
        pytest.param(FIRST, False, id="the moved one-before", marks=pytest.mark.slow),
        pytest.param(FIRST, True, id="the moved one-after", marks=pytest.mark.selection),
        pytest.param(SECOND, False, id="the one that stays-before", marks=pytest.mark.selection),
        pytest.param(SECOND, True, id="the one that stays-after", marks=pytest.mark.slow),
    ],
)
def test_of_a_lecture_that_is_deleted_after_a_move_nothing_is_left(
    rt: Runtime,
    client: FlaskClient,
    messages: RecordingMessages,
    lectures: dict[Story, Lecture],
    clock: HeldClock,
    *,
    deleted: Story,
    made_again: bool,
) -> None:
    """Neither in the course that one lecture has left nor in the one that it was moved to."""
    other = SECOND if deleted is FIRST else FIRST
    gone, stays = canary_of(deleted, besides=other), canary_of(other, besides=deleted)
    assert _shown_by(rt, client, other, gone) != set()
    assert client.post("/courses", json={"courseId": "elsewhere"}).status_code == 201

    answer = client.patch(f"/lectures/{FIRST.slug}", json={"courseId": "elsewhere"})

    assert answer.status_code == 200, answer.text
    assert _shown_by(rt, client, other, gone) == set()
    if made_again:
        drain(rt)
    assert client.delete(f"/lectures/{deleted.slug}").status_code == 200
    drain(rt)
    assert _shown_by(rt, client, other, gone) == set()
    assert len(_exports(rt, lectures[other])) >= 10
    pass_every_horizon(rt, clock)
    assert everywhere(rt, messages, gone) == {}
    assert "object in exports" in everywhere(rt, messages, stays)


@pytest.mark.selection
@pytest.mark.parametrize("what", [f"/courses/{COURSE}", "/me"])
def test_of_a_deleted_course_or_account_nothing_is_left(
    rt: Runtime, client: FlaskClient, messages: RecordingMessages, clock: HeldClock, what: str
) -> None:
    live(rt, client, FIRST, course=COURSE)
    _copy_everything(rt, client)

    assert client.delete(what).status_code == 200
    pass_every_horizon(rt, clock)

    assert everywhere(rt, messages, canary_of(FIRST)) == {}


@pytest.mark.selection
def test_of_what_was_cut_out_nothing_is_left(
    rt: Runtime,
    client: FlaskClient,
    messages: RecordingMessages,
    lectures: dict[Story, Lecture],
    clock: HeldClock,
) -> None:
    """Neither of the lecture itself nor of the other one, whose files repeated it."""
    start_sec, end_sec, said, stays = _in_the_middle(FIRST)
    gone = Canary.of(said, (), besides=f"{stays} {SECOND.transcript.text}")
    _repeat(rt, client, said)
    _mark(client, start_sec, said)
    assert _shown_by(rt, client, SECOND, gone) != set()
    before = everywhere(rt, messages, gone)
    assert before.keys() >= {
        "object in accounts",
        "object in artifacts",
        "object in exports",
        "object in raw",
        "object in segments",
        "object in transcripts",
        "table dead_letters.payload",
        "table idempotency_keys.response",
        "table item_edits.fields",
        "table lecture_marks.label",
        "table passages.text",
        "table thread_occurrences.quote",
    }
    cut = {"startSec": start_sec, "endSec": end_sec}

    answer = client.post(f"/lectures/{FIRST.slug}/cuts", json={"cuts": [cut]})

    assert answer.status_code == 202, answer.text
    # No row, and of the objects only what the recording and the sweep are yet to come for.
    left = everywhere(rt, messages, gone)
    assert set(left) <= {"object in raw", "object in accounts", "message to dead-letter"}, left
    assert client.get(f"/lectures/{FIRST.slug}/audio").get_json()["code"] == "recording_withheld"
    assert _shown_by(rt, client, SECOND, gone) == set()
    outcome = transcribe_lecture(rt, JobMessage(job_id=UUID(answer.get_json()["silencingJobId"])))
    assert outcome == DONE
    assert client.get(f"/lectures/{FIRST.slug}/audio").status_code == 302
    drain(rt)
    sweep(rt)
    assert everywhere(rt, messages, gone) == {}
    # What stays is made again, with what its owner wrote of it.
    rest = Canary.of(stays, (FIRST.speaker,), besides=said)
    assert everywhere(rt, messages, rest).keys() >= {
        "object in artifacts",
        "object in exports",
        "object in transcripts",
        "table item_edits.fields",
        "table lecture_marks.label",
        "table passages.text",
    }
    assert _shown_by(rt, client, SECOND, rest) != set()
    pass_every_horizon(rt, clock)
    assert everywhere(rt, messages, gone) == {}


def _in_the_middle(story: Story) -> tuple[float, float, str, str]:
    """A span of some sentences: its seconds, what was said in it, and what was said besides."""
    utterances = story.transcript.utterances
    cut = utterances[8:26]
    rest = (*utterances[:8], *utterances[26:])
    said, stays = (" ".join(each.text for each in some) for some in (cut, rest))
    return cut[0].start_sec, cut[-1].end_sec, said, stays


def _mark(client: FlaskClient, at_sec: float, said: str) -> None:
    """The owner marks a moment in what is cut afterwards, and quotes it at another one."""
    words = said.split()
    answer = client.post(
        f"/lectures/{FIRST.slug}/marks",
        json={
            "marks": [
                {"atSec": at_sec, "label": " ".join(words[:6])},
                {"atSec": 0.25, "label": " ".join(words[6:14])},
            ]
        },
    )
    assert answer.status_code == 200, answer.text


def _repeat(rt: Runtime, client: FlaskClient, said: str) -> None:
    """The owner writes down what is cut afterwards, and an answer to a write repeats it."""
    sentence = " ".join(said.split()[:12])
    answer = client.post(
        f"/lectures/{FIRST.slug}/items",
        json={"item": {"kind": "flashcard", "front": f"Who said {sentence}?", "back": "A guest."}},
    )
    assert answer.status_code == 201, answer.text
    with rt.database.unit_of_work() as session:
        session.add(
            IdempotencyKey(
                scope=OWNER,
                key="written-down",
                request_hash="",
                claim=rt.new_id(),
                response={"status": 200, "body": json.dumps({"text": said})},
                expires_at=rt.clock() + timedelta(hours=1),
            )
        )
        session.commit()


@pytest.mark.slow
def test_what_a_correction_took_out_leaves_the_files_of_other_lectures(
    rt: Runtime, client: FlaskClient, lectures: dict[Story, Lecture]
) -> None:
    quoted = "Each slot holds a linked list"
    said = Canary.of(quoted, (), besides="")
    assert _shown_by(rt, client, SECOND, said) != set()
    address = f"/lectures/{FIRST.slug}/transcript"
    current = client.get(address)
    [number] = [
        each["id"] for each in current.get_json()["utterances"] if each["text"].startswith(quoted)
    ]

    answer = client.patch(
        address,
        headers={"If-Match": current.headers["ETag"]},
        json={"corrections": [{"utteranceId": number, "text": None}], "regenerate": True},
    )
    assert answer.status_code == 200, answer.text
    drain(rt)

    assert _shown_by(rt, client, SECOND, said) == set()
    assert len(_exports(rt, lectures[SECOND])) >= 10


def _copy_everything(rt: Runtime, client: FlaskClient) -> None:
    """The owner's copy of everything, which may be fetched for some days."""
    assert client.post("/me/exports").status_code == 202
    assert make_account_exports(rt) > 0


def _exports(rt: Runtime, lecture: Lecture) -> dict[str, str]:
    with rt.database.reading() as session:
        rows = session.scalars(select(ExportRow).where(ExportRow.lecture_id == lecture.id))
        return {row.type: row.object for row in rows}


def _shown_by(rt: Runtime, client: FlaskClient, story: Story, canary: Canary) -> set[str]:
    """Files of a lecture that can be downloaded and hold something of the canary."""
    listed = client.get(f"/lectures/{story.slug}/exports").get_json()["exports"]
    return {
        each["type"]
        for each in listed
        for content in texts_of(rt.store.read(each["path"].removeprefix(rt.store.uri(""))))
        if canary.found_in(content)
    }

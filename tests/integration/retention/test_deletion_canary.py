"""Of what was deleted no word is left: rows, objects, what they are called, messages.

Two lectures of one course have been through everything. What the first one said, and who is named
in it, is then looked for wherever Pegasus keeps anything (tests/support/lectures/remains.py)."""

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from functions.ingest.app import create_app
from functions.retention.repairs.accounts import make_account_exports
from shared.models import ExportRow, JobType, Lecture
from shared.runtime import Runtime
from tests.support.clock import HeldClock
from tests.support.lectures import scripted_model
from tests.support.lectures.builders import changed, get_jobs
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

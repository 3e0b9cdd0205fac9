"""A lecture that is moved to another course: what goes with it, what stays, what is made again."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, update

from functions.export.formats.anki.identity import identities
from functions.export.gathering import gather
from functions.ingest.app import create_app
from shared.errors import LeaseLostError
from shared.models import (
    CardNamespace,
    JobType,
    Lecture,
    LectureStatus,
    WorkStatus,
)
from shared.runtime import Runtime
from tests.integration.material.test_card_identity import (
    flashcards,
    forget_guids,
    guids,
    guids_of_before,
    keys,
    say,
)
from tests.integration.material.test_card_identity import generate as generated
from tests.integration.material.test_siblings import exports, files, repeating, whole
from tests.integration.material.test_threads_of_lectures import (
    FIRST,
    SECOND,
    assert_no_reference_dangles,
    generate,
    said_by,
    threads,
    transcribed,
)
from tests.support.clock import HeldClock
from tests.support.database.invariants import violations
from tests.support.lectures.builders import (
    add_course,
    add_lecture,
    complete,
    get_jobs,
    get_lecture,
    running,
)
from tests.support.lectures.lived_lecture import drain
from tests.support.lectures.retention import retain
from tests.support.lectures.retention import transcribed as recorded_and_transcribed
from tests.unit.generate.lectures import lecture as heard

pytestmark = pytest.mark.usefixtures("owner_conditions")

OLD, NEW = "algorithms", "logic"


@pytest.fixture
def clock() -> HeldClock:
    """The bucket has a clock of its own: at the start both tell the same time."""
    return HeldClock(datetime.now(UTC))


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    add_course(runtime, NEW)
    return create_app(runtime).test_client()


def move(client: FlaskClient, slug: str, course: str = NEW, **others: Any) -> dict[str, Any]:
    answer = client.patch(f"/lectures/{slug}", json={"courseId": course, **others})
    assert answer.status_code == 200, answer.text
    shown: dict[str, Any] = answer.get_json()
    return shown


def test_the_lecture_is_shown_found_and_kept_in_its_new_course(
    runtime: Runtime, client: FlaskClient, clock: HeldClock
) -> None:
    lecture = whole(runtime, "hashing")
    client.put(f"/courses/{NEW}/retention", json={"transcriptDays": 3})
    before = client.get("/lectures/hashing/study").headers["ETag"]
    clock.advance(60)

    shown = move(client, "hashing", title="On hashing")

    assert (shown["courseId"], shown["title"]) == (NEW, "On hashing")
    assert shown == client.get("/lectures/hashing").get_json()
    assert datetime.fromisoformat(shown["updatedAt"]) == clock.now
    due = datetime.fromisoformat(shown["transcriptDeletesAt"])
    assert due == lecture.created_at + timedelta(days=3)
    listed = {
        course: [each["lectureId"] for each in client.get(address).get_json()["lectures"]]
        for course in (OLD, NEW)
        if (address := f"/courses/{course}/lectures")
    }
    assert listed == {OLD: [], NEW: ["hashing"]}
    for course, hits in ((OLD, 0), (NEW, 1)):
        found = client.post("/search", json={"q": "secret", "courseId": course}).get_json()
        assert len(found["hits"]) == hits
    answer = client.get("/lectures/hashing/study", headers={"If-None-Match": before})
    assert answer.status_code == 200


def test_retention_goes_by_the_rules_of_its_new_course(
    runtime: Runtime, client: FlaskClient, clock: HeldClock
) -> None:
    for slug in ("stays", "moved"):
        recorded_and_transcribed(runtime, slug, course=OLD)
    client.put(f"/courses/{OLD}/retention", json={"transcriptDays": 3})
    move(client, "moved")
    clock.advance(days=4)

    retain(runtime)

    kept = {
        slug: client.get(f"/lectures/{slug}").get_json()["available"]["transcript"]
        for slug in ("stays", "moved")
    }
    assert kept == {"stays": False, "moved": True}


def test_a_move_to_the_same_course_changes_nothing(
    runtime: Runtime, client: FlaskClient, clock: HeldClock
) -> None:
    lecture = whole(runtime, "hashing")
    before = client.get("/lectures/hashing").get_json()
    clock.advance(60)

    assert move(client, "hashing", OLD) == before
    assert exports(runtime, lecture) == []


def test_a_repeated_request_with_its_key_gets_its_first_answer(
    runtime: Runtime, client: FlaskClient
) -> None:
    lecture = whole(runtime, "hashing")
    for _ in range(2):
        answer = client.patch(
            "/lectures/hashing", json={"courseId": NEW}, headers={"Idempotency-Key": "move-1"}
        )
        assert answer.status_code == 200
    assert answer.headers["Idempotency-Replayed"] == "true"
    assert exports(runtime, lecture) == [WorkStatus.QUEUED]


def test_its_concepts_are_matched_with_the_threads_of_its_new_course(
    runtime: Runtime, client: FlaskClient, clock: HeldClock
) -> None:
    first, second = transcribed(runtime, FIRST), transcribed(runtime, SECOND)
    clock.advance(days=7)
    there = transcribed(runtime, "there", said=heard(SECOND), course=NEW)
    generate(runtime, first, second, there)
    drain(runtime)
    own = said_by(runtime, second)

    move(client, FIRST)

    assert said_by(runtime, first) == []
    assert said_by(runtime, second) == own
    for thread in threads(client, OLD).values():
        assert {each["lectureId"] for each in thread["occurrences"]} == {SECOND}
    drain(runtime)
    assert assert_no_reference_dangles(client, FIRST, course=NEW) > 0
    common = [
        thread
        for thread in threads(client, NEW).values()
        if {each["lectureId"] for each in thread["occurrences"]} == {FIRST, "there"}
    ]
    assert common
    assert get_lecture(runtime, first).status == LectureStatus.COMPLETED
    assert list(violations(runtime)) == []


def test_files_in_which_it_and_its_former_course_repeat_each_other_are_withdrawn(
    runtime: Runtime, client: FlaskClient
) -> None:
    moved, repeats, plain = (whole(runtime, slug) for slug in ("moved", "repeats", "plain"))
    repeating(runtime, repeats, moved)
    repeating(runtime, plain, repeats)
    repeating(runtime, moved, plain)

    move(client, "moved")

    assert files(runtime, repeats) == ["markdown"]
    assert files(runtime, plain) == ["markdown", "pdf"]
    assert files(runtime, moved) == ["markdown"], "one that repeats no other stands until then"
    assert [len(exports(runtime, each)) for each in (repeats, plain, moved)] == [1, 0, 1]


def test_jobs_that_have_read_the_former_course_record_nothing_and_run_again(
    runtime: Runtime, client: FlaskClient
) -> None:
    moved, sibling = whole(runtime, "moved"), whole(runtime, "sibling")
    leases = [running(runtime, moved, type) for type in (JobType.GENERATION, JobType.EXPORT)]
    leases.append(running(runtime, sibling, JobType.EXPORT))
    transcription = running(runtime, moved)

    move(client, "moved")

    for lease in leases:
        with pytest.raises(LeaseLostError):
            complete(runtime, lease)
        assert runtime.jobs.claim(lease.job_id, lease.type) is not None
    complete(runtime, transcription)
    assert list(violations(runtime)) == []


def test_material_is_made_again_of_the_preset_that_it_has(
    runtime: Runtime, client: FlaskClient
) -> None:
    lecture = whole(runtime, "hashing")
    client.patch("/lectures/hashing", json={"presetId": "beginner"})

    move(client, "hashing")

    [job] = get_jobs(runtime, lecture, JobType.GENERATION)
    assert job.params == {"preset_id": "exam"}


def test_without_its_transcript_the_material_stays_and_speaks_of_no_thread(
    runtime: Runtime, client: FlaskClient
) -> None:
    lecture, other = transcribed(runtime, FIRST), transcribed(runtime, SECOND)
    generate(runtime, lecture, other)
    drain(runtime)
    with runtime.database.unit_of_work() as session:
        session.execute(
            update(Lecture).where(Lecture.id == lecture.id).values(transcript_object=None)
        )
        session.commit()
    before = client.get(f"/lectures/{FIRST}/study").get_json()

    move(client, FIRST)
    drain(runtime)

    after = client.get(f"/lectures/{FIRST}/study").get_json()
    assert after["artifacts"] == before["artifacts"]
    assert (bool(before["threads"]), after["threads"]) == (True, [])
    assert len(get_jobs(runtime, lecture, JobType.GENERATION)) == 1
    assert get_jobs(runtime, lecture, JobType.EXPORT)[-1].status is WorkStatus.SUCCEEDED
    made = {each["type"] for each in client.get(f"/lectures/{FIRST}/exports").get_json()["exports"]}
    assert {"pdf", "anki", "json"} <= made
    assert list(violations(runtime)) == []


def test_identities_and_edits_are_as_they_were(runtime: Runtime, client: FlaskClient) -> None:
    lecture = transcribed(runtime, "hashing", said=heard(FIRST))
    generate(runtime, lecture)
    cards = client.get("/lectures/hashing/artifacts/flashcards")
    hidden = cards.get_json()["content"]["cards"][0]["id"]
    client.patch(
        f"/lectures/hashing/items/{hidden}",
        json={"hidden": True},
        headers={"If-Match": cards.headers["ETag"]},
    )
    drain(runtime)
    exported = gather(runtime, running(runtime, lecture, JobType.EXPORT))
    made, edits = guids(flashcards(runtime, lecture)), _edits(client)

    move(client, "hashing")
    drain(runtime)

    assert guids(flashcards(runtime, lecture)) == made
    assert _edits(client) == edits
    assert len(edits) == 1
    again = gather(runtime, running(runtime, lecture, JobType.EXPORT))
    assert again.card_namespace == exported.card_namespace
    assert [card.guid for card in again.material.flashcards.content.cards] == [
        card.guid for card in exported.material.flashcards.content.cards
    ]


def _edits(client: FlaskClient) -> list[dict[str, Any]]:
    edits: list[dict[str, Any]] = client.get("/lectures/hashing/items").get_json()["edits"]
    return edits


def test_cards_of_a_lecture_of_before_are_those_of_its_first_course(
    runtime: Runtime, client: FlaskClient
) -> None:
    """Its identities were derived from the keys of the lecture and of its course."""
    lecture = add_lecture(runtime, card_namespace=None)
    say(runtime, lecture, heard(FIRST))
    made = guids_of_before(lecture, keys(generated(runtime, lecture)))
    with runtime.database.unit_of_work() as session:
        session.get_one(Lecture, lecture.id).card_namespace = None
        session.execute(delete(CardNamespace))
        session.commit()
    forget_guids(runtime, lecture)

    move(client, "hashing")

    document = gather(runtime, running(runtime, lecture, JobType.EXPORT))
    assert [guid for _, guid in identities(document)] == made
    assert guids(generated(runtime, lecture)) == made

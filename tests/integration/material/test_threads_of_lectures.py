"""Threads across the lectures of a course, from transcripts through the stage to the API: two
related lectures, with and without a language model."""

import uuid
from collections.abc import Iterator
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from functions.generate.job import generate_material
from functions.generate.text.language import language_of
from functions.ingest.app import create_app
from shared.documents.artifacts import ArtifactType
from shared.documents.transcript import Transcript
from shared.messaging.events import JobMessage
from shared.models import JobType, Lecture, ThreadAccount, ThreadOccurrence, ThreadUpdate
from shared.runtime import Runtime
from shared.workers.outcomes import DONE
from tests.support.clock import HeldClock
from tests.support.lectures import scripted_model
from tests.support.lectures.builders import changed, columns, enqueue, uploaded
from tests.support.processes.threads import at_once
from tests.unit.generate.language_model.chat_server import serving
from tests.unit.generate.lectures import lecture as heard
from tests.unit.generate.lectures import spoken

FIRST, SECOND = "hashing-1", "hashing-2"
ENGLISH = language_of("en")
Document = dict[str, Any]


@pytest.fixture(params=["extractive", "scripted model"])
def rt(request: pytest.FixtureRequest, runtime: Runtime) -> Iterator[Runtime]:
    if request.param == "extractive":
        yield changed(runtime, plc_llm_provider="extractive")
        return
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
def lectures(rt: Runtime, clock: HeldClock) -> dict[str, Lecture]:
    """Both with a transcript, in one course, the second given a week after the first."""
    found = {}
    for name in (FIRST, SECOND):
        found[name] = transcribed(rt, name)
        clock.advance(days=7)
    return found


def transcribed(
    rt: Runtime, slug: str, *, said: Transcript | None = None, course: str = "algorithms"
) -> Lecture:
    lecture = uploaded(rt, slug, course=course)
    transcript = rt.names.transcript(lecture.id, uuid.uuid4(), 1)
    rt.store.create(transcript, (said or heard(slug)).to_json(), "application/json")
    with rt.database.unit_of_work() as session:
        session.get_one(Lecture, lecture.id).transcript_object = transcript
        session.commit()
    return lecture


def generate(rt: Runtime, *lectures: Lecture) -> None:
    for lecture in lectures:
        job_id = enqueue(rt, lecture, JobType.GENERATION, params={"preset_id": "exam"})
        assert generate_material(rt, JobMessage(job_id=job_id)) == DONE


def get(client: FlaskClient, path: str) -> Document:
    answer = client.get(path)
    assert answer.status_code == 200, answer.text
    document: Document = answer.get_json()
    return document


def threads(client: FlaskClient, course: str = "algorithms") -> dict[str, Document]:
    listed = get(client, f"/courses/{course}/threads?limit=200")["threads"]
    return {thread["title"]: thread for thread in listed}


def said_by(rt: Runtime, lecture: Lecture) -> list[Document]:
    """All that is recorded of what a lecture says, row by row."""
    with rt.database.unit_of_work() as session:
        return [
            columns(row)
            for table in (ThreadAccount, ThreadOccurrence, ThreadUpdate)
            for row in session.scalars(
                select(table)
                .where(table.lecture_id == lecture.id)
                .order_by(*table.__mapper__.primary_key)
            )
        ]


def items(artifact: Document) -> list[tuple[str | None, str]]:
    """The reference and the text of each item that has one of its own."""
    content = artifact["content"]
    return [
        *((t["threadRef"], t["term"]) for t in content.get("terms", ())),
        *((c["threadRef"], f"{c['front']} {c['back']}") for c in content.get("cards", ())),
        *((q["threadRef"], f"{q['question']} {q['answer']}") for q in content.get("questions", ())),
    ]


def assert_no_reference_dangles(client: FlaskClient, *names: str, course: str) -> int:
    """Each leads to a thread of this course that the lecture speaks of, and that the item
    names. Returns how many there are."""
    count = 0
    for name in names:
        for kind in ArtifactType:
            artifact = get(client, f"/lectures/{name}/artifacts/{kind.value}")
            found = {ref: get(client, f"/threads/{ref}") for ref in artifact["threadRefs"]}
            for thread in found.values():
                assert thread["courseId"] == course
                assert name in {said["lectureId"] for said in thread["occurrences"]}
            for ref, text in items(artifact):
                if ref is not None:
                    names_of = (found[ref]["title"], *found[ref]["aliases"])
                    assert any(_is_named(each, text) for each in names_of), (text, names_of)
                    count += 1
    return count


def _is_named(name: str, text: str) -> bool:
    plain = " ".join(ENGLISH.stems(text.replace("{{c1::", " ").replace("}}", " ")))
    return f" {' '.join(ENGLISH.stems(name))} " in f" {plain} "


def test_a_concept_continues_in_the_next_lecture_with_evidence_and_time(
    rt: Runtime, client: FlaskClient, lectures: dict[str, Lecture]
) -> None:
    generate(rt, *lectures.values())
    chaining = threads(client)["chaining"]
    assert [said["lectureId"] for said in chaining["occurrences"]] == sorted(
        said["lectureId"] for said in chaining["occurrences"]
    )
    assert {said["lectureId"] for said in chaining["occurrences"]} == {FIRST, SECOND}
    for said in chaining["occurrences"]:
        words = [w for u in heard(said["lectureId"]).utterances for w in u.words]
        within = [
            w.text for w in words if said["startSec"] <= w.start_sec and w.end_sec <= said["endSec"]
        ]
        assert " ".join(within) == said["quote"]


def test_what_the_second_lecture_takes_back_is_a_contradiction(
    rt: Runtime, client: FlaskClient, lectures: dict[str, Lecture]
) -> None:
    generate(rt, *lectures.values())
    (update,) = threads(client)["chaining"]["updates"]
    assert (update["lectureId"], update["change"]) == (SECOND, "contradiction")
    assert "only" in update["summary"]
    assert "keys are spread evenly" in update["summary"]


def test_a_lecture_that_is_worked_on_first_changes_nothing_that_it_does_not_follow(
    rt: Runtime, client: FlaskClient, lectures: dict[str, Lecture]
) -> None:
    generate(rt, lectures[SECOND], lectures[FIRST])
    for thread in threads(client).values():
        slugs = [said["lectureId"] for said in thread["occurrences"]]
        assert slugs == sorted(slugs)
        assert {update["lectureId"] for update in thread["updates"]} <= {SECOND}


@pytest.mark.sampled(1)
def test_generating_either_again_leaves_the_others_history_intact(
    rt: Runtime, client: FlaskClient, lectures: dict[str, Lecture], clock: HeldClock
) -> None:
    generate(rt, *lectures.values())
    before = threads(client)
    for again, other in ((FIRST, SECOND), (SECOND, FIRST)):
        kept = said_by(rt, lectures[other])
        clock.advance(days=1)
        generate(rt, lectures[again])
        assert said_by(rt, lectures[other]) == kept
        assert assert_no_reference_dangles(client, FIRST, SECOND, course="algorithms")
    # And, as nothing else was said, the whole of it.
    after = threads(client)
    assert _without_times(after) == _without_times(before)


def _without_times(found: dict[str, Document]) -> list[Document]:
    return [
        {**thread, "updates": [{**update, "at": None} for update in thread["updates"]]}
        for thread in found.values()
    ]


@pytest.mark.sampled(1)
@pytest.mark.parametrize(("deleted", "other"), [(FIRST, SECOND), (SECOND, FIRST)])
def test_deleting_either_leaves_the_others_history_intact(
    rt: Runtime, client: FlaskClient, lectures: dict[str, Lecture], deleted: str, other: str
) -> None:
    generate(rt, *lectures.values())
    kept = said_by(rt, lectures[other])
    assert client.delete(f"/lectures/{deleted}?purge_storage=true").status_code == 200
    assert said_by(rt, lectures[other]) == kept
    left = threads(client)
    for thread in left.values():
        assert {said["lectureId"] for said in thread["occurrences"]} == {other}
    assert assert_no_reference_dangles(client, other, course="algorithms")


def test_without_the_lecture_that_began_it_a_thread_is_told_in_the_words_of_the_next(
    rt: Runtime, client: FlaskClient, lectures: dict[str, Lecture]
) -> None:
    generate(rt, *lectures.values())
    begun = threads(client)["chaining"]
    client.delete(f"/lectures/{FIRST}?purge_storage=true")
    left = get(client, f"/threads/{begun['threadId']}")
    with rt.database.unit_of_work() as session:
        account = session.get_one(
            ThreadAccount, (uuid.UUID(begun["threadId"]), lectures[SECOND].id)
        )
    assert (left["title"], left["description"]) == (account.title, account.description)
    assert left["description"] != begun["description"]
    assert [update["change"] for update in left["updates"]] == ["contradiction"]


@pytest.mark.sampled(1)
def test_what_the_second_lecture_brought_goes_with_it(
    rt: Runtime, client: FlaskClient, lectures: dict[str, Lecture]
) -> None:
    generate(rt, lectures[FIRST])
    before = threads(client)
    generate(rt, lectures[SECOND])
    assert set(threads(client)) > set(before)
    client.delete(f"/lectures/{SECOND}?purge_storage=true")
    assert threads(client) == before


@pytest.mark.sampled(1)
def test_two_lectures_that_finish_at_once_lose_nothing(
    rt: Runtime, client: FlaskClient, lectures: dict[str, Lecture]
) -> None:
    jobs = [
        enqueue(rt, lecture, JobType.GENERATION, params={"preset_id": "exam"})
        for lecture in lectures.values()
    ]
    outcomes = at_once(lambda job_id: generate_material(rt, JobMessage(job_id=job_id)), jobs)
    # The stage between whose reads the other's threads were written gets its message again.
    for job_id, outcome in zip(jobs, outcomes, strict=True):
        assert outcome == DONE or generate_material(rt, JobMessage(job_id=job_id)) == DONE
    assert assert_no_reference_dangles(client, FIRST, SECOND, course="algorithms")
    for thread in threads(client).values():
        assert {update["lectureId"] for update in thread["updates"]} <= {SECOND}


@pytest.mark.sampled(1)
def test_no_item_refers_to_a_thread_of_another_course(
    rt: Runtime, client: FlaskClient, lectures: dict[str, Lecture]
) -> None:
    elsewhere = transcribed(rt, "hashing-elsewhere", said=heard(FIRST), course="compilers")
    generate(rt, *lectures.values(), elsewhere)
    assert assert_no_reference_dangles(client, "hashing-elsewhere", course="compilers")
    assert assert_no_reference_dangles(client, FIRST, SECOND, course="algorithms")
    assert not {t["threadId"] for t in threads(client).values()} & {
        t["threadId"] for t in threads(client, "compilers").values()
    }


def test_a_history_runs_as_the_lectures_were_given_whenever_they_were_worked_on(
    runtime: Runtime, lectures: dict[str, Lecture]
) -> None:
    third = transcribed(runtime, "hashing-3", said=spoken(THIRD))
    generate(runtime, lectures[FIRST], third, lectures[SECOND])
    chaining = threads(create_app(runtime).test_client())["chaining"]
    given = [FIRST, SECOND, "hashing-3"]
    assert list(dict.fromkeys(said["lectureId"] for said in chaining["occurrences"])) == given
    assert [update["lectureId"] for update in chaining["updates"]] == given[1:]
    assert chaining["updates"][0]["at"] >= chaining["updates"][1]["at"]


THIRD = (
    "With chaining, a crowded slot can hold a balanced tree in place of its list. "
    "Java turns a list into a tree beyond eight entries."
)


class TestOfAModel:
    @pytest.fixture
    def rt(self, runtime: Runtime) -> Iterator[Runtime]:
        with serving(scripted_model.answer) as server:
            yield changed(
                runtime,
                plc_llm_provider="openai",
                openai_api_key="sk-secret",
                openai_base_url=server.url,
                openai_model="test-model",
            )

    def test_a_name_that_the_first_lecture_gave_beside_its_title_is_recognized(
        self, rt: Runtime, client: FlaskClient, lectures: dict[str, Lecture]
    ) -> None:
        generate(rt, *lectures.values())
        table = threads(client)["hash map"]
        assert table["aliases"] == ["hash table", "hash tables"]
        assert {said["lectureId"] for said in table["occurrences"]} == {FIRST, SECOND}
        (update,) = table["updates"]
        assert (update["lectureId"], update["change"]) == (SECOND, "refinement")
        assert "tombstones" in update["summary"]

    def test_its_word_alone_does_not_join_what_has_nothing_in_common(
        self, rt: Runtime, client: FlaskClient, lectures: dict[str, Lecture]
    ) -> None:
        generate(rt, *lectures.values())
        found = threads(client)
        assert found["hash flooding"]["updates"] == []
        assert {s["lectureId"] for s in found["hash flooding"]["occurrences"]} == {SECOND}
        assert {s["lectureId"] for s in found["amortized analysis"]["occurrences"]} == {FIRST}

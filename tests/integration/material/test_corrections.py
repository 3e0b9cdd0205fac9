"""Corrections of a transcript: no change is lost, none is applied in part."""

import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from functions.export.job import export_lecture
from functions.generate.job import generate_material
from functions.ingest.app import create_app
from functions.retention.runs.expiry import expire
from functions.transcribe.vocabulary.confirming import has_surely
from scripts.integrity.checking import check_bucket
from scripts.integrity.mending import mend
from shared.courses.vocabulary import KEPT_TERMS, MOST_TERMS, learn_terms, vocabulary_of
from shared.documents.artifacts import ArtifactType
from shared.documents.transcript import Transcript, Utterance, Word
from shared.fault_points import listen
from shared.messaging.events import JobMessage
from shared.models import (
    ArtifactRow,
    Course,
    CourseTerm,
    ExportRow,
    JobType,
    Lecture,
    LectureStatus,
    Thread,
    ThreadAccount,
    ThreadOccurrence,
    TranscriptRevision,
    WorkStatus,
)
from shared.runtime import Runtime
from shared.search.passages import index_transcript
from shared.workers.outcomes import DONE
from tests.integration.material.test_generation import transcribed
from tests.support.clock import HeldClock
from tests.support.lectures.builders import complete, enqueue, get_jobs, get_lecture, running
from tests.support.lectures.retention import outcomes, recorded, there
from tests.support.processes.threads import at_once
from tests.unit.generate.lectures import lecture as spoken_lecture

pytestmark = pytest.mark.usefixtures("owner_conditions")

SAID = ("We go by oiler's method today.", "It is a slow one.", "Nafistokes comes next.")
ADDRESS = "/lectures/hashing/transcript"


@pytest.fixture
def clock() -> HeldClock:
    """The bucket has a clock of its own: at the start both tell the same time."""
    return HeldClock(datetime.now(UTC))


@pytest.fixture
def lecture(runtime: Runtime) -> Lecture:
    """A completed lecture with a transcript."""
    lecture = recorded(runtime)
    transcribe(runtime, lecture, SAID)
    return lecture


@pytest.fixture
def client(runtime: Runtime, lecture: Lecture) -> FlaskClient:
    return create_app(runtime).test_client()


def transcribe(rt: Runtime, lecture: Lecture, texts: tuple[str, ...]) -> str:
    """As a transcription ends that finds this; returns the object's name."""
    lease = running(rt, lecture)
    transcript = Transcript(
        language="en",
        duration_sec=60,
        provider="whisper",
        model="base",
        utterances=tuple(
            Utterance(
                id=index,
                start_sec=index * 10,
                end_sec=index * 10 + len(text.split()),
                text=text,
                confidence=0.5,
                words=tuple(
                    Word(
                        text=word,
                        start_sec=index * 10 + number,
                        end_sec=index * 10 + number + 1,
                        probability=0.5,
                    )
                    for number, word in enumerate(text.split())
                ),
            )
            for index, text in enumerate(texts)
        ),
    )
    name = rt.names.transcript(lecture.id, lease.job_id, lease.attempt)
    rt.store.create(name, transcript.to_json(), "application/json")
    with rt.database.unit_of_work() as session:
        rt.jobs.complete(session, lease, result={})
        row = session.get_one(Lecture, lecture.id)
        row.transcript_object = name
        row.status = LectureStatus.COMPLETED
        index_transcript(session, lecture.id, transcript)
        session.commit()
    return name


def etag(client: FlaskClient) -> str:
    return client.get(ADDRESS).headers["ETag"]


def correct(
    client: FlaskClient,
    texts: Mapping[int, str | None],
    *,
    match: str | None = None,
    **more: Any,
) -> TestResponse:
    return client.patch(
        ADDRESS,
        headers={"If-Match": match or etag(client)},
        json={
            "corrections": [{"utteranceId": key, "text": text} for key, text in texts.items()],
            **more,
        },
    )


def texts(client: FlaskClient, query: str = "") -> tuple[str, ...]:
    answer = client.get(ADDRESS + query)
    assert answer.status_code == 200
    return tuple(utterance["text"] for utterance in answer.get_json()["utterances"])


def problem(answer: TestResponse) -> tuple[int, str]:
    return answer.status_code, answer.get_json(force=True)["code"]


def found(client: FlaskClient, words: str) -> int:
    total: int = client.get("/search", query_string={"q": words}).get_json()["pagination"]["total"]
    return total


def course_terms(rt: Runtime) -> set[str]:
    with rt.database.reading() as session:
        return set(session.scalars(select(CourseTerm.term)))


def revision_objects(rt: Runtime) -> list[str]:
    with rt.database.reading() as session:
        return list(
            session.scalars(select(TranscriptRevision.object).order_by(TranscriptRevision.number))
        )


class TestCorrecting:
    def test_the_corrected_transcript_counts_at_once_and_is_what_the_search_finds(
        self, client: FlaskClient
    ) -> None:
        before = client.get(ADDRESS).get_json()

        answer = correct(client, {0: "  We go by Euler's\u00a0method today."})

        assert answer.status_code == 200
        told = answer.get_json()
        assert (told["lectureId"], told["revision"], told["corrected"]) == ("hashing", 2, 1)
        assert (told["etag"], told["jobId"]) == (etag(client), None)
        after = client.get(ADDRESS).get_json()
        assert after["utterances"][1:] == before["utterances"][1:]
        utterance = after["utterances"][0]
        assert utterance["text"] == "We go by Euler's method today."
        assert utterance["words"][3] == {
            "text": "Euler's",
            "startSec": 3,
            "endSec": 4,
            "probability": 1,
        }
        assert utterance["words"][4] == before["utterances"][0]["words"][4]
        assert (found(client, "Euler"), found(client, "oiler"), found(client, "slow")) == (1, 0, 1)

    def test_a_correction_of_what_has_changed_meanwhile_is_refused(
        self, client: FlaskClient
    ) -> None:
        seen = etag(client)
        assert correct(client, {0: "First."}, match=seen).status_code == 200

        assert problem(correct(client, {1: "Second."}, match=seen)) == (412, "transcript_changed")

        assert texts(client) == ("First.", *SAID[1:])

    def test_without_a_condition_nothing_is_corrected(self, client: FlaskClient) -> None:
        for headers in ({}, {"If-Match": "*"}, {"If-Match": "hashing"}):
            answer = client.patch(
                ADDRESS,
                headers=headers,
                json={"corrections": [{"utteranceId": 0, "text": "Overwritten."}]},
            )
            assert problem(answer) == (428, "condition_missing")

        assert texts(client) == SAID

    def test_a_proxy_may_have_weakened_the_etag(self, client: FlaskClient) -> None:
        assert correct(client, {0: "First."}, match=f"W/{etag(client)}").status_code == 200

    def test_of_many_corrections_at_once_one_is_made_and_the_others_are_told(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        seen = etag(client)
        app = create_app(runtime)

        answers = at_once(
            lambda number: correct(
                app.test_client(), {0: f"Correction {number}."}, match=seen, regenerate=True
            ),
            range(6),
        )

        assert sorted(answer.status_code for answer in answers) == [200, *[412] * 5]
        winner = next(n for n, answer in enumerate(answers) if answer.status_code == 200)
        assert texts(client)[0] == f"Correction {winner}."
        assert len(revision_objects(runtime)) == 2

    @pytest.mark.parametrize(
        ("corrections", "code"),
        [
            ([], "invalid_request"),
            ([{"utteranceId": 0, "text": ""}], "invalid_request"),
            ([{"utteranceId": 0, "text": " \u2003"}], "invalid_request"),
            ([{"utteranceId": 0, "text": "a\u0000b"}], "invalid_request"),
            ([{"utteranceId": 0, "text": "\u200b\u202e"}], "invalid_request"),
            ([{"utteranceId": 0, "text": "x" * 2001}], "invalid_request"),
            ([{"utteranceId": -1, "text": "x"}], "invalid_request"),
            ([{"utteranceId": 0, "text": "x"}] * 2, "invalid_request"),
            (
                [{"utteranceId": 0, "text": "x"}, {"utteranceId": 3, "text": "y"}],
                "utterance_unknown",
            ),
        ],
    )
    def test_what_makes_no_sense_is_refused_as_a_whole(
        self, client: FlaskClient, corrections: list[dict[str, Any]], code: str
    ) -> None:
        answer = client.patch(
            ADDRESS, headers={"If-Match": etag(client)}, json={"corrections": corrections}
        )

        assert problem(answer) == (422, code)
        assert texts(client) == SAID

    def test_what_reads_as_before_makes_no_revision(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        seen = etag(client)

        told = correct(client, {1: SAID[1]}).get_json()

        assert (told["revision"], told["corrected"], told["etag"]) == (1, 0, seen)
        assert revision_objects(runtime) == []

    def test_while_the_lecture_is_transcribed_again_there_is_nothing_to_correct(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        enqueue(runtime, lecture)

        assert problem(correct(client, {0: "Lost."})) == (409, "transcription_running")
        assert texts(client) == SAID

    def test_a_transcription_that_ended_meanwhile_is_not_overwritten(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        def transcribed_meanwhile(point: str, _work: str) -> None:
            if point == "correction.stored":
                transcribe(runtime, lecture, ("All new.",))

        listen(transcribed_meanwhile)

        assert problem(correct(client, {0: "Late."})) == (412, "transcript_changed")
        assert texts(client) == ("All new.",)

    def test_a_process_that_dies_before_the_end_has_changed_nothing(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        def dies(point: str, _work: str) -> None:
            if point == "correction.stored":
                raise RuntimeError("killed")

        listen(dies)
        assert correct(client, {0: "By Euler."}, regenerate=True).status_code == 500
        listen(None)

        assert texts(client) == SAID
        assert (found(client, "Euler"), course_terms(runtime)) == (0, set())
        assert get_jobs(runtime, lecture, JobType.GENERATION) == []
        assert correct(client, {0: "By Euler."}).get_json()["revision"] == 2

    def test_a_lecture_without_a_transcript_has_nothing_to_correct(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        recorded(runtime, "sorting")

        for answer in (
            client.patch(
                "/lectures/sorting/transcript",
                headers={"If-Match": etag(client)},
                json={"corrections": [{"utteranceId": 0, "text": "x"}]},
            ),
            client.get("/lectures/sorting/transcript/revisions"),
        ):
            assert problem(answer) == (404, "not_found")

    @pytest.mark.parametrize("last", ["/lectures/hashing", "/courses/algorithms"])
    def test_corrections_new_jobs_and_a_deletion_at_once_end_one_after_the_other(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture, last: str
    ) -> None:
        """Locks are taken in the documented order."""
        app = create_app(runtime)

        def act(number: int) -> int:
            mine = app.test_client()
            if number == 0:
                return mine.delete(last).status_code
            if number % 3 == 0:
                return mine.post("/lectures/hashing/generate").status_code
            match = mine.get(ADDRESS).headers.get("ETag", '"gone"')
            return correct(
                mine, {0: f"By Euler{number}."}, match=match, regenerate=number % 2 == 0
            ).status_code

        statuses = at_once(act, range(13))

        assert statuses[0] == 200
        # 428: it was gone before its ETag was read.
        assert set(statuses) <= {200, 202, 404, 412, 428}
        assert client.get(ADDRESS).status_code == 404
        assert revision_objects(runtime) == []
        if last.startswith("/courses/"):
            assert course_terms(runtime) == set()


class TestRegenerating:
    def test_material_is_made_anew_if_asked_for(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        told = correct(client, {0: "By Euler."}, regenerate=True).get_json()

        [job] = get_jobs(runtime, lecture, JobType.GENERATION)
        assert (told["jobId"], job.params) == (str(job.id), {"preset_id": "exam"})
        assert get_lecture(runtime, lecture).status == LectureStatus.PROCESSING

    def test_a_generation_that_has_read_the_old_words_is_done_once_more(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        lease = running(runtime, lecture, JobType.GENERATION)

        told = correct(client, {0: "By Euler."}, regenerate=True).get_json()
        complete(runtime, lease)

        assert told["jobId"] == str(lease.job_id)
        again = get_jobs(runtime, lecture, JobType.GENERATION)
        assert [job.status for job in again] == [WorkStatus.SUCCEEDED, WorkStatus.QUEUED]

    def test_otherwise_the_list_of_material_says_that_it_is_older(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture, clock: HeldClock
    ) -> None:
        def outdated() -> bool:
            listed: bool = client.get("/lectures/hashing/artifacts").get_json()["outdated"]
            return listed

        generate(runtime, lecture)
        assert not outdated()

        clock.advance(1)
        correct(client, {0: "By Euler."})
        assert outdated()
        assert get_jobs(runtime, lecture, JobType.GENERATION)[1:] == []

        clock.advance(1)
        generate(runtime, lecture)
        assert not outdated()


def generate(rt: Runtime, lecture: Lecture) -> None:
    lease = running(rt, lecture, JobType.GENERATION)
    rt_clock = rt.clock()
    with rt.database.unit_of_work() as session:
        for row in session.scalars(select(ArtifactRow)).all():
            session.delete(row)
        session.flush()
        session.add(
            ArtifactRow(
                id=uuid.uuid4(),
                lecture_id=lecture.id,
                type=ArtifactType.SUMMARY,
                preset_id="exam",
                version=1,
                object="artifacts/x",
                size=1,
                counts={},
                job_id=lease.job_id,
                created_at=rt_clock,
            )
        )
        session.commit()
    complete(rt, lease)


def restore(
    client: FlaskClient, revision: int, *, match: str | None = None, **more: Any
) -> TestResponse:
    return client.post(
        f"{ADDRESS}/restore",
        headers={"If-Match": match or etag(client)},
        json={"revision": revision, **more},
    )


class TestRestoring:
    def test_an_earlier_transcript_is_current_again_with_its_words_and_times(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        before = client.get(ADDRESS).get_json()
        correct(client, {0: "We go by Euler's method today."})
        correct(client, {1: None})
        assert course_terms(runtime) == {"Euler"}

        told = restore(client, 1).get_json()

        assert (told["revision"], told["corrected"], told["jobId"]) == (4, 2, None)
        assert told["etag"] == etag(client)
        assert client.get(ADDRESS).get_json() == before
        assert (found(client, "oiler"), found(client, "Euler"), found(client, "slow")) == (1, 0, 1)
        assert course_terms(runtime) == set()
        assert [(r["revision"], r["corrected"], r["current"]) for r in revisions(client)] == [
            (1, 0, False),
            (2, 1, False),
            (3, 1, False),
            (4, 2, True),
        ]

    def test_what_was_restored_can_be_taken_back_and_corrected(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        correct(client, {0: "By Euler."})
        restore(client, 1)

        assert restore(client, 2).get_json()["revision"] == 4
        assert texts(client) == ("By Euler.", *SAID[1:])
        assert course_terms(runtime) == {"Euler"}
        assert correct(client, {2: "Last."}).get_json()["revision"] == 5
        assert [each.findings for each in check_bucket(runtime, deep=True)] == [()]

    def test_words_that_no_person_wrote_are_not_learned(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        correct(client, {2: "Then Nafistokes comes next, of course."})
        correct(client, {2: "Then Navier Stokes comes next."})
        assert course_terms(runtime) == {"Navier Stokes"}

        restore(client, 2)
        restore(client, 1)

        assert course_terms(runtime) == set()

    def test_one_that_reads_as_the_current_one_makes_no_revision(self, client: FlaskClient) -> None:
        seen = etag(client)

        told = restore(client, 1).get_json()

        assert (told["revision"], told["corrected"], told["etag"]) == (1, 0, seen)

    def test_that_of_an_earlier_recognition_comes_with_its_language_and_warnings(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        correct(client, {0: "By Euler."})
        transcribe(runtime, lecture, ("Ganz neu.",))
        with runtime.database.unit_of_work() as session:
            session.execute(
                update(Lecture).values(
                    language="de", warnings=[{"code": "clipped", "params": {"seconds": 1.0}}]
                )
            )
            session.commit()

        assert restore(client, 2).status_code == 200

        assert texts(client) == ("By Euler.", *SAID[1:])
        shown = client.get("/lectures/hashing").get_json()
        assert (shown["language"], shown["warnings"]) == ("en", [])

    def test_a_transcript_that_changed_meanwhile_is_not_overwritten(
        self, client: FlaskClient
    ) -> None:
        seen = etag(client)
        correct(client, {0: "First."})

        assert problem(restore(client, 1, match=seen)) == (412, "transcript_changed")
        assert problem(restore(client, 1, match="*")) == (428, "condition_missing")
        assert problem(restore(client, 9)) == (404, "not_found")
        assert texts(client) == ("First.", *SAID[1:])

    def test_while_the_lecture_is_transcribed_again_nothing_is_restored(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        correct(client, {0: "First."})
        enqueue(runtime, lecture)

        assert problem(restore(client, 1)) == (409, "transcription_running")

    def test_the_material_is_made_again_if_that_is_asked_for(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        correct(client, {0: "First."})

        told = restore(client, 1, regenerate=True).get_json()

        assert [str(job.id) for job in get_jobs(runtime, lecture, JobType.GENERATION)] == [
            told["jobId"]
        ]


class TestRevisions:
    def test_earlier_ones_are_listed_and_can_be_read(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        [only] = revisions(client)
        assert (only["revision"], only["corrected"], only["current"]) == (1, 0, True)

        correct(client, {0: "One."})
        correct(client, {1: "Two.", 2: "Three."})

        listed = revisions(client)
        assert [(r["revision"], r["corrected"], r["current"]) for r in listed] == [
            (1, 0, False),
            (2, 1, False),
            (3, 2, True),
        ]
        assert listed[0] == {**only, "current": False}
        assert [r["path"] for r in listed] == [
            runtime.store.uri(name) for name in revision_objects(runtime)
        ]
        assert texts(client, "?revision=1") == SAID
        assert texts(client, "?revision=2") == ("One.", *SAID[1:])
        assert texts(client, "?revision=3") == texts(client) == ("One.", "Two.", "Three.")
        assert problem(client.get(f"{ADDRESS}?revision=4")) == (404, "not_found")

    def test_a_new_transcription_replaces_the_corrected_one_which_stays_readable(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        correct(client, {0: "By Euler."})
        transcribe(runtime, lecture, ("All new.",))

        assert texts(client) == texts(client, "?revision=3") == ("All new.",)
        assert texts(client, "?revision=2") == ("By Euler.", *SAID[1:])
        assert [(r["revision"], r["current"]) for r in revisions(client)] == [
            (1, False),
            (2, False),
            (3, True),
        ]
        assert correct(client, {0: "All right."}).get_json()["revision"] == 4
        assert "Euler" in course_terms(runtime)

    def test_all_go_with_the_transcript_and_no_sooner(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture, clock: HeldClock
    ) -> None:
        correct(client, {0: "One."})
        correct(client, {0: "Two."})
        names = revision_objects(runtime)
        make_transcript_files(runtime, lecture)
        clock.advance(days=3)
        expire(runtime)
        assert all(there(runtime, name) for name in names)

        clock.advance(days=runtime.settings.plc_retention_transcript_days)
        expire(runtime)

        assert not any(there(runtime, name) for name in names)
        assert revision_objects(runtime) == []
        assert get_lecture(runtime, lecture).transcript_object is None
        assert {outcomes(runtime)[runtime.store.uri(name)] for name in names} == {"deleted"}
        assert found(client, "slow") == 0

    def test_what_a_correction_that_died_has_left_is_swept_and_nothing_else(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture, clock: HeldClock
    ) -> None:
        correct(client, {0: "One."})
        make_transcript_files(runtime, lecture)
        left = runtime.names.corrected_transcript(lecture.id, uuid.uuid4())
        runtime.store.create(left, b"{}", "application/json")
        clock.advance(days=2)

        expire(runtime)

        assert not there(runtime, left)
        assert texts(client, "?revision=1") == SAID
        assert texts(client) == ("One.", *SAID[1:])

    def test_all_go_with_the_lecture(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        correct(client, {0: "One."})
        names = revision_objects(runtime)

        assert client.delete("/lectures/hashing").status_code == 200

        assert not any(there(runtime, name) for name in names)
        assert revision_objects(runtime) == []

    def test_the_integrity_check_knows_them_and_misses_one_that_is_gone(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        correct(client, {0: "One."})
        make_transcript_files(runtime, lecture)
        assert [each.findings for each in check_bucket(runtime, deep=True)] == [()]
        checks = client.get("/lectures/hashing/integrity").get_json()["objects"]
        assert [
            (c["kind"], c["type"], c["status"])
            for c in checks
            if c["kind"] not in ("recording", "export")
        ] == [
            ("transcript", None, "ok"),
            ("revision", "1", "ok"),
        ]
        first, current = revision_objects(runtime)
        runtime.store.delete(first)

        [checked] = check_bucket(runtime, deep=False)
        [(finding, _, mended)] = mend(runtime, checked)

        assert (finding.problem, finding.name, mended) == ("row_without_object", first, True)
        assert [each.findings for each in check_bucket(runtime, deep=False)] == [()]
        assert revision_objects(runtime) == [current]
        assert [r["revision"] for r in revisions(client)] == [2]


def revisions(client: FlaskClient) -> list[dict[str, Any]]:
    listed: list[dict[str, Any]] = client.get(f"{ADDRESS}/revisions").get_json()["revisions"]
    return listed


class TestRemoval:
    def test_an_utterance_is_removed_in_a_new_revision(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        before = client.get(ADDRESS).get_json()["utterances"]

        told = correct(client, {1: None}).get_json()

        assert (told["revision"], told["corrected"]) == (2, 1)
        after = client.get(ADDRESS).get_json()["utterances"]
        assert [each["id"] for each in after] == [0, 1]
        assert [{**each, "id": 0} for each in after] == [
            {**each, "id": 0} for each in (before[0], before[2])
        ]
        assert texts(client, "?revision=1") == SAID
        assert (found(client, "slow"), found(client, "method")) == (0, 1)

    def test_others_are_corrected_by_the_ids_that_were_read(self, client: FlaskClient) -> None:
        told = correct(client, {0: None, 1: "It is a quick one."}).get_json()

        assert told["corrected"] == 2
        assert texts(client) == ("It is a quick one.", SAID[2])

    def test_one_after_the_other(self, client: FlaskClient) -> None:
        correct(client, {0: None})
        correct(client, {0: None})

        assert texts(client) == (SAID[2],)
        assert [each["revision"] for each in revisions(client)] == [1, 2, 3]

    def test_something_has_to_stay(self, client: FlaskClient) -> None:
        refused = correct(client, dict.fromkeys(range(len(SAID))))

        assert problem(refused) == (422, "transcript_empty")
        assert texts(client) == SAID

    def test_an_unknown_one_is_refused(self, client: FlaskClient) -> None:
        assert problem(correct(client, {7: None})) == (422, "utterance_unknown")

    def test_a_correction_says_what_becomes_of_the_text(self, client: FlaskClient) -> None:
        answer = client.patch(
            ADDRESS,
            headers={"If-Match": etag(client)},
            json={"corrections": [{"utteranceId": 0}]},
        )
        assert problem(answer) == (422, "invalid_request")

    def test_its_terms_are_forgotten_unless_others_say_them(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        correct(client, {0: "We go by Euler's method.", 1: "Then by Gauss and by Euler too."})
        assert course_terms(runtime) == {"Euler", "Gauss"}

        correct(client, {1: None})

        assert course_terms(runtime) == {"Euler"}

    @pytest.mark.selection
    def test_material_files_and_threads_made_anew_have_nothing_of_it(
        self, runtime: Runtime
    ) -> None:
        said = spoken_lecture("hashing-1")
        lecture = transcribed(runtime, said)
        make_everything(runtime, lecture)
        client = create_app(runtime).test_client()
        remark = next(each for each in said.utterances if quoted(runtime, lecture, each.text))

        correct(client, {remark.id: None}, regenerate=True)
        make_everything(runtime, lecture)

        assert not quoted(runtime, lecture, remark.text)
        with runtime.database.reading() as session:
            files = session.scalars(
                select(ExportRow.object).where(ExportRow.lecture_id == lecture.id)
            ).all()
        shown = [runtime.store.read(name) for name in files if not name.endswith(PACKED)]
        assert len(shown) >= 4
        assert [data for data in shown if remark.text.encode() in data] == []


PACKED = (".zip", ".pdf", ".docx", ".apkg")


def make_everything(rt: Runtime, lecture: Lecture) -> None:
    """Material by the provider that needs no model, then the files."""
    job = enqueue(rt, lecture, JobType.GENERATION, params={"preset_id": "exam"})
    assert generate_material(rt, JobMessage(job_id=job)) == DONE
    export = enqueue(rt, lecture, JobType.EXPORT, params={})
    assert export_lecture(rt, JobMessage(job_id=export)) == DONE


def make_transcript_files(rt: Runtime, lecture: Lecture) -> None:
    """Those that a correction has queued: until then the lecture is in use."""
    [job] = get_jobs(rt, lecture, JobType.EXPORT)
    assert export_lecture(rt, JobMessage(job_id=job.id)) == DONE


def quoted(rt: Runtime, lecture: Lecture, text: str) -> bool:
    """Whether an artifact or a thread quotes it."""
    with rt.database.reading() as session:
        names = session.scalars(
            select(ArtifactRow.object).where(ArtifactRow.lecture_id == lecture.id)
        ).all()
        quotes = session.scalars(
            select(ThreadOccurrence.quote).where(ThreadOccurrence.lecture_id == lecture.id)
        ).all()
    return text in quotes or any(text.encode() in rt.store.read(name) for name in names)


class TestVocabulary:
    def test_terms_that_were_put_right_are_kept_for_the_course(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        correct(client, {0: "We go by Euler's method today.", 2: "Navier Stokes comes next."})

        assert course_terms(runtime) == {"Euler", "Navier Stokes"}

    def test_a_term_that_is_corrected_away_is_forgotten(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        correct(client, {0: "We go by Eulre's method today."})
        correct(client, {0: "We go by Euler's method today."})

        assert course_terms(runtime) == {"Euler"}

    def test_they_go_with_the_course(self, client: FlaskClient, runtime: Runtime) -> None:
        correct(client, {0: "We go by Euler's method today."})

        assert client.delete("/courses/algorithms").status_code == 200

        assert course_terms(runtime) == set()

    def test_corrections_come_first_the_youngest_of_them_and_each_term_once(
        self, runtime: Runtime, lecture: Lecture, clock: HeldClock
    ) -> None:
        with runtime.database.unit_of_work() as session:
            for terms in (("Euler", "Fourier"), ("Gauss",)):
                clock.advance(1)
                learn_terms(
                    session,
                    lecture.course_id,
                    lecture.id,
                    put_in=terms,
                    taken_out=(),
                    now=clock.now,
                )
            session.execute(update(Lecture).values(title="On numbers"))
            session.execute(update(Course).values(title="Gauss"))
            session.commit()

        assert vocabulary(runtime, lecture) == ["Gauss", "Euler", "Fourier", "On numbers"]

    def test_a_course_keeps_its_youngest_terms_and_tells_some_of_them(
        self, runtime: Runtime, lecture: Lecture, clock: HeldClock
    ) -> None:
        with runtime.database.unit_of_work() as session:
            for number in range(KEPT_TERMS + 5):
                clock.advance(1)
                learn_terms(
                    session,
                    lecture.course_id,
                    lecture.id,
                    put_in=[f"term {number:03}"],
                    taken_out=(),
                    now=clock.now,
                )
            session.commit()

        kept = course_terms(runtime)
        assert len(kept) == KEPT_TERMS
        assert min(kept) == "term 005"
        assert vocabulary(runtime, lecture) == [
            f"term {number:03}" for number in range(KEPT_TERMS + 4, KEPT_TERMS + 4 - MOST_TERMS, -1)
        ]

    def test_a_thread_counts_once_two_other_lectures_have_its_title_surely(
        self, runtime: Runtime, lecture: Lecture
    ) -> None:
        spoken_of(runtime, lecture, "Calvin cycle", 0.9)
        spoken_of(runtime, lecture, "Calvin cycle", 0.4)
        spoken_of(runtime, lecture, "Kelvin cycle", 0.5)
        spoken_of(runtime, lecture, "Kelvin cycle", 0.9)
        spoken_of(runtime, lecture, "chlorophyll", 0.9)
        assert vocabulary(runtime, lecture) == []

        spoken_of(runtime, lecture, "Calvin cycle", 0.9)

        assert vocabulary(runtime, lecture) == ["Calvin cycle"]

    def test_a_lecture_does_not_confirm_what_is_heard_in_itself(
        self, runtime: Runtime, lecture: Lecture
    ) -> None:
        first = spoken_of(runtime, lecture, "Calvin cycle", 0.9)
        assert vocabulary(runtime, first) == []
        spoken_of(runtime, lecture, "Calvin cycle", 0.9)
        assert vocabulary(runtime, first) == []

        missing = spoken_of(runtime, lecture, "Calvin cycle", 0.9)
        runtime.store.delete(str(missing.transcript_object))
        assert vocabulary(runtime, first) == []

        spoken_of(runtime, lecture, "Calvin cycle", 0.9)
        assert vocabulary(runtime, first) == ["Calvin cycle"]


def spoken_of(rt: Runtime, beside: Lecture, title: str, probability: float) -> Lecture:
    """Another lecture of the course, in which a thread's title was heard so surely."""
    words = tuple(
        Word(text=text, start_sec=n, end_sec=n + 0.5, probability=probability)
        for n, text in enumerate(title.split())
    )
    said = Transcript(
        language="en",
        duration_sec=10,
        provider="whisper",
        model="base",
        utterances=(
            Utterance(
                id=0, start_sec=0, end_sec=5, text=title, confidence=probability, words=words
            ),
        ),
    )
    lecture_id = uuid.uuid4()
    name = f"transcripts/{lecture_id}.json"
    rt.store.create(name, said.to_json(), "application/json")
    with rt.database.unit_of_work() as session:
        other = Lecture(
            id=lecture_id,
            course_id=beside.course_id,
            owner=beside.owner,
            slug=str(lecture_id),
            preset_id="exam",
            status=LectureStatus.COMPLETED,
            source_object=str(lecture_id),
            content_type="audio/wav",
            transcript_object=name,
            created_at=rt.clock(),
            updated_at=rt.clock(),
        )
        thread = session.scalar(
            select(Thread).where(Thread.course_id == beside.course_id, Thread.key == title)
        ) or Thread(
            id=uuid.uuid4(),
            course_id=beside.course_id,
            key=title,
            title=title,
            description="",
            complexity=1,
            created_at=rt.clock(),
            updated_at=rt.clock(),
        )
        session.add_all([other, thread])
        session.flush()
        session.add(
            ThreadAccount(
                thread_id=thread.id,
                lecture_id=lecture_id,
                title=title,
                aliases=[],
                description="",
                complexity=1,
            )
        )
        session.commit()
    return other


def vocabulary(rt: Runtime, lecture: Lecture) -> list[str]:
    with rt.database.reading() as session:
        row = session.get_one(Lecture, lecture.id)
        found = vocabulary_of(session, session.get_one(Course, row.course_id), row)
    return found.confirmed(partial(has_surely, rt.store))

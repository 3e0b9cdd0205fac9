"""A span of time is cut out of a lecture: from the answer on none of its words can be read."""

import io
import uuid
import zipfile
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from functions.export.job import export_lecture
from functions.ingest.corrections.cuts import MOST_CUTS
from functions.retention.repairs.accounts import make_account_exports
from functions.retention.runs.expiry import expire
from functions.retention.sweep import sweep
from shared.courses.vocabulary import learn_terms
from shared.documents.items import ItemKind
from shared.errors import GenerationInvalidError
from shared.fault_points import listen
from shared.messaging.events import JobMessage
from shared.models import (
    AccountExport,
    ArtifactRow,
    CourseTerm,
    Cut,
    ExportRow,
    ItemEdit,
    JobType,
    Lecture,
    WorkStatus,
)
from shared.runtime import Runtime
from shared.workers.outcomes import DONE, DUPLICATE
from tests.integration.cuts.conftest import (
    ADDRESS,
    CUT,
    SAID,
    code_of,
    cut,
    silence,
    states,
    texts,
)
from tests.integration.material.test_corrections import correct, found
from tests.support.clock import HeldClock
from tests.support.lectures.builders import (
    add_lecture,
    enqueue,
    failed,
    get_job,
    get_jobs,
    get_lecture,
    running,
)
from tests.support.lectures.retention import outcomes, there

pytestmark = pytest.mark.usefixtures("owner_conditions")

KEPT = (SAID[0], SAID[2])


def cuts_in(rt: Runtime) -> list[tuple[float, float]]:
    with rt.database.reading() as session:
        rows = session.scalars(select(Cut).order_by(Cut.start_sec)).all()
        return [(row.start_sec, row.end_sec) for row in rows]


class TestFilesOfTheTranscript:
    """Captions and text, which are made beside the material."""

    def test_a_cut_while_they_are_made_leaves_no_word_of_it(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        job = enqueue(runtime, lecture, JobType.EXPORT, params={"transcript_only": True})

        def cut_meanwhile(point: str, _work: str) -> None:
            if point == "transcript_files.stored":
                listen(None)
                assert stored_files(runtime, lecture) != []
                assert cut(client).status_code == 202

        listen(cut_meanwhile)

        assert export_lecture(runtime, JobMessage(job_id=job)) == DUPLICATE

        assert stored_files(runtime, lecture) == []
        assert client.get(f"{ADDRESS}/exports").get_json()["exports"] == []

    def test_they_are_made_of_what_stays(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        job = enqueue(runtime, lecture, JobType.EXPORT, params={"transcript_only": True})
        assert export_lecture(runtime, JobMessage(job_id=job)) == DONE

        answer = cut(client)

        assert stored_files(runtime, lecture) == []
        client.post(f"/jobs/{answer.get_json()['jobId']}/cancel")
        job = next(each.id for each in get_jobs(runtime, lecture, JobType.EXPORT)[::-1])
        assert export_lecture(runtime, JobMessage(job_id=job)) == DONE
        made = " ".join(" ".join(stored_files(runtime, lecture)).split())
        assert "Euler" in made and "Stokes" in made
        assert "Miller" not in made and "examination" not in made


def stored_files(rt: Runtime, lecture: Lecture) -> list[str]:
    """All in the folder of the lecture's files, whether a row names them or not."""
    folder = rt.names.folder("exports", lecture.id)
    return [rt.store.read(each.name).decode() for each in rt.store.list(folder)]


class TestTheWords:
    def test_they_are_in_no_transcript_and_no_search(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        before = client.get(f"{ADDRESS}/transcript").headers["ETag"]

        answer = cut(client)

        assert answer.status_code == 202, answer.text
        assert answer.get_json()["utterances"] == 1
        assert texts(client) == KEPT
        assert client.get(f"{ADDRESS}/transcript").headers["ETag"] != before
        assert (found(client, "Miller"), found(client, "Euler")) == (0, 1)
        assert not there(runtime, str(lecture.transcript_object))

    def test_times_do_not_move(self, client: FlaskClient) -> None:
        before = client.get(f"{ADDRESS}/transcript").get_json()["utterances"]

        cut(client)

        after = client.get(f"{ADDRESS}/transcript").get_json()["utterances"]
        assert [each["startSec"] for each in after] == [
            before[0]["startSec"],
            before[2]["startSec"],
        ]
        assert after[1]["words"] == before[2]["words"]

    def test_nor_in_an_earlier_revision_from_which_they_were_removed(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        """What `"text": null` leaves behind, which was all there was before there were cuts."""
        first = str(lecture.transcript_object)
        assert correct(client, {1: None}).status_code == 200
        assert there(runtime, first)

        answer = cut(client)

        assert answer.get_json()["utterances"] == 0
        assert not there(runtime, first)
        assert code_of(client.get(f"{ADDRESS}/transcript?revision=1")) == (404, "not_found")
        assert texts(client) == KEPT
        [revision] = client.get(f"{ADDRESS}/transcript/revisions").get_json()["revisions"]
        assert (revision["revision"], revision["current"]) == (2, True)

    def test_one_that_was_being_made_current_again_does_not_bring_them_back(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        """The current transcript has nothing of the span, so the cut leaves it as it is."""
        correct(client, {1: None})
        etag = client.get(f"{ADDRESS}/transcript").headers["ETag"]
        answers: list[int] = []

        def cut_meanwhile(point: str, _work: str) -> None:
            if point == "correction.stored" and not answers:
                answers.append(cut(client).status_code)

        listen(cut_meanwhile)
        restored = client.post(
            f"{ADDRESS}/transcript/restore", json={"revision": 1}, headers={"If-Match": etag}
        )

        assert answers == [202]
        assert code_of(restored) == (404, "not_found")
        assert texts(client) == KEPT

    def test_the_numbers_of_revisions_go_on(self, client: FlaskClient) -> None:
        assert correct(client, {0: "By Euler."}).get_json()["revision"] == 2

        cut(client)

        assert correct(client, {0: "By Leonhard Euler."}).get_json()["revision"] == 4

    def test_a_span_that_meets_words_is_widened_to_them(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        answer = cut(client, {"startSec": 12.5, "endSec": 13.5})

        [record] = answer.get_json()["cuts"]
        assert (record["startSec"], record["endSec"]) == (12, 14)
        assert texts(client)[1:3] == ("Between us", "has failed his examination twice.")

    def test_a_correction_that_was_under_way_does_not_bring_them_back(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        """The cut is prepared again from what was corrected meanwhile."""
        corrected: list[int] = []

        def correct_meanwhile(point: str, _work: str) -> None:
            if point == "lecture_cut.stored" and not corrected:
                corrected.append(correct(client, {0: "By Euler."}).status_code)

        listen(correct_meanwhile)

        assert cut(client).status_code == 202
        assert corrected == [200]
        assert texts(client) == ("By Euler.", SAID[2])

    def test_terms_go_that_were_said_nowhere_else(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        other = add_lecture(runtime, "sorting")
        with runtime.database.unit_of_work() as session:
            for of, terms in (
                (lecture.id, ["Miller", "Mister Miller", "Euler"]),
                (other.id, ["Miller"]),
            ):
                learn_terms(
                    session, lecture.course_id, of, put_in=terms, taken_out=(), now=runtime.clock()
                )
            session.commit()

        cut(client)

        with runtime.database.reading() as session:
            left = {row.term: row.lectures for row in session.scalars(select(CourseTerm))}
        assert left == {"Miller": [other.id], "Euler": [lecture.id]}

    def test_what_the_owner_wrote_goes_only_where_it_quotes_them(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        written = {
            "own": "Who is Mister Miller?",
            "nearly": "Has Miller failed his examination?",
            "quote": "Why it is so: “Miller has failed his examination” was said.",
        }
        with runtime.database.unit_of_work() as session:
            for name, front in written.items():
                session.add(_card(runtime, lecture, name, front))
            session.commit()

        cut(client)

        with runtime.database.reading() as session:
            assert set(session.scalars(select(ItemEdit.item_id))) == {"own", "nearly"}

    def test_of_an_error_that_quotes_them_the_code_stays(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        refusal = GenerationInvalidError(f"The model answered: {SAID[1]}")
        job = failed(runtime, lecture, JobType.GENERATION, reason=refusal)

        cut(client)

        error = get_job(runtime, job.id).error
        assert error is not None
        assert error["code"] == "generation_invalid"
        assert "Miller" not in error["message"]


def _card(rt: Runtime, lecture: Lecture, name: str, front: str) -> ItemEdit:
    return ItemEdit(
        lecture_id=lecture.id,
        item_id=name,
        kind=ItemKind.FLASHCARD,
        own=True,
        hidden=False,
        fields={"front": front, "back": "So."},
        revision=rt.new_id(),
        created_at=rt.clock(),
        updated_at=rt.clock(),
    )


class TestRequests:
    @pytest.mark.parametrize(
        ("spans", "field", "code"),
        [
            ([], "cuts", "too_short"),
            ([CUT] * 21, "cuts", "too_long"),
            ([{"startSec": -1, "endSec": 3}], "cuts.0.startSec", "too_small"),
            ([{"startSec": 3}], "cuts.0.endSec", "required"),
            ([{"startSec": 3, "endSec": 3}], "cuts.0.endSec", "not_allowed"),
            ([CUT, {"startSec": 9, "endSec": 3}], "cuts.1.endSec", "not_allowed"),
            ([{"startSec": 3, "endSec": 61.5}], "cuts.0.endSec", "too_large"),
            ([{"startSec": 3, "endSec": 1e9}], "cuts.0.endSec", "too_large"),
            ([{"startSec": "3", "endSec": True}], "cuts.0.endSec", "wrong_type"),
            ([{**CUT, "reason": "x"}], "cuts.0.reason", "unknown_field"),
        ],
    )
    def test_what_does_not_fit_is_refused_field_by_field(
        self, client: FlaskClient, runtime: Runtime, spans: list[Any], field: str, code: str
    ) -> None:
        answer = client.post(f"{ADDRESS}/cuts", json={"cuts": spans})

        assert answer.status_code == 422, answer.text
        assert (field, code) in {(e["field"], e["code"]) for e in answer.get_json()["errors"]}
        assert cuts_in(runtime) == []

    @pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity"])
    def test_a_number_that_is_none_is_refused(
        self, client: FlaskClient, runtime: Runtime, number: str
    ) -> None:
        answer = client.post(
            f"{ADDRESS}/cuts",
            data=f'{{"cuts": [{{"startSec": 1, "endSec": {number}}}]}}',
            content_type="application/json",
        )

        assert answer.status_code in {400, 422}
        assert cuts_in(runtime) == []

    def test_a_span_may_end_a_moment_after_the_recording(self, client: FlaskClient) -> None:
        assert cut(client, {"startSec": 50, "endSec": 60.9}).status_code == 202

    def test_sent_again_it_changes_nothing(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        first = cut(client)
        etag = client.get(f"{ADDRESS}/transcript").headers["ETag"]

        again = cut(client)

        assert again.status_code == 202
        assert again.get_json()["silencingJobId"] == first.get_json()["silencingJobId"]
        assert again.get_json()["jobId"] is None
        assert client.get(f"{ADDRESS}/transcript").headers["ETag"] == etag
        assert cuts_in(runtime) == [(10, 19)]
        silence(runtime, first)
        assert cut(client).get_json()["silencingJobId"] is None
        assert len(get_jobs(runtime, lecture, JobType.TRANSCRIPTION)) == 2

    def test_a_part_of_a_cut_is_cut_already(self, client: FlaskClient, runtime: Runtime) -> None:
        cut(client)

        cut(client, {"startSec": 11, "endSec": 12})

        assert cuts_in(runtime) == [(10, 19)]

    def test_a_lecture_has_a_bounded_number_of_cuts(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        for start in range(0, MOST_CUTS, 20):
            spans = [
                {"startSec": 30 + n / 10, "endSec": 30.05 + n / 10}
                for n in range(start, start + 20)
            ]
            assert cut(client, *spans).status_code == 202

        assert code_of(cut(client)) == (409, "too_many_cuts")
        assert texts(client) == SAID

    def test_of_a_lecture_nothing_is_left_of_it_is_to_be_deleted(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        assert code_of(cut(client, {"startSec": 0, "endSec": 60})) == (422, "transcript_empty")
        assert texts(client) == SAID
        assert cuts_in(runtime) == []

    def test_a_lecture_that_is_being_transcribed_has_to_wait(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        enqueue(runtime, lecture)

        assert code_of(cut(client)) == (409, "transcription_running")
        assert texts(client) == SAID

    def test_one_that_waits_for_its_recording_has_nothing_to_cut(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        add_lecture(runtime, "sorting")

        answer = client.post("/lectures/sorting/cuts", json={"cuts": [CUT]})

        assert code_of(answer) == (409, "conflict")

    def test_a_restricted_lecture_is_not_cut(self, client: FlaskClient, runtime: Runtime) -> None:
        client.put(f"{ADDRESS}/restriction")

        assert code_of(cut(client)) == (409, "lecture_restricted")
        assert cuts_in(runtime) == []

    def test_an_answer_that_was_kept_is_repeated(
        self, client: FlaskClient, runtime: Runtime
    ) -> None:
        headers = {"Idempotency-Key": "one"}
        first, again = (
            client.post(f"{ADDRESS}/cuts", json={"cuts": [CUT]}, headers=headers) for _ in range(2)
        )

        assert first.get_json() == again.get_json()
        assert again.headers["Idempotency-Replayed"] == "true"


class TestWhatWasMadeOfIt:
    def test_a_worker_that_has_read_the_words_cannot_end_its_job(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        lease = running(runtime, lecture, JobType.GENERATION)

        answer = cut(client)

        assert get_job(runtime, lease.job_id).status is WorkStatus.FAILED
        assert answer.get_json()["jobId"] != str(lease.job_id)
        assert not runtime.jobs.renew(lease)
        [new] = [
            job for job in get_jobs(runtime, lecture, JobType.GENERATION) if job.id != lease.job_id
        ]
        assert new.status is WorkStatus.QUEUED

    def test_it_can_be_corrected_while_the_recording_is_silenced(self, client: FlaskClient) -> None:
        """Its job is of the type of a transcription, and recognizes nothing."""
        cut(client)

        assert correct(client, {0: "By Euler."}).status_code == 200

    def test_of_an_expired_recording_the_words_are_cut(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        with runtime.database.unit_of_work() as session:
            session.get_one(Lecture, lecture.id).raw_deleted_at = runtime.clock()
            session.commit()

        answer = cut(client)

        assert answer.get_json()["silencingJobId"] is None
        assert answer.get_json()["jobId"] is not None
        assert states(client) == ["silenced"]
        assert texts(client) == KEPT
        assert code_of(client.get(f"{ADDRESS}/audio")) == (410, "deleted_by_retention")

    def test_without_its_transcript_material_is_withdrawn_for_good(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture, clock: HeldClock
    ) -> None:
        _add_material(runtime, lecture)
        clock.advance(days=runtime.settings.plc_retention_transcript_days + 1)
        expire(runtime)
        assert get_lecture(runtime, lecture).transcript_object is None

        answer = cut(client)

        assert answer.status_code == 202, answer.text
        assert answer.get_json()["jobId"] is None
        assert answer.get_json()["silencingJobId"] is not None
        with runtime.database.reading() as session:
            assert session.scalars(select(ArtifactRow)).all() == []
            assert session.scalars(select(ExportRow)).all() == []

    def test_a_copy_of_the_account_goes_and_a_new_one_has_nothing_of_it(
        self, client: FlaskClient, runtime: Runtime, lecture: Lecture
    ) -> None:
        export = client.post("/me/exports").get_json()["exportId"]
        make_account_exports(runtime)

        answer = cut(client)

        assert client.get(f"/me/exports/{export}").status_code == 404
        assert lecture.source_object not in _copied(client, runtime)
        silence(runtime, answer)
        silent = get_lecture(runtime, lecture).source_object
        copied = _copied(client, runtime)
        assert silent in copied
        assert lecture.source_object not in copied


def _copied(client: FlaskClient, rt: Runtime) -> set[str]:
    """The objects that a new copy of the account has."""
    export = client.post("/me/exports").get_json()["exportId"]
    make_account_exports(rt)
    with rt.database.reading() as session:
        row = session.get_one(AccountExport, uuid.UUID(export))
        archives = [part["object"] for part in row.parts]
    return {
        rt.names.root + name.removeprefix("objects/")
        for archive in archives
        for name in zipfile.ZipFile(io.BytesIO(rt.store.read(archive))).namelist()
        if name.startswith("objects/")
    }


def _add_material(rt: Runtime, lecture: Lecture) -> None:
    now = rt.clock()
    name = rt.names.artifact(lecture.id, rt.new_id(), 1, "summary")
    rt.store.create(name, b"{}", "application/json")
    with rt.database.unit_of_work() as session:
        session.add(
            ArtifactRow(
                id=rt.new_id(),
                lecture_id=lecture.id,
                type="summary",
                preset_id="exam",
                version=1,
                object=name,
                size=2,
                counts={},
                job_id=rt.new_id(),
                created_at=now,
            )
        )
        session.commit()


def test_the_audit_has_the_cut_and_each_object(
    client: FlaskClient, runtime: Runtime, lecture: Lecture
) -> None:
    first = str(lecture.transcript_object)

    cut(client)

    written = outcomes(runtime)
    assert written[f"lecture:{lecture.id}"] == "cut: 10.000-19.000 s"
    assert written[runtime.store.uri(first)] == "deleted"


@pytest.mark.parametrize(
    "point", ["lecture_cut.stored", "lecture_cut.committed", "purge.deleted", "lecture_cut.purged"]
)
def test_a_request_that_dies_is_all_or_nothing(
    client: FlaskClient, runtime: Runtime, lecture: Lecture, clock: HeldClock, point: str
) -> None:
    first = str(lecture.transcript_object)

    def dies(reached: str, _work: str) -> None:
        if reached == point:
            raise SystemExit

    listen(dies)
    with pytest.raises(SystemExit):
        cut(client)
    listen(None)

    assert texts(client) == (SAID if point == "lecture_cut.stored" else KEPT)
    again = cut(client)
    assert again.status_code == 202
    assert texts(client) == KEPT
    silence(runtime, again)
    sweep(runtime)
    assert not there(runtime, first)
    assert not there(runtime, lecture.source_object)
    assert states(client) == ["silenced"]
    clock.advance(36 * 60)
    sweep(runtime)
    assert {outcome for name, outcome in outcomes(runtime).items() if name.startswith("gs:")} == {
        "deleted"
    }

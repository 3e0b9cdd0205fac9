"""What one user may spend in a day: lectures announced, hours of audio transcribed."""

import io
from datetime import date, timedelta
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from functions.ingest.app import create_app
from functions.ingest.jobs.stages import start_stage
from functions.ingest.uploads.registration import register_object
from functions.retention.runs.expiry import expire
from functions.transcribe.job import transcribe_lecture
from shared.errors import DailyLimitReachedError
from shared.messaging.events import JobMessage
from shared.models import DailyUsage, Job, Lecture, LectureStatus
from shared.runtime import Runtime
from shared.work.stages import TranscriptionParams
from shared.workers.outcomes import DONE, Ending
from tests.support.access.issuer import Issuer
from tests.support.clock import HeldClock
from tests.support.lectures.builders import (
    PROJECT,
    add_lecture,
    changed,
    get_jobs,
    get_lecture,
    get_segments,
)
from tests.support.processes.threads import at_once
from tests.support.sound.audio import as_file, claiming, tone, without_webm_duration
from tests.support.sound.sounds import tone as sound

ALICE = "user:alice"
STATIC_TOKEN = "the-static-token"
LIMIT_SEC = 36
"""0.01 hours."""


@pytest.fixture
def limited(runtime: Runtime) -> Runtime:
    return changed(
        runtime,
        plc_environment="cloud",
        plc_write_api_token=STATIC_TOKEN,
        plc_id_token_audience=PROJECT,
        plc_write_rate_limit_max_requests=10_000,
        plc_daily_lectures_max=3,
        plc_daily_audio_hours_max=LIMIT_SEC / 3600,
    )


def usage(rt: Runtime, owner: str = ALICE) -> tuple[int, float]:
    with rt.database.unit_of_work() as session:
        rows = session.scalars(select(DailyUsage).where(DailyUsage.owner == owner)).all()
    return sum(row.lectures for row in rows), sum(row.audio_sec for row in rows)


def lectures(rt: Runtime) -> int:
    with rt.database.unit_of_work() as session:
        return session.scalar(select(func.count()).select_from(Lecture)) or 0


def arrived(rt: Runtime, slug: str, data: bytes, *, owner: str = ALICE) -> tuple[Lecture, Any]:
    lecture = add_lecture(rt, slug, owner=owner)
    stored = rt.store.create(lecture.source_object, data, "audio/wav")
    return lecture, register_object(rt, stored)


class TestLectures:
    @pytest.fixture
    def rt(self, limited: Runtime, issuer: Issuer) -> Runtime:
        return changed(limited, plc_id_token_keys_url=issuer.url)

    @pytest.fixture
    def client(self, rt: Runtime) -> FlaskClient:
        return create_app(rt).test_client()

    def announce(
        self, client: FlaskClient, token: str, *, form: bool = False, **fields: str
    ) -> TestResponse:
        headers = {"Authorization": f"Bearer {token}"}
        given = {"courseId": "algorithms", **fields}
        if form:
            audio = (io.BytesIO(tone()), "a.wav")
            return client.post("/lectures/ingest", data={**given, "audio": audio}, headers=headers)
        return client.post("/lectures/ingest", json=given, headers=headers)

    @pytest.mark.parametrize("form", [False, True], ids=["announced", "form"])
    def test_above_the_limit_a_lecture_is_refused_until_the_next_day(
        self, client: FlaskClient, issuer: Issuer, rt: Runtime, clock: HeldClock, form: bool
    ) -> None:
        def statuses(count: int) -> list[int]:
            return [
                self.announce(client, issuer.id_token(), form=form).status_code
                for _ in range(count)
            ]

        assert statuses(3) == [201] * 3
        refused = self.announce(client, issuer.id_token(), form=form)

        assert refused.status_code == 429
        problem = refused.get_json(force=True)
        assert problem["code"] == "daily_limit_reached"
        assert "2026-03-03 00:00 UTC" in problem["detail"]
        assert int(refused.headers["Retry-After"]) == 15 * 3600
        assert lectures(rt) == 3
        clock.advance(15 * 3600)
        assert statuses(4) == [201] * 3 + [429]

    def test_announced_again_a_lecture_counts_once(
        self, client: FlaskClient, issuer: Issuer, rt: Runtime
    ) -> None:
        for _ in range(5):
            for title in ("Hashing", "Renamed"):
                answer = self.announce(
                    client, issuer.id_token(), lectureId="hashing", courseTitle=title
                )
                assert answer.status_code == 201

        assert usage(rt) == (1, 0)

    def test_many_at_once_do_not_pass_the_limit_together(self, rt: Runtime, issuer: Issuer) -> None:
        app, token = create_app(rt), issuer.id_token()
        # Half of them find the course, the others make one: both ways to a lecture.
        courses = ["algorithms"] * 12 + [f"course-{index}" for index in range(12)]
        self.announce(app.test_client(), token)

        answers = at_once(
            lambda course: self.announce(app.test_client(), token, courseId=course), courses
        )

        assert sorted(answer.status_code for answer in answers) == [201] * 2 + [429] * 22
        assert (lectures(rt), usage(rt)) == (3, (3, 0))

    def test_the_static_token_is_not_limited(self, client: FlaskClient, rt: Runtime) -> None:
        answers = [self.announce(client, STATIC_TOKEN).status_code for _ in range(6)]

        assert answers == [201] * 6
        assert usage(rt, "operator") == (0, 0)

    def test_each_user_has_a_limit_of_their_own(self, client: FlaskClient, issuer: Issuer) -> None:
        for name in ("alice", "bob"):
            token = issuer.id_token(name)
            assert [self.announce(client, token).status_code for _ in range(4)] == [201] * 3 + [429]


class TestAudio:
    def test_a_recording_beyond_the_limit_fails_before_any_of_it_is_transcribed(
        self, limited: Runtime, clock: HeldClock
    ) -> None:
        _, first = arrived(limited, "first", tone(20))
        second, outcome = arrived(limited, "second", tone(20))

        assert first == DONE
        assert outcome.ending is Ending.FAILED
        row = get_lecture(limited, second)
        assert row.status == LectureStatus.FAILED
        assert row.error is not None
        assert row.error["code"] == "daily_limit_reached"
        assert "0.01 hours" in row.error["message"]
        assert get_jobs(limited, second) == []
        assert usage(limited)[1] == pytest.approx(20)
        clock.advance(days=1)
        assert arrived(limited, "third", tone(20))[1] == DONE

    def test_one_whose_header_tells_no_length_is_measured_first(self, limited: Runtime) -> None:
        data = without_webm_duration(
            as_file(sound(60), container="webm", codec="libopus", rate=48_000)
        )

        lecture, outcome = arrived(limited, "live", data)

        assert outcome.failure.code == "daily_limit_reached"
        assert get_jobs(limited, lecture) == []

    def test_one_whose_header_lies_is_stopped_at_the_limit(self, limited: Runtime) -> None:
        rt = changed(limited, plc_segment_target_sec=10)
        data = claiming(as_file(sound(60), container="flac", codec="flac"), hours=0.001)
        lecture, outcome = arrived(rt, "lying", data)
        assert outcome == DONE
        [job] = get_jobs(rt, lecture)

        outcome = transcribe_lecture(rt, JobMessage(job_id=job.id))

        assert outcome.failure is not None
        assert (outcome.ending, outcome.failure.code) == (Ending.FAILED, "daily_limit_reached")
        assert all(segment.end_sec <= LIMIT_SEC for segment in get_segments(rt, job.id))
        assert get_lecture(rt, lecture).status == LectureStatus.FAILED
        assert usage(rt)[1] <= LIMIT_SEC

    def test_many_at_once_do_not_pass_the_limit_together(self, limited: Runtime) -> None:
        waiting = [add_lecture(limited, f"lecture-{index}", owner=ALICE) for index in range(8)]
        stored = [
            limited.store.create(each.source_object, tone(10), "audio/wav") for each in waiting
        ]

        outcomes = at_once(lambda each: register_object(limited, each), stored)

        assert outcomes.count(DONE) == 3
        assert usage(limited)[1] == pytest.approx(30)

    def test_a_repeated_notification_counts_once(self, limited: Runtime) -> None:
        lecture = add_lecture(limited, owner=ALICE)
        stored = limited.store.create(lecture.source_object, tone(10), "audio/wav")

        for _ in range(5):
            register_object(limited, stored)

        assert usage(limited)[1] == pytest.approx(10)

    def test_transcribing_again_counts_again(self, limited: Runtime) -> None:
        lecture, _ = arrived(limited, "hashing", tone(20))
        [job] = get_jobs(limited, lecture)
        params = TranscriptionParams()
        with limited.database.unit_of_work() as session:
            limited.jobs.cancel(session, session.get_one(Job, job.id))
            session.commit()

        with pytest.raises(DailyLimitReachedError):
            start_stage(limited, get_lecture(limited, lecture), params)

        assert len(get_jobs(limited, lecture)) == 1
        assert usage(limited)[1] == pytest.approx(20)

    def test_audio_of_the_static_token_is_not_counted(self, limited: Runtime) -> None:
        for index in range(4):
            assert arrived(limited, f"l-{index}", tone(20), owner="operator")[1] == DONE

        assert usage(limited, "operator") == (0, 0)


def test_days_that_are_over_are_forgotten(runtime: Runtime) -> None:
    today = runtime.clock().date()
    with runtime.database.unit_of_work() as session:
        for day in (date(2026, 1, 1), today):
            session.add(DailyUsage(owner=ALICE, day=day, lectures=1, audio_sec=2))
        session.commit()

    expire(runtime)

    with runtime.database.unit_of_work() as session:
        assert session.scalars(select(DailyUsage.day)).all() == [today]


def test_a_client_that_asks_for_the_transcription_is_told_of_the_limit(limited: Runtime) -> None:
    lecture = add_lecture(limited, owner=ALICE)
    limited.store.create(lecture.source_object, tone(40), "audio/wav")

    with pytest.raises(DailyLimitReachedError, match="daily limit") as refused:
        start_stage(limited, lecture, TranscriptionParams())

    midnight = limited.clock() + timedelta(seconds=refused.value.retry_after_sec)
    assert (midnight.hour, midnight.minute, midnight.second) == (0, 0, 0)

"""Whatever arrives under a lecture's name ends in something recorded, and nothing else moves."""

import io
import json

import pytest
from sqlalchemy import func, select

from functions.ingest.uploads.registration import register_upload
from functions.transcribe.audio import decode
from shared.errors import MalformedEventError, NotAudioError
from shared.messaging.events import MAX_OBJECT_NAME, Event, UploadFinalized
from shared.models import Job, Lecture, LectureStatus, RejectedUpload
from shared.runtime import Runtime
from shared.storage.bucket import StoredObject
from shared.workers.outcomes import DONE, DUPLICATE, Ending
from tests.support.hostile.requests import FAMILIES, NEVER_RECORDINGS
from tests.support.lectures.builders import (
    BUCKET,
    add_lecture,
    columns,
    get_jobs,
    get_lecture,
    make_settings,
)
from tests.support.sound.audio import tone

REASONS = {"not_audio", "recording_incomplete", "upload_empty", "upload_too_long"}


def notify(stored: StoredObject) -> UploadFinalized:
    return UploadFinalized(
        bucket=BUCKET, name=stored.name, generation=stored.generation, size=stored.size
    )


def objects(rt: Runtime) -> set[tuple[str, int]]:
    return {(stored.name, stored.generation) for stored in rt.store.list(rt.names.root)}


def rejections(rt: Runtime) -> list[RejectedUpload]:
    with rt.database.unit_of_work() as session:
        return list(session.scalars(select(RejectedUpload)))


def test_there_are_enough_of_them() -> None:
    assert sum(len(cases()) for cases in FAMILIES.values()) >= 200


@pytest.mark.sampled(1)
@pytest.mark.parametrize("family", FAMILIES)
def test_whatever_arrives_has_a_recorded_outcome(runtime: Runtime, family: str) -> None:
    put = set()
    for number, (case, data) in enumerate(FAMILIES[family]().items()):
        lecture = add_lecture(runtime, f"lecture-{number}")
        stored = runtime.store.create(lecture.source_object, data, "audio/wav")
        put.add((stored.name, stored.generation))

        outcome = register_upload(runtime, notify(stored))

        row = get_lecture(runtime, lecture)
        assert row.source_generation == stored.generation, case
        if outcome == DONE:
            assert family not in NEVER_RECORDINGS, case
            assert row.status == LectureStatus.UPLOADED, case
            assert len(get_jobs(runtime, lecture)) == 1, case
        else:
            assert outcome.ending == Ending.FAILED, case
            _assert_turned_away(runtime, row, stored)
        assert objects(runtime) == put, case


def _assert_turned_away(rt: Runtime, lecture: Lecture, stored: StoredObject) -> None:
    assert lecture.status == LectureStatus.FAILED
    assert lecture.error is not None
    assert lecture.error["code"] in REASONS
    message = lecture.error["message"]
    assert message.isascii()
    assert message.isprintable()
    assert len(message.split()) >= 4
    assert not any(secret in message for secret in ("Error", "Errno", "/", "<", "gs:"))
    assert [row.error for row in rejections(rt) if row.object == stored.name] == [lecture.error]
    assert get_jobs(rt, lecture) == []


@pytest.mark.sampled(3)
@pytest.mark.parametrize("family", FAMILIES)
def test_what_is_accepted_can_be_cut_or_is_no_recording(family: str) -> None:
    for data in FAMILIES[family]().values():
        try:
            seconds = sum(len(block) for block in decode(io.BytesIO(data))) / 16_000
        except NotAudioError:
            continue
        assert seconds <= make_settings().plc_max_audio_duration_sec


@pytest.mark.parametrize("kind", ["recording", "rubbish", "nothing"])
def test_a_lecture_whose_object_is_overwritten_keeps_its_recording(
    runtime: Runtime, kind: str
) -> None:
    lecture = add_lecture(runtime)
    first = runtime.store.create(lecture.source_object, tone(1), "audio/wav")
    register_upload(runtime, notify(first))
    before = columns(get_lecture(runtime, lecture))
    runtime.store.delete(lecture.source_object)
    data = {"recording": tone(2), "rubbish": b"<html>", "nothing": b""}[kind]
    second = runtime.store.create(lecture.source_object, data, "audio/wav")

    outcome = register_upload(runtime, notify(second))

    assert outcome.ending == Ending.FAILED
    assert columns(get_lecture(runtime, lecture)) == before
    [rejected] = rejections(runtime)
    assert (rejected.generation, rejected.error["code"]) == (second.generation, "upload_unexpected")
    assert objects(runtime) == {(second.name, second.generation)}


STRANGE_NAMES = {
    "up": "../{name}",
    "up within": "{folder}../{name}",
    "dots": "{folder}../../../../etc/passwd",
    "twice a slash": "{folder}/{name}",
    "a slash at the end": "{path}/",
    "one more letter": "{path}x",
    "upper case": "{upper}",
    "right to left": "{folder}\u202evaw.erutcel",
    "invisible": "{path}\u200b",
    "decomposed": "{folder}Vorlesung u\u0308ber.wav",
    "percent": "{folder}%2e%2e%2f{name}",
    "quotes": "{folder}'; DROP TABLE lectures; --",
    "template": "{folder}${{jndi:ldap://169.254.169.254/a}}",
    "as long as can be": "{folder}{long}",
    "emoji": "{folder}\U0001f3a4.wav",
}


@pytest.mark.parametrize("kind", STRANGE_NAMES)
def test_a_name_no_lecture_expects_is_recorded_and_touches_none(
    runtime: Runtime, kind: str
) -> None:
    lecture = add_lecture(runtime)
    path = lecture.source_object
    folder, _, name = path.rpartition("/")
    strange = STRANGE_NAMES[kind].format(
        path=path, folder=f"{folder}/", name=name, upper=path.upper(), long="n" * 800
    )
    if not strange.startswith(runtime.names.root):
        strange = runtime.names.root + strange
    stored = runtime.store.create(strange, tone(), "audio/wav")
    before = columns(get_lecture(runtime, lecture))

    outcome = register_upload(runtime, notify(stored))

    if strange.startswith(runtime.names.folder("raw")):
        assert outcome.failure is not None
        assert outcome.failure.code == "upload_unexpected"
        [rejected] = rejections(runtime)
        assert (rejected.object, rejected.lecture_id) == (strange, None)
    else:
        # Not an upload: the function may not even read it.
        assert (outcome, rejections(runtime)) == (DUPLICATE, [])
    assert columns(get_lecture(runtime, lecture)) == before
    assert {name for name, _ in objects(runtime)} == {strange}


@pytest.mark.parametrize(
    "name", ["raw/../../etc/passwd", "n" * 4096, "raw/\u202evaw.a", "", "nul\0", "\0", None, 7, []]
)
def test_a_notification_of_what_is_not_there_is_malformed_or_nothing(
    runtime: Runtime, name: object
) -> None:
    told = {"bucket": BUCKET, "name": name, "generation": "1", "size": "1"}
    event = Event("1", "uploads", json.dumps(told).encode(), {}, 1)

    try:
        outcome = register_upload(runtime, UploadFinalized.of(event))
    except MalformedEventError:
        assert not isinstance(name, str) or not name or "\0" in name or len(name) > MAX_OBJECT_NAME
    else:
        assert outcome.ending == Ending.DUPLICATE

    assert objects(runtime) == set()
    with runtime.database.unit_of_work() as session:
        assert session.scalar(select(func.count()).select_from(Job)) == 0
    assert rejections(runtime) == []

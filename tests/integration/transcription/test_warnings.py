"""What is found while a recording is decoded is kept with the transcript and shown with it."""

import uuid
from collections.abc import Sequence
from typing import Any

import pytest
from flask.testing import FlaskClient

from functions.export.gathering import gather
from functions.ingest.app import create_app
from functions.transcribe.job import transcribe_lecture
from functions.transcribe.recognizers.base import DetectedLanguage
from functions.transcribe.segment import transcribe_segment
from functions.transcribe.speech.pieces import Speech
from shared.documents.transcript import Transcript, Word
from shared.documents.warnings import LectureWarning, WarningCode, stored
from shared.errors import PermanentError
from shared.messaging.events import JobMessage, SegmentMessage
from shared.models import JobType, Lecture, WorkStatus
from shared.runtime import Runtime
from shared.speech.recognition import Recognition, SpokenIn
from shared.work.leases import Lease
from shared.work.retry import Failure
from tests.support.lectures.builders import (
    changed,
    enqueue,
    get_job,
    get_lecture,
    get_segments,
    recorded,
    running,
)
from tests.support.lectures.whole_lecture import add_whole_lecture
from tests.support.sound.audio import as_file
from tests.support.sound.sounds import recorded as sound

SECONDS = 40


class Listener:
    """Hears one sentence in each segment."""

    provider, model = "whisper", "listener"

    def recognize(
        self,
        speech: Speech,
        *,
        language: str | None,
        vocabulary: Sequence[str],
        strict: bool = False,
    ) -> Recognition:
        words = [
            Word(text=text, start_sec=at, end_sec=at + 0.5, probability=0.9)
            for at, text in enumerate(("Prices", "rise."))
        ]
        return Recognition(
            language=language or "en", language_probability=1, words=tuple(words), withheld=0
        )

    def detect_language(self, speech: Speech) -> DetectedLanguage:
        return DetectedLanguage(language="en", probability=0.9)


@pytest.fixture(autouse=True)
def listener(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("functions.transcribe.segment.recognizer_for", lambda *_: Listener())


@pytest.fixture
def rt(runtime: Runtime) -> Runtime:
    return changed(runtime, plc_segment_target_sec=10, plc_progress_stream_sec=1)


@pytest.fixture
def client(rt: Runtime) -> FlaskClient:
    return create_app(rt).test_client()


@pytest.fixture
def lecture(rt: Runtime) -> Lecture:
    """Its recording breaks off in the middle."""
    whole = as_file(
        sound("lectures/economics.ogg")[: SECONDS * 16_000], container="wav", codec="pcm_s16le"
    )
    return recorded(rt, whole[: len(whole) // 2])


def cut(rt: Runtime, lecture: Lecture) -> uuid.UUID:
    job_id = enqueue(rt, lecture, params={"model": None, "language": None})
    transcribe_lecture(rt, JobMessage(job_id=job_id))
    return job_id


def recognize(rt: Runtime, job_id: uuid.UUID) -> None:
    for each in get_segments(rt, job_id):
        if each.status != WorkStatus.SUCCEEDED:
            transcribe_segment(rt, SegmentMessage(job_id=job_id, index=each.index))


def codes(warnings: Any) -> list[str]:
    return [warning["code"] for warning in warnings]


def test_they_are_shown_wherever_the_lecture_is(
    rt: Runtime, client: FlaskClient, lecture: Lecture
) -> None:
    job_id = cut(rt, lecture)
    assert client.get("/lectures/hashing").get_json()["warnings"] == []

    recognize(rt, job_id)

    address = "/lectures/hashing"
    shown = client.get(address).get_json()["warnings"]
    assert codes(shown) == [WarningCode.RECORDING_INCOMPLETE]
    assert shown[0]["params"] == {"seconds": SECONDS // 2}
    assert "about 20 seconds are missing" in shown[0]["message"]
    assert client.get("/lectures").get_json()["lectures"][0]["warnings"] == shown
    assert client.get(f"{address}/progress").get_json()["warnings"] == shown
    assert client.get(f"{address}/transcript").get_json()["warnings"] == shown
    assert client.get(f"{address}/transcript/partial").get_json()["warnings"] == shown


def test_the_stream_of_progress_tells_them(
    rt: Runtime, client: FlaskClient, lecture: Lecture
) -> None:
    recognize(rt, cut(rt, lecture))

    with client.get("/lectures/hashing/progress/stream", buffered=False) as response:
        told = response.get_data(as_text=True)

    assert '"code":"recording_incomplete"' in told


def test_they_are_known_while_the_rest_is_still_recognized(
    rt: Runtime, client: FlaskClient, lecture: Lecture
) -> None:
    cut(rt, lecture)

    partial = client.get("/lectures/hashing/transcript/partial").get_json()

    assert not partial["complete"]
    assert codes(partial["warnings"]) == [WarningCode.RECORDING_INCOMPLETE]


def test_the_next_transcription_replaces_them(rt: Runtime, lecture: Lecture) -> None:
    stale = LectureWarning.of(WarningCode.CLIPPED, seconds=12)
    with rt.database.unit_of_work() as session:
        session.get_one(Lecture, lecture.id).warnings = stored([stale])
        session.commit()

    recognize(rt, cut(rt, lecture))

    assert codes(get_lecture(rt, lecture).warnings) == [WarningCode.RECORDING_INCOMPLETE]


def test_an_undamaged_recording_clears_them(rt: Runtime) -> None:
    lecture = recorded(
        rt,
        as_file(sound("lectures/economics.ogg")[: 20 * 16_000], container="flac", codec="flac"),
    )
    with rt.database.unit_of_work() as session:
        stale = LectureWarning.of(WarningCode.CLIPPED, seconds=12)
        session.get_one(Lecture, lecture.id).warnings = stored([stale])
        session.commit()

    recognize(rt, cut(rt, lecture))

    assert get_lecture(rt, lecture).warnings == []


def test_a_replayed_job_that_need_not_decode_again_still_knows_them(
    rt: Runtime, lecture: Lecture
) -> None:
    failed_id = cut(rt, lecture)
    rt.jobs.fail(Lease.of(get_job(rt, failed_id)), Failure.of(PermanentError("It cannot be done.")))
    with rt.database.unit_of_work() as session:
        job_id = rt.jobs.replay(session, get_job(rt, failed_id)).job_id
        session.commit()

    transcribe_lecture(rt, JobMessage(job_id=job_id))
    recognize(rt, job_id)

    assert get_job(rt, job_id).status == WorkStatus.SUCCEEDED
    assert codes(get_lecture(rt, lecture).warnings) == [WarningCode.RECORDING_INCOMPLETE]


def test_a_correction_keeps_them(rt: Runtime, client: FlaskClient, lecture: Lecture) -> None:
    recognize(rt, cut(rt, lecture))
    read = client.get("/lectures/hashing/transcript")

    corrected = client.patch(
        "/lectures/hashing/transcript",
        headers={"If-Match": read.headers["ETag"]},
        json={"corrections": [{"utteranceId": 0, "text": "Prices fall."}]},
    )

    assert corrected.status_code == 200
    now = client.get("/lectures/hashing/transcript").get_json()
    assert now["utterances"][0]["text"] == "Prices fall."
    assert codes(now["warnings"]) == [WarningCode.RECORDING_INCOMPLETE]


@pytest.mark.parametrize("transcript_is_kept", [True, False])
def test_files_are_made_with_them_also_without_the_transcript(
    runtime: Runtime, transcript_is_kept: bool
) -> None:
    rt = changed(runtime, plc_export_min_summary_sections=0)
    whole = add_whole_lecture(rt, owner="local", course="algorithms", slug="talk", secret="trees")
    warning = LectureWarning.of(WarningCode.SEVERAL_TRACKS, tracks=2, used=(2,))
    with rt.database.unit_of_work() as session:
        row = session.get_one(Lecture, whole.lecture.id)
        row.warnings = stored([warning])
        if not transcript_is_kept:
            row.transcript_object = None
        session.commit()

    document = gather(rt, running(rt, whole.lecture, JobType.EXPORT))

    assert (document.transcript is not None) == transcript_is_kept
    assert document.warnings == (warning,)


def test_the_stored_transcript_and_the_row_have_the_same(rt: Runtime, lecture: Lecture) -> None:
    recognize(rt, cut(rt, lecture))

    row = get_lecture(rt, lecture)
    transcript = Transcript.model_validate_json(rt.store.read(str(row.transcript_object)))
    assert transcript.warnings
    assert stored(transcript.warnings) == row.warnings


class Polyglot(Listener):
    """Recognizes English and German in each segment, and withholds a part of it."""

    def recognize(self, speech: Speech, **asked: Any) -> Recognition:
        words = tuple(
            Word(text=text, start_sec=at, end_sec=at + 1, probability=0.9)
            for at, text in enumerate(
                ("We", "rise", "quite", "slowly.", "Wir", "steigen", "langsam.")
            )
        )
        return Recognition(
            language="en",
            language_probability=1,
            words=words,
            withheld=1,
            withheld_sec=2.5,
            languages=(
                SpokenIn(language="en", start_sec=0, end_sec=4),
                SpokenIn(language="de", start_sec=4, end_sec=7),
            ),
        )


def test_what_the_segments_count_is_told_beside_what_decoding_found(
    rt: Runtime, client: FlaskClient, lecture: Lecture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("functions.transcribe.segment.recognizer_for", lambda *_: Polyglot())
    job_id = cut(rt, lecture)
    recognize(rt, job_id)

    transcript = client.get("/lectures/hashing/transcript").get_json()

    segments = len(get_segments(rt, job_id))
    [_, languages, withheld] = transcript["warnings"]
    assert codes(transcript["warnings"])[0] == "recording_incomplete"
    assert languages["code"] == "several_languages"
    assert languages["params"] == {"languages": ["en", "de"], "main": "en"}
    assert withheld["code"] == "speech_withheld"
    assert withheld["params"] == {"passages": segments, "seconds": 2.5 * segments}
    assert [each.get("language") for each in transcript["utterances"]] == [None, "de"] * segments
    assert get_lecture(rt, lecture).warnings == transcript["warnings"]

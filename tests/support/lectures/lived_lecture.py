"""A lecture to which everything has happened that can: announced, uploaded, cut, transcribed,
corrected, failed and replayed, generated and exported."""

from dataclasses import dataclass
from datetime import timedelta

from flask.testing import FlaskClient
from sqlalchemy import select

from functions.export.job import export_lecture
from functions.generate.job import generate_material
from functions.retention.dead_letters import SOURCE_SUBSCRIPTION, record_dead_letter
from functions.retention.runs.expiry import expire
from functions.retention.sweep import sweep
from shared.documents.transcript import Transcript
from shared.errors import UploadUnexpectedError
from shared.messaging.events import Event, JobMessage
from shared.models import (
    Job,
    JobType,
    Lecture,
    LectureStatus,
    RejectedUpload,
    WorkStatus,
)
from shared.runtime import Runtime
from shared.search.passages import index_transcript
from shared.work.retry import Failure
from shared.work.stages import GenerationParams
from tests.support.clock import HeldClock
from tests.support.lectures.builders import (
    add_segments,
    claim_segment,
    failed,
    hand_over,
    segment_transcript,
)
from tests.support.sound.audio import saying
from tests.unit.generate.lectures import lecture as recorded_lecture
from tests.unit.generate.lectures import spoken

HORIZONS = (1 / 24, 1, 2, 8, 9, 14, 15, 30, 31, 32)
"""Days after which something is due: segments and orphans, purges, transcripts, recordings."""


@dataclass(frozen=True)
class Story:
    """What is told of a lecture, of which `title` and `speaker` have a word nothing else has."""

    slug: str
    title: str
    speaker: str
    heard: str
    """What a recognizer made of the speaker's name."""
    said: str
    """The name of one of the recorded lectures."""

    @property
    def transcript(self) -> Transcript:
        """As it was recognized: the recorded lecture and a sentence with the speaker's name."""
        text = " ".join(each.text for each in recorded_lecture(self.said).utterances)
        return spoken(f"Our guest of today is Professor {self.heard} from Leiden. {text}")

    @property
    def names(self) -> tuple[str, ...]:
        return (self.title, self.title.split()[0], self.speaker, self.heard, self.slug)


FIRST = Story("zephyranth-1", "Zephyranth ledger", "Quillfeather", "Kwilfezzer", "hashing-1")
SECOND = Story("oxenmoor-2", "Oxenmoor almanac", "Thistlewood", "Fissalwoot", "hashing-2")


def live(rt: Runtime, client: FlaskClient, story: Story, *, course: str) -> Lecture:
    answer = client.post(
        "/lectures/ingest",
        headers={"Idempotency-Key": f"announce-{story.slug}"},
        json={
            "lectureId": story.slug,
            "courseId": course,
            "title": story.title,
            "presetId": "exam",
            "contentType": "audio/wav",
        },
    )
    assert answer.status_code in (200, 201), answer.text
    with rt.database.reading() as session:
        lecture = session.scalars(select(Lecture).where(Lecture.slug == story.slug)).one()
    recording = saying(story.transcript.text)
    stored = rt.store.create(lecture.source_object, recording, "audio/wav")
    with rt.database.unit_of_work() as session:
        row = session.get_one(Lecture, lecture.id)
        row.source_generation, row.source_size = stored.generation, stored.size
        row.status = LectureStatus.UPLOADED
        session.add(_turned_away(rt, lecture))
        session.commit()
    broken = failed(rt, lecture)
    _give_up(rt, broken, story)
    assert client.post(f"/jobs/{broken.id}/replay").status_code == 202
    _transcribe(rt, lecture, story)
    drain(rt)
    _correct(client, story)
    drain(rt)
    _edit(client, story)
    drain(rt)
    return lecture


def _turned_away(rt: Runtime, lecture: Lecture) -> RejectedUpload:
    return RejectedUpload(
        id=rt.new_id(),
        object=lecture.source_object,
        generation=7,
        lecture_id=lecture.id,
        error=Failure.of(UploadUnexpectedError()).to_json(),
        created_at=rt.clock(),
    )


def _give_up(rt: Runtime, job: Job, story: Story) -> None:
    """A message about the job that also holds what it should not."""
    said = story.transcript.utterances[22].text
    event = Event(
        id=f"{job.id}",
        source="dead-letter-push",
        data=JobMessage(job_id=job.id)
        .model_dump_json(by_alias=True)
        .replace("}", f', "note": "{story.title}: {said}"}}')
        .encode(),
        attributes={SOURCE_SUBSCRIPTION: "transcribe-push"},
        delivery=1,
    )
    record_dead_letter(rt, event)


def _transcribe(rt: Runtime, lecture: Lecture, story: Story) -> None:
    """As the stage does, in one segment, by the replayed job."""
    with rt.database.reading() as session:
        job_id = session.scalars(
            select(Job.id).where(Job.lecture_id == lecture.id, Job.status == WorkStatus.QUEUED)
        ).one()
    lease = rt.jobs.claim(job_id, JobType.TRANSCRIPTION)
    assert lease is not None
    add_segments(rt, lease, range(1))
    hand_over(rt, lease, 1)
    segment = claim_segment(rt, job_id, 0)
    transcript = story.transcript.to_json()
    name = segment_transcript(rt, segment)
    rt.store.create(segment.audio_object, saying(story.transcript.text), "audio/flac")
    rt.store.create(name, transcript, "application/json")
    join = rt.segments.complete(segment, name)
    assert join is not None
    whole = rt.names.transcript(lecture.id, job_id, join.attempt)
    rt.store.create(whole, transcript, "application/json")
    with rt.database.unit_of_work() as session:
        rt.jobs.complete(session, join, result={})
        row = session.get_one(Lecture, lecture.id)
        row.transcript_object, row.language, row.duration_sec = whole, "en", 300.0
        index_transcript(session, lecture.id, story.transcript)
        rt.jobs.enqueue(
            session,
            lecture_id=lecture.id,
            params=GenerationParams(preset_id="exam"),
        )
        session.commit()


def _correct(client: FlaskClient, story: Story) -> None:
    address = f"/lectures/{story.slug}/transcript"
    answer = client.patch(
        address,
        headers={
            "If-Match": client.get(address).headers["ETag"],
            "Idempotency-Key": f"correct-{story.slug}",
        },
        json={
            "corrections": [
                {
                    "utteranceId": 0,
                    "text": f"Our guest of today is Professor {story.speaker} from Leiden.",
                }
            ],
            "regenerate": True,
        },
    )
    assert answer.status_code == 200, answer.text


def _edit(client: FlaskClient, story: Story) -> None:
    """An item of its owner's own, one in the words of its owner, and a mark."""
    address = f"/lectures/{story.slug}"
    card = {"kind": "flashcard", "front": f"Who is {story.speaker}?", "back": story.title}
    assert client.post(f"{address}/items", json={"item": card}).status_code == 201
    terms = client.get(f"{address}/artifacts/key-terms")
    answer = client.patch(
        f"{address}/items/{terms.get_json()['content']['terms'][0]['id']}",
        headers={"If-Match": terms.headers["ETag"]},
        json={"example": f"As {story.speaker} says."},
    )
    assert answer.status_code == 200, answer.text
    mark = {"atSec": 0.5, "label": f"Ask {story.speaker} for the slides"}
    answer = client.post(f"{address}/marks", json={"marks": [mark]})
    assert answer.status_code == 200, answer.text


def drain(rt: Runtime) -> int:
    """Do what is queued of generation and export; how many jobs that were."""
    done = 0
    while job := _queued(rt):
        message = JobMessage(job_id=job.id)
        stage = generate_material if job.type is JobType.GENERATION else export_lecture
        stage(rt, message)
        done += 1
    return done


def _queued(rt: Runtime) -> Job | None:
    with rt.database.reading() as session:
        return session.scalar(
            select(Job)
            .where(
                Job.status == WorkStatus.QUEUED,
                Job.type.in_((JobType.GENERATION, JobType.EXPORT)),
            )
            .order_by(Job.created_at, Job.id)
            .limit(1)
        )


def pass_every_horizon(rt: Runtime, clock: HeldClock) -> None:
    """Let time go by, with the sweep and retention as their schedules call them."""
    start = clock.now
    for days in HORIZONS:
        clock.now = start + timedelta(days=days)
        sweep(rt)
        expire(rt)
        drain(rt)

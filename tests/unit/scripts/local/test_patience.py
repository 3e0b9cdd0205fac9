from scripts.demo.client import Json
from scripts.demo.patience import TIMES_LENGTH, Patience


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def progress(**stages: Json) -> Json:
    order = ("upload", "transcription", "generation", "export")
    return {
        "stages": [
            {"stage": name, "status": "not_started", "percent": 0, **stages.get(name, {})}
            for name in order
        ]
    }


UPLOADED = {"status": "succeeded"}
RUNNING = {
    "status": "running",
    "attempt": 2,
    "startedAt": "2026-01-01T10:00:00Z",
    "jobId": "the-job",
    "segments": [{"status": "succeeded", "attempt": 1}, {"status": "queued", "attempt": 3}],
}


def test_it_speaks_after_a_while_without_an_event_and_then_now_and_again() -> None:
    clock = Clock()
    patience = Patience(quiet_sec=20, clock=clock)
    patience.saw(progress(upload=UPLOADED, transcription=RUNNING))
    clock.now += 19
    assert patience.word() is None
    clock.now += 1
    said = patience.word()
    assert said is not None
    assert "no event for 20 s" in said
    assert "transcription, running" in said
    assert "attempt 2" in said
    assert "1 of 2 segments done, at most 3 attempts each" in said
    assert "job the-job" in said
    assert patience.word() is None
    clock.now += 20
    assert "no event for 40 s" in str(patience.word())


def test_an_event_is_a_change_of_a_stage_and_not_of_the_estimate() -> None:
    clock = Clock()
    patience = Patience(quiet_sec=20, clock=clock)
    patience.saw({**progress(), "estimatedSecondsLeft": 9})
    clock.now += 15
    patience.saw({**progress(), "estimatedSecondsLeft": 8})
    clock.now += 5
    assert "upload: the recording is in the bucket and is not registered" in str(patience.word())
    patience.saw(progress(upload=UPLOADED))
    clock.now += 19
    assert patience.word() is None


def test_an_api_that_does_not_answer_is_what_is_waited_for() -> None:
    clock = Clock()
    patience = Patience(quiet_sec=20, clock=clock)
    clock.now += 20
    assert "the API" in str(patience.word())


def test_the_whole_wait_is_bounded_by_the_recordings_length() -> None:
    clock = Clock()
    patience = Patience(base_sec=100, clock=clock)
    clock.now += 100
    assert not patience.is_over()
    patience.recording_lasts(600)
    clock.now += TIMES_LENGTH * 600
    assert not patience.is_over()
    clock.now += 1
    assert patience.is_over()

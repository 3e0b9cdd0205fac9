"""The demo's time limit for a lecture, and its messages while it waits."""

import time
from collections.abc import Callable
from datetime import datetime

from scripts.demo.client import Json

QUIET_SEC = 20.0
"""Without an event for so long, the demo says what it waits for."""
BASE_SEC = 300.0
"""For everything that does not grow with the recording, a download of the model included."""
TIMES_LENGTH = 2.0
"""On two cores a lecture needs a tenth of its length; a slow machine may need all of it."""

_OVER = ("succeeded", "failed")


class Patience:
    """Notices that nothing happens, and that the lecture does not end."""

    def __init__(
        self,
        *,
        quiet_sec: float = QUIET_SEC,
        base_sec: float = BASE_SEC,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """`clock` gives seconds."""
        self._quiet_sec = quiet_sec
        self._limit_sec = base_sec
        self._base_sec = base_sec
        self._clock = clock
        self._stages: list[Json] | None = None
        self.begin()

    def begin(self) -> None:
        """The lecture is handed in: from now on something must happen."""
        self._began = self._last_event = self._last_word = self._clock()

    @property
    def limit_sec(self) -> float:
        return self._limit_sec

    def recording_lasts(self, seconds: float) -> None:
        self._limit_sec = self._base_sec + TIMES_LENGTH * seconds

    def saw(self, progress: Json) -> None:
        """An estimate of the time left changes without an event."""
        if progress["stages"] != self._stages:
            self._stages = progress["stages"]
            self._last_event = self._last_word = self._clock()

    def word(self) -> str | None:
        """What is waited for, if it is time to say so."""
        now = self._clock()
        if now - self._last_word < self._quiet_sec:
            return None
        self._last_word = now
        return f"no event for {now - self._last_event:.0f} s; waiting for {self.waited_for()}"

    def is_over(self) -> bool:
        return self._clock() - self._began > self._limit_sec

    def waited_for(self) -> str:
        if self._stages is None:
            return "the API, which does not answer"
        stage = next((each for each in self._stages if each["status"] not in _OVER), None)
        if stage is None:
            return "the lecture's end; all of its stages have ended"
        return _described(stage)


def _described(stage: Json) -> str:
    if stage["stage"] == "upload":
        return "upload: the recording is in the bucket and is not registered yet"
    if stage["status"] == "not_started":
        return f"{stage['stage']}, which has not started"
    details = []
    if stage.get("attempt"):
        details.append(f"attempt {stage['attempt']}")
    if stage.get("startedAt"):
        began = datetime.fromisoformat(stage["startedAt"]).astimezone()
        details.append(f"first started at {began:%H:%M:%S}")
    if segments := stage.get("segments"):
        done = sum(segment["status"] == "succeeded" for segment in segments)
        attempts = max(segment["attempt"] for segment in segments)
        details.append(f"{done} of {len(segments)} segments done, at most {attempts} attempts each")
    if stage.get("jobId"):
        details.append(f"job {stage['jobId']}")
    return f"{stage['stage']}, {stage['status']}" + "".join(f", {each}" for each in details)

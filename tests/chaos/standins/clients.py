"""Students' phones: each hands lectures in and watches them, whatever answers or does not."""

import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import requests

from tests.chaos.faults.schedule import Storm

Json = dict[str, Any]
REPLAY_SEC = 120.0
"""For replaying all failed jobs, once the storm is over."""
PATIENCE_SEC = 30
CHUNK_BYTES = 256 * 1024
OVER = ("completed", "failed")
POLL_SEC = 1.0


@dataclass
class HandedIn:
    """A lecture as its phone knows it."""

    slug: str
    title: str
    course: str
    recording: str
    """Which of the recordings it is."""
    mark: str | None = None
    """What makes it recognizable (marks.py), if it will be deleted."""
    accepted: bool = False
    """The bucket has all of it and said so."""
    deleted: bool = False
    ended: str | None = None
    seconds: float = 0.0
    events: list[str] = field(default_factory=list)


class Phone:
    """One phone: announces, uploads in pieces, asks how it goes. Gives up on nothing."""

    def __init__(
        self,
        api_url: str,
        storm: Storm,
        deadline: Callable[[], float],
        *,
        sent_again: float,
    ) -> None:
        self._api = api_url
        self._storm = storm
        self._deadline = deadline
        self._sent_again = sent_again
        self._http = requests.Session()

    def hand_in(self, lecture: HandedIn, audio: bytes, chance: random.Random) -> None:
        announced = {
            "courseId": lecture.course,
            "lectureId": lecture.slug,
            "title": lecture.title,
            "contentType": "audio/flac",
            "sizeBytes": len(audio),
        }
        while not lecture.accepted:
            self._check_time(lecture)
            answer = self._ask("POST", "/lectures/ingest", announced)
            if answer is None:
                continue
            if answer.status_code == 409:
                # It has the recording: the answer that said so was lost.
                lecture.accepted = True
            elif answer.status_code == 201:
                upload = answer.json()["upload"]
                lecture.accepted = self._upload(upload, audio)
                if lecture.accepted and chance.random() < self._sent_again:
                    self._send_again(lecture, upload, audio)

    def watch(self, lecture: HandedIn) -> None:
        """Until it is completed or has failed."""
        lecture.ended = self.wait(lecture)

    def wait(self, lecture: HandedIn) -> str:
        """The same for a lecture that another phone watches, or that is worked on again."""
        while True:
            self._check_time(lecture)
            answer = self._ask("GET", f"/lectures/{lecture.slug}/progress")
            if answer is not None and answer.ok:
                status: str = answer.json()["overallStatus"]
                if status in OVER:
                    return status
            time.sleep(POLL_SEC)

    def transcript(self, lecture: HandedIn) -> Json:
        while True:
            answer = self._ask("GET", f"/lectures/{lecture.slug}/transcript")
            if answer is not None and answer.ok:
                read: Json = answer.json()
                return read

    def correct(self, lecture: HandedIn, text: str) -> None:
        """Put another text for the first sentence of a completed lecture."""
        address = f"/lectures/{lecture.slug}/transcript"
        corrected = {"corrections": [{"utteranceId": 0, "text": text}], "regenerate": True}
        while True:
            self._check_time(lecture)
            current = self._ask("GET", address)
            if current is None or not current.ok:
                continue
            if current.json()["utterances"][0]["text"] == text:
                return  # by a request whose answer was lost
            self._ask("PATCH", address, corrected, {"If-Match": current.headers["ETag"]})

    def delete(self, lecture: HandedIn) -> None:
        self._delete(f"/lectures/{lecture.slug}", lecture)
        lecture.deleted = True

    def delete_course(self, lectures: Sequence[HandedIn]) -> None:
        """The course of these lectures, which has no others."""
        self._delete(f"/courses/{lectures[0].course}", lectures[0])
        for lecture in lectures:
            lecture.deleted = True

    def create_course(self, lecture: HandedIn, title: str) -> None:
        created = {"courseId": lecture.course, "title": title}
        while (
            answer := self._ask("POST", "/courses", created)
        ) is None or answer.status_code not in (
            201,
            409,  # by a request whose answer was lost
        ):
            self._check_time(lecture)

    def start(self, stage: str, lecture: HandedIn) -> None:
        """Have a lecture's material (`generate`) or files (`export`) made again."""
        while (answer := self._ask("POST", f"/lectures/{lecture.slug}/{stage}")) is None or (
            answer.status_code != 202
        ):
            self._check_time(lecture)

    def _delete(self, address: str, lecture: HandedIn) -> None:
        while True:
            self._check_time(lecture)
            answer = self._ask("DELETE", address)
            # Deleted by a request whose answer was lost is deleted too.
            if answer is not None and answer.status_code in (200, 404):
                return

    def replay_failed(self) -> int:
        """As an operator does once the storm is over; returns how many jobs were replayed.

        Raises TimeoutError if the API keeps refusing.
        """
        replayed = 0
        until = time.monotonic() + REPLAY_SEC
        while time.monotonic() < until:
            answer = self._ask("POST", "/jobs/dead-letter/replay", {"limit": 200})
            if answer is None or not answer.ok:
                continue
            done = len(answer.json()["replayed"])
            if not done:
                return replayed
            replayed += done
        raise TimeoutError(f"failed jobs were not replayed within {REPLAY_SEC:.0f} s")

    def _upload(self, upload: dict[str, object], audio: bytes) -> bool:
        """Whether the bucket has it. False: ask for a fresh URL and begin anew."""
        began = self._to_bucket(str(upload["method"]), str(upload["url"]), upload["headers"])
        if began is None or began.status_code >= 500:
            return False
        if began.status_code == 412:
            return True  # there is an object of this name: ours, whose answer was lost
        if not began.ok:
            return False
        return self._send(began.headers["Location"], audio)

    def _send(self, session: str, audio: bytes) -> bool:
        sent = 0
        for _ in range(40):
            chunk = audio[sent : sent + CHUNK_BYTES]
            span = f"{sent}-{sent + len(chunk) - 1}" if chunk else "*"
            answer = self._to_bucket(
                "PUT", session, {"Content-Range": f"bytes {span}/{len(audio)}"}, chunk
            )
            if answer is None or answer.status_code >= 500:
                answer = self._to_bucket("PUT", session, {"Content-Range": f"bytes */{len(audio)}"})
            if answer is None or answer.status_code >= 500:
                continue
            if answer.status_code == 308:
                reached = answer.headers.get("Range", "")
                sent = int(reached.rpartition("-")[2]) + 1 if reached else 0
                continue
            return bool(answer.status_code == 412 or answer.ok)
        return False

    def _send_again(self, lecture: HandedIn, upload: dict[str, object], audio: bytes) -> None:
        """The app was killed right after, remembers nothing, and sends another recording."""
        lecture.events.append("sent again")
        self._storm.strike("phone.sent_again")
        again = self._to_bucket(str(upload["method"]), str(upload["url"]), upload["headers"])
        if again is not None and again.ok:
            half = len(audio) // 2
            self._send(again.headers["Location"], audio[:half] + bytes(len(audio) - half))

    def _ask(
        self, method: str, path: str, body: object = None, headers: Mapping[str, str] | None = None
    ) -> requests.Response | None:
        try:
            answer = self._http.request(
                method, f"{self._api}{path}", json=body, headers=headers, timeout=PATIENCE_SEC
            )
        except requests.RequestException:
            time.sleep(0.1)
            return None
        if answer.status_code >= 500 or answer.status_code == 429:
            time.sleep(0.1)
            return None
        return answer

    def _to_bucket(
        self, method: str, url: str, headers: object, data: bytes = b""
    ) -> requests.Response | None:
        try:
            return requests.request(
                method,
                url,
                headers=dict(headers),  # type: ignore[call-overload]
                data=data,
                timeout=PATIENCE_SEC,
            )
        except requests.RequestException:
            time.sleep(0.05)
            return None

    def _check_time(self, lecture: HandedIn) -> None:
        if time.monotonic() > self._deadline():
            raise TimeoutError(f"{lecture.slug} did not end")


def words_of(transcript: Any) -> object:
    """What was said and when: all of a transcript that must not depend on luck."""
    return [
        (word["text"], round(word["startSec"], 3), round(word["endSec"], 3))
        for utterance in transcript["utterances"]
        for word in utterance["words"]
    ]

"""The students of a run: they hand in lectures and watch them, and delete some in mid-work."""

import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle

from tests.chaos.faults.schedule import Storm
from tests.chaos.plan import (
    LECTURES_A_COURSE,
    LECTURES_A_DELETED_COURSE,
    RECORDINGS,
    Plan,
)
from tests.chaos.standins.clients import HandedIn, Phone, words_of
from tests.chaos.standins.marks import mark, recording

CALM_SEC = 120
"""How long the first lectures may take, while nothing goes wrong."""
LONGEST_DELAY_SEC = 5.0
"""From what comes before a deletion to it."""
MARKS_OF_COURSES = 100
"""The first mark of lectures whose course is deleted; those of other lectures come before."""


class Students:
    def __init__(self, plan: Plan, storm: Storm, api_url: str) -> None:
        self._plan = plan
        self._storm = storm
        self._api_url = api_url
        self._recordings = [f"{name}-{start}" for name, start in RECORDINGS[: plan.recordings]]
        self._deadline = 0.0
        self._interrupted = False
        self._begun = plan.deleted_courses * LECTURES_A_DELETED_COURSE
        self._taking = threading.Lock()
        self.lectures: list[HandedIn] = []

    def hand_in_calmly(self) -> dict[str, object]:
        """Each recording once; the words of each, while nothing goes wrong."""
        calm = [
            HandedIn(f"calm-{name}", f"calm-{name}", f"calm-{name}", name)
            for name in self._recordings
        ]
        self.lectures += calm
        self._deadline = time.monotonic() + CALM_SEC
        phone = self.phone(sent_again=0)
        chance = self._storm.stream("phone", "calm")
        words = {}
        for lecture in calm:
            phone.hand_in(lecture, recording(lecture.recording), chance)
        for lecture in calm:
            phone.watch(lecture)
            words[lecture.recording] = words_of(phone.transcript(lecture))
        return words

    def hand_in_all(self) -> None:
        """Until all lectures have ended or are deleted."""
        plan = self._plan
        with ThreadPoolExecutor(plan.phones + plan.deleted_courses) as pool:
            students = [pool.submit(self._student, number) for number in range(plan.phones)]
            students += [
                pool.submit(self._course_that_is_deleted, number)
                for number in range(plan.deleted_courses)
            ]
            try:
                for student in students:
                    student.result()
            except BaseException:
                # The pool waits for all of them: they stop at their next question.
                self._interrupted = True
                self._deadline = 0.0
                raise

    def generate_again(self) -> None:
        """The material of a lecture in a course that another one was deleted from."""
        self.be_patient()
        courses = {each.course for each in self.lectures if each.deleted}
        others = (
            each
            for each in self.lectures
            if each.course in courses and not each.deleted and each.ended == "completed"
        )
        if lecture := next(others, None):
            self.phone().start("generate", lecture)

    def phone(self, *, sent_again: float | None = None) -> Phone:
        return Phone(
            self._api_url,
            self._storm,
            lambda: self._deadline,
            sent_again=self._plan.sent_again if sent_again is None else sent_again,
        )

    def be_patient(self) -> None:
        self._deadline = time.monotonic() + self._plan.patience_sec

    def _student(self, number: int) -> None:
        chance = self._storm.stream("phone", str(number))
        phone = self.phone()
        while (taken := self._next()) is not None:
            began = time.monotonic()
            lecture, number_of_mark = taken
            try:
                phone.hand_in(lecture, recording(lecture.recording, number_of_mark), chance)
                if number_of_mark is None:
                    phone.watch(lecture)
                else:
                    self._delete(phone, lecture, chance, corrected=number_of_mark % 2 == 0)
            except TimeoutError:
                return  # the checker will say that it is stuck
            lecture.seconds = time.monotonic() - began

    def _delete(
        self, phone: Phone, lecture: HandedIn, chance: random.Random, *, corrected: bool
    ) -> None:
        """In mid-work: of the first transcription, or of the generation after a correction."""
        if corrected:
            phone.watch(lecture)
            if lecture.ended == "completed":
                phone.correct(lecture, f"Our guest is Professor {lecture.mark} from Leiden.")
                if self._plan.repeated:
                    self._repeat(phone, lecture)
        time.sleep(chance.uniform(0, LONGEST_DELAY_SEC))
        phone.delete(lecture)
        self._storm.strike("phone.deleted_in_mid_work")

    def _repeat(self, phone: Phone, lecture: HandedIn) -> None:
        """Have the files of another lecture of the course made again, now that it can be repeated
        by them."""
        with self._taking:
            other = next(
                each
                for each in self.lectures
                if each.course == lecture.course and each.mark is None
            )
        phone.wait(lecture)
        phone.wait(other)
        phone.start("export", other)
        phone.wait(other)

    def _course_that_is_deleted(self, number: int) -> None:
        """Once the first of its lectures has ended, while others are in mid-work."""
        chance = self._storm.stream("phone", f"course {number}")
        phone = self.phone()
        first = MARKS_OF_COURSES + number * LECTURES_A_DELETED_COURSE
        keys = range(first, first + LECTURES_A_DELETED_COURSE)
        course = f"course-{mark(first)}"
        lectures = [
            HandedIn(f"lecture-{mark(key)}", f"Ledger {mark(key)}", course, name, mark(key))
            for key, name in zip(keys, cycle(self._recordings), strict=False)
        ]
        with self._taking:
            self.lectures += lectures
            self.be_patient()
        try:
            phone.create_course(lectures[0], f"Almanac {mark(first)}")
            for key, lecture in zip(keys, lectures, strict=True):
                phone.hand_in(lecture, recording(lecture.recording, key), chance)
            phone.watch(lectures[0])
            phone.delete_course(lectures)
            self._storm.strike("phone.deleted_in_mid_work")
        except TimeoutError:
            return  # the checker will say that it is stuck

    def _next(self) -> tuple[HandedIn, int | None] | None:
        """A lecture, and the number of its mark if it is to be deleted."""
        with self._taking:
            plan, number = self._plan, self._begun
            if self._interrupted:
                return None
            enough = self._storm.faults >= plan.faults
            if number >= plan.lectures and (enough or number >= 3 * plan.lectures):
                return None
            self._begun += 1
            self.be_patient()
            name = self._recordings[number % len(self._recordings)]
            course = f"course-{number // LECTURES_A_COURSE}"
            slug = title = f"lecture-{number}"
            key = self._key_of(number)
            if key is not None:
                slug, title = f"{slug}-{mark(key)}", f"Ledger {mark(key)}"
            lecture = HandedIn(slug, title, course, name, None if key is None else mark(key))
            self.lectures.append(lecture)
            return lecture, key

    def _key_of(self, number: int) -> int | None:
        """The number of the mark of a lecture that is to be deleted: the second of its course,
        so that others repeat it."""
        every = self._plan.deleted_every
        if every is None or number % every != 1 % every:
            return None
        return number // every

"""What organizes the course is listed, with its times, and is in no other item."""

import json

import pytest

from functions.generate.announcements import announcements
from functions.generate.providers.extractive.provider import ExtractiveProvider
from functions.generate.text.language import language_of
from shared.presets import load_preset
from tests.evaluation.evidence import leaves_of
from tests.evaluation.lectures import SHARED, WRITTEN, written
from tests.evaluation.material import JSON, make
from tests.unit.generate.lectures import FOLDER, spoken

SPOKEN = FOLDER.parent / "spoken"
NAMES = ("thermodynamics", "memory")


def found(text: str) -> list[str]:
    return [each.text for each in announcements(spoken(text), language_of("en"))]


@pytest.mark.parametrize(
    "said",
    [
        "The midterm is on Tuesday the fourteenth of May, in room two oh five.",
        "Problem set four is due on Friday at noon.",
        "My office hours this week are moved to Wednesday.",
        "Please hand in the lab reports by next Monday.",
        "The deadline for the essay has been moved to the third of December.",
        "There's no class next Thursday, because of the conference.",
        "For the next lecture, I would like you to read chapter nine.",
        "In the exercise session on Thursday you will implement a hash table.",
    ],
)
def test_housekeeping_is_an_announcement(said: str) -> None:
    assert found(f"Heat flows from hot to cold. {said} Copper conducts heat.") == [said]


@pytest.mark.parametrize(
    "said",
    [
        "The deadline of the statute passed in 1351.",
        "The market was held on Monday in front of the church.",
        "A class of drugs lowers the pressure.",
        "The exam of the patient shows a swollen knee.",
        "Gas fills the room completely.",
        "A lecture by Faraday made electricity popular.",
        "When is the exam?",
        "The seminar method was invented in Göttingen.",
    ],
)
def test_the_subject_is_none(said: str) -> None:
    assert found(f"Heat flows from hot to cold. {said} Copper conducts heat.") == []


def test_an_announcement_has_the_time_and_the_words_it_was_said_in() -> None:
    transcript = spoken("Heat flows. Um, problem set, problem set four is due on Friday.")
    (each,) = announcements(transcript, language_of("en"))
    assert each.text == "Problem set four is due on Friday."
    (citation,) = each.citations
    assert citation.quote == "Um, problem set, problem set four is due on Friday."
    assert citation.start_sec == transcript.utterances[1].start_sec


@pytest.mark.parametrize("name", [*SHARED, *WRITTEN])
def test_of_lectures_that_organize_little_little_is_listed(name: str) -> None:
    transcript = written(name)
    assert len(announcements(transcript, language_of("en"))) <= 3


# --- spoken lectures ---


def made(name: str, preset: str = "exam") -> tuple[JSON, ...]:
    transcript = spoken((SPOKEN / f"{name}.txt").read_text())
    return make(ExtractiveProvider(), transcript, load_preset(preset)).artifacts


@pytest.mark.heavy
@pytest.mark.parametrize("name", NAMES)
def test_no_item_of_a_spoken_lecture_holds_what_no_item_should(name: str) -> None:
    unwanted = json.loads((SPOKEN / f"{name}.facts.json").read_text())["not_a_card"]
    artifacts = made(name)
    for artifact in artifacts:
        artifact["content"].pop("announcements", None)
    told = [
        text.casefold()
        for artifact in artifacts
        for leaf in leaves_of(artifact)
        for text in leaf.texts
    ]
    assert told
    assert [(phrase, text) for phrase in unwanted for text in told if phrase in text] == []
    fillers = {"um", "uh", "hmm", "you know,"}
    assert [text for text in told if not fillers.isdisjoint(text.replace(",", "").split())] == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("thermodynamics", ("midterm", "four is due", "office hours", "lab reports", "cancelled")),
        ("memory", ("deadline", "no class", "room b twelve", "loftus paper", "attendance")),
    ],
)
def test_the_announcements_of_a_spoken_lecture_are_all_listed(
    name: str, words: tuple[str, ...]
) -> None:
    transcript = spoken((SPOKEN / f"{name}.txt").read_text())
    listed = [each.text.casefold() for each in announcements(transcript, language_of("en"))]
    for word in words:
        assert sum(word in text for text in listed) == 1, (word, listed)
    assert len(listed) <= len(words) + 2

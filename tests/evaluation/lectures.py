"""The lectures that study material is made of and judged by."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from shared.documents.transcript import Transcript
from tests.unit.generate.lectures import spoken

DATA = Path(__file__).resolve().parents[1] / "data"

SHARED = ("economics", "hashing-1", "hashing-2", "photosynthesis")
"""Recorded, with key facts."""
WRITTEN = (
    *("astronomy", "history", "law", "medicine", "programming"),
    *("harmony", "immunology", "roman-republic"),
)
"""Only written, with key facts, on other subjects."""
SPOKEN = ("thermodynamics", "memory", "contract-terms", "elasticity", "operating-systems")
"""Written in the style of free speech: fillers, slips, questions of the audience, housekeeping."""
HELD_OUT = ("roman-republic", "operating-systems")
"""Of these, those that no rule was made with in view."""
OTHER_LANGUAGES = ("atom.ru", "immunite.fr", "inflacion.es", "jal.hi", "vulkane.de")
"""Only written, without key facts."""

Words = Literal["written", "heard", "spoken"]
"""As the lecturer's text has them, as Whisper base wrote them, or in the style of free speech."""


@dataclass(frozen=True)
class Fact:
    statement: str
    groups: tuple[tuple[str, ...], ...]
    """One item covers it if it holds, ignoring case, at least one of every group."""


@dataclass(frozen=True)
class Lecture:
    name: str
    words: Words
    transcript: Transcript
    facts: tuple[Fact, ...]


def every_lecture() -> Iterator[Lecture]:
    """All that have key facts."""
    for name in SHARED:
        yield Lecture(name, "heard", heard(name), _facts(DATA / "lectures", name))
        yield Lecture(name, "written", written(name), _facts(DATA / "lectures", name))
    for name in WRITTEN:
        yield Lecture(name, "written", written(name), _facts(DATA / "written", name))
    for name in SPOKEN:
        yield Lecture(name, "spoken", written(name), _facts(DATA / "spoken", name))


def long_lecture() -> Lecture:
    """A quarter of an hour: the recorded ones, one after the other."""
    texts = [(DATA / "lectures" / f"{name}.txt").read_text() for name in SHARED]
    facts = [fact for name in SHARED for fact in _facts(DATA / "lectures", name)]
    return Lecture("all recorded", "written", spoken("\n\n".join(texts)), tuple(facts))


def heard(name: str) -> Transcript:
    """One of SHARED through the real recognizer: see `hearing`."""
    return Transcript.model_validate_json((DATA / "heard" / f"{name}.json").read_bytes())


def written(name: str) -> Transcript:
    """Any of the lectures as its text has it; ".ru" at the end of a name tells the language."""
    folder = "lectures" if name in SHARED else "spoken" if name in SPOKEN else "written"
    _, _, language = name.partition(".")
    return spoken((DATA / folder / f"{name}.txt").read_text(), language or "en")


def _facts(folder: Path, name: str) -> tuple[Fact, ...]:
    listed = json.loads((folder / f"{name}.facts.json").read_text())["facts"]
    return tuple(
        Fact(
            fact["fact"],
            tuple(tuple(group) for group in fact["covered_if_one_item_has_all_of"]),
        )
        for fact in listed
    )

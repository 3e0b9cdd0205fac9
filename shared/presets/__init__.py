"""Presets: what kind of study material a student asks for. One JSON file each, beside this one."""

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import Field

from shared.documents.artifacts import BulletRole
from shared.errors import InvalidRequestError
from shared.schema import Schema

QuestionKind = Literal["multiple-choice", "short-answer", "essay", "true-false"]
Emphasis = Literal[
    "definitions", "examples", "contrasts", "relations", "evidence", "open-questions"
]
"""Kinds of statement: what something is, an instance of it, what it is not or differs from,
what it depends on or leads to, what a claim rests on, what is disputed or left open."""


class Preset(Schema):
    """All counts are upper limits: a short lecture yields fewer items, never invented ones."""

    id: str
    aliases: tuple[str, ...]
    title: str
    description: str
    summary_sections: int = Field(ge=1)
    bullets_per_section: int = Field(ge=1)
    section_roles: tuple[BulletRole, ...] = ()
    """What each section of the summary consists of, one bullet each and in this order; empty:
    bullets of no set kind."""
    outline_depth: int = Field(ge=1, le=3)
    """Levels of chapters in the outline; more than one where a chapter is long."""
    key_terms: int = Field(ge=1)
    flashcards: int = Field(ge=1)
    cloze_share: float = Field(ge=0, le=1)
    """The part of the flashcards that blank a word out of a sentence."""
    question_counts: dict[QuestionKind, int] = Field(min_length=1)
    """How many exam questions of each kind; a kind that is missing is not asked."""
    sentence_word_limit: int = Field(ge=8)
    """Longest sentence, in words, in bullets, outline points and overview."""
    tone: str
    """How it is written: part of a language model's prompt."""
    emphasis: tuple[Emphasis, ...]
    """What is chosen before other things."""


def list_presets() -> tuple[Preset, ...]:
    """Every preset, ordered by id."""
    return tuple(_presets().values())


def load_preset(preset_id: str) -> Preset:
    """The preset of this id or alias. Raises InvalidRequestError for any other."""
    for preset in _presets().values():
        if preset_id == preset.id or preset_id in preset.aliases:
            return preset
    raise InvalidRequestError(
        f"there is no preset {preset_id!r}; there are {', '.join(_presets())}"
    )


@cache
def _presets() -> Mapping[str, Preset]:
    files = sorted(Path(__file__).parent.glob("*.json"))
    presets = (Preset.model_validate_json(file.read_bytes()) for file in files)
    return {preset.id: preset for preset in presets}

"""Every item keeps its identity when the material is made again, whatever else changes."""

import itertools
import random
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache

import pytest

from functions.generate.assemble import ArtifactSet, Identity, Provenance, assemble
from functions.generate.identities.likeness import KnownItems, identities, to_keep
from functions.generate.identities.rows import identified
from functions.generate.text.language import language_of
from shared.courses.identities import derived_ids
from shared.documents.artifacts import (
    Announcement,
    ArtifactType,
    Bullet,
    Citation,
    ExamQuestion,
    KeyTerm,
    OutlineNode,
    OutlinePoint,
    StudyItem,
)
from shared.documents.items import ItemKind, item_key, items_of, kind_of, rewritten
from shared.documents.transcript import Transcript
from tests.unit.generate import lectures
from tests.unit.generate.lectures import NAMES, draft, lecture, spoken
from tests.unit.generate.test_card_identity import typos

pytestmark = pytest.mark.heavy

NAMESPACE = "local\nbiology\nphotosynthesis"
ENGLISH = language_of("en")
PRESETS = ("exam", "beginner", "research")
PROVENANCE = Provenance("biology", "photosynthesis", "exam", "extractive", datetime.now(UTC))
ANNOUNCED = (
    Announcement(
        text="The homework is due on Friday.",
        citations=(Citation(start_sec=1, end_sec=2, quote="The homework is due on Friday."),),
    ),
)


@cache
def made(transcript: Transcript, preset: str = "exam") -> ArtifactSet:
    return assemble(
        lectures.grounded(draft(transcript, preset), transcript, preset),
        thread_ids=[None] * len(draft(transcript, preset).concepts),
        identities={kind: Identity(str(uuid.uuid4()), 1) for kind in ArtifactType},
        provenance=PROVENANCE,
        language=ENGLISH,
        announced=ANNOUNCED,
    )


class Material:
    """A lecture's material over several generations, as the stage keeps it."""

    def __init__(self, previous: ArtifactSet | None = None) -> None:
        before: Mapping[ArtifactType, tuple[StudyItem, ...]] = (
            {each.artifact_type: items_of(each) for each in previous.all} if previous else {}
        )
        self.known = {
            kind: KnownItems(NAMESPACE, before.get(kind, ()), {}) for kind in ArtifactType
        }

    def generate(self, artifacts: ArtifactSet) -> tuple[StudyItem, ...]:
        done = identified(artifacts, self.known, ENGLISH)
        for artifact in done.all:
            known, items = self.known[artifact.artifact_type], items_of(artifact)
            kept = {**known.kept, **to_keep(items, known)}
            self.known[artifact.artifact_type] = KnownItems(NAMESPACE, items, kept)
        found = tuple(item for artifact in done.all for item in items_of(artifact))
        assert all(item.id for item in found)
        assert len({item.id for item in found}) == len(found)
        return found


def ids(items: tuple[StudyItem, ...]) -> list[str]:
    return [item.id for item in items]


def words_of(item: StudyItem) -> str:
    match item:
        case Bullet() | Announcement() | OutlinePoint():
            return item.text
        case KeyTerm():
            return item.term
        case OutlineNode():
            return item.title
        case ExamQuestion():
            return item.question
    return item_key(item)


def test_every_kind_of_item_has_one() -> None:
    found = Material().generate(made(lecture("hashing-1")))

    assert {kind_of(item) for item in found} == {*ItemKind}


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_that_is_uploaded_again_has_the_same_items(name: str) -> None:
    assert ids(Material().generate(made(lecture(name)))) == ids(
        Material().generate(made(lecture(name)))
    )


@pytest.mark.parametrize("name", NAMES)
def test_items_of_an_artifact_without_identities_keep_the_derived_ones(name: str) -> None:
    stored = made(lecture(name))

    found = Material(previous=stored).generate(stored)

    derived = [id for artifact in stored.all for id in derived_ids(NAMESPACE, items_of(artifact))]
    assert ids(found) == derived


@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(PRESETS, 2)))
def test_another_preset_and_back_changes_no_identity(first: str, second: str) -> None:
    material = Material()
    said = lecture("hashing-1")
    before = material.generate(made(said, first))
    material.generate(made(said, second))

    assert ids(material.generate(made(said, first))) == ids(before)


@pytest.mark.parametrize("name", NAMES)
def test_a_corrected_word_changes_no_identity(name: str) -> None:
    """An item that reads as before but for the correction is the one of before."""
    reworded = 0
    for seed in range(3):
        right, wrong = typos(name, random.Random(f"{name} {seed}"))  # noqa: S311
        misheard, heard = _differing(wrong, right)
        material = Material()
        before = material.generate(made(spoken(wrong)))

        after = material.generate(made(spoken(right)))

        known = {(kind_of(item), words_of(item).replace(misheard, heard)): item for item in before}
        for item in after:
            other = known.get((kind_of(item), words_of(item)))
            if other is None or kind_of(item) is ItemKind.FLASHCARD:
                continue  # test_card_identity.py
            assert item.id == other.id, (words_of(other), words_of(item))
            reworded += words_of(other) != words_of(item)
    assert reworded > 3


def _differing(wrong: str, right: str) -> tuple[str, str]:
    return next(
        (a.strip(".,"), b.strip(".,"))
        for a, b in zip(wrong.split(), right.split(), strict=True)
        if a != b
    )


# --- what is another item ---


def bullet(text: str, *, at: float = 10, said: str | None = None) -> Bullet:
    return Bullet(
        text=text, citations=(Citation(start_sec=at, end_sec=at + 5, quote=said or text),)
    )


def term(name: str, definition: str, *, said: str, at: float = 10) -> KeyTerm:
    return KeyTerm(
        term=name,
        definition=definition,
        first_said_sec=at,
        citations=(Citation(start_sec=at, end_sec=at + 5, quote=said),),
    )


MITOSIS = "Mitosis makes two cells, meiosis makes four."
OTHERS = [
    (bullet("Mitosis makes two cells.", said=MITOSIS), bullet("Meiosis makes four.", said=MITOSIS)),
    (bullet("A tree is a graph."), bullet("A heap is an array.")),
    (bullet("Keys are spread evenly."), bullet("Keys are spread evenly by hashing.", at=400)),
    (
        term("mitosis", "Makes two cells.", said=MITOSIS),
        term("meiosis", "Makes four cells.", said=MITOSIS),
    ),
]


def identity_after(one: StudyItem, *made_again: StudyItem) -> tuple[str, tuple[str, ...]]:
    nothing = KnownItems(NAMESPACE, (), {})
    (before,) = identities([one], nothing, ENGLISH)
    previous = one.model_copy(update={"id": before})
    return before, identities(made_again, KnownItems(NAMESPACE, (previous,), {}), ENGLISH)


@pytest.mark.parametrize(("one", "other"), OTHERS)
def test_what_says_something_else_is_no_item_of_before(one: StudyItem, other: StudyItem) -> None:
    before, (after,) = identity_after(one, other)

    assert after != before
    assert before in identity_after(one, one, other)[1]


def test_a_statement_that_is_worded_a_little_otherwise_is_the_same() -> None:
    said = "So the table doubles its size once it is three quarters full."
    before, (after,) = identity_after(
        bullet("The table doubles its size when it is three quarters full.", said=said),
        bullet("The table doubles its size once it is three quarters full.", said=said),
    )

    assert after == before


@pytest.mark.parametrize("seed", range(20))
def test_no_identity_is_given_twice_and_none_moves(seed: int) -> None:
    """Any sequence of generations: items come, go, come back, and change their order."""
    dice = random.Random(seed)  # noqa: S311
    pool = [bullet(f"Fact {n} is about matter {n}.", at=100.0 * n) for n in range(12)]
    known, seen = KnownItems(NAMESPACE, (), {}), dict[str, str]()
    for _ in range(8):
        items = dice.sample(pool, dice.randint(0, len(pool)))
        given = identities(items, known, ENGLISH)
        assert len({*given}) == len(items)
        made_now = tuple(
            each.model_copy(update={"id": id}) for each, id in zip(items, given, strict=True)
        )
        for each in made_now:
            assert seen.setdefault(each.text, each.id) == each.id
        known = KnownItems(NAMESPACE, made_now, {**known.kept, **to_keep(made_now, known)})


# --- the way through an artifact ---


def test_a_chapter_that_is_left_out_goes_with_what_is_in_it() -> None:
    outline = made(lecture("hashing-1")).outline
    gone = outline.content.nodes[0]

    left = rewritten(outline, lambda item: None if item == gone else item)

    below = {id(item) for item in items_of(rewritten(outline, lambda item: item))}
    assert left.content.nodes == outline.content.nodes[1:]
    assert len(items_of(left)) < len(below)


def test_an_artifact_that_is_not_changed_is_equal() -> None:
    for artifact in made(lecture("hashing-1")).all:
        assert rewritten(artifact, lambda item: item) == artifact

"""Cards keep the identities that students' decks know them by, through everything but another name.

What the previous release exported is reckoned here as it did it.
"""

import hashlib
import io
import json
import re
import uuid
from collections import Counter
from collections.abc import Sequence
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, text

from functions.export.formats.anki.identity import identities
from functions.export.gathering import gather
from functions.generate.job import generate_material
from functions.ingest.app import create_app
from shared.courses.identities import namespace_of
from shared.database.connections import Database
from shared.database.migrate import migrate
from shared.documents.artifacts import ArtifactType, Flashcards
from shared.documents.transcript import Transcript
from shared.fault_points import listen
from shared.messaging.events import JobMessage
from shared.models import ArtifactRow, CardIdentity, CardNamespace, JobType, Lecture
from shared.runtime import Runtime
from shared.workers.outcomes import DONE
from tests.support.clock import HeldClock
from tests.support.lectures.builders import add_lecture, enqueue, get_lecture, running, uploaded
from tests.unit.generate.lectures import lecture as spoken_lecture
from tests.unit.generate.lectures import spoken

INGEST = {"courseId": "algorithms", "lectureId": "hashing", "contentType": "audio/wav"}
SAID = spoken_lecture("hashing-1")


def guid_of_before(course_id: Any, lecture_id: Any, key: str, occurrence: int) -> str:
    identity = [str(course_id), str(lecture_id), key, str(occurrence)]
    return "p" + hashlib.sha256("\n".join(identity).encode()).hexdigest()[:20]


def guids_of_before(lecture: Lecture, keys: Sequence[str]) -> list[str]:
    seen: Counter[str] = Counter()
    found = []
    for key in keys:
        seen[key] += 1
        found.append(guid_of_before(lecture.course_id, lecture.id, key, seen[key]))
    return found


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    return create_app(runtime).test_client()


def say(rt: Runtime, lecture: Lecture, said: Transcript) -> None:
    """The lecture's transcript from now on."""
    name = rt.names.transcript(lecture.id, uuid.uuid4(), 1)
    rt.store.create(name, said.to_json(), "application/json")
    with rt.database.unit_of_work() as session:
        row = session.get_one(Lecture, lecture.id)
        row.transcript_object, row.language = name, said.language
        session.commit()


def generate(rt: Runtime, lecture: Lecture, preset: str = "exam") -> Flashcards:
    job_id = enqueue(rt, lecture, JobType.GENERATION, params={"preset_id": preset})
    assert generate_material(rt, JobMessage(job_id=job_id)) == DONE
    return flashcards(rt, lecture)


def flashcards(rt: Runtime, lecture: Lecture) -> Flashcards:
    return Flashcards.model_validate_json(rt.store.read(_current(rt, lecture)))


def _current(rt: Runtime, lecture: Lecture) -> str:
    with rt.database.unit_of_work() as session:
        return session.scalars(
            select(ArtifactRow.object).where(
                ArtifactRow.lecture_id == lecture.id, ArtifactRow.type == ArtifactType.FLASHCARDS
            )
        ).one()


def guids(cards: Flashcards) -> list[str | None]:
    return [card.guid for card in cards.content.cards]


def keys(cards: Flashcards) -> list[str]:
    return [card.key for card in cards.content.cards]


def forget_guids(rt: Runtime, lecture: Lecture) -> None:
    """Make the current artifact one of a release that stored no identities."""
    document = json.loads(rt.store.read(_current(rt, lecture)))
    for card in document["content"]["cards"]:
        del card["guid"]
    name = f"{rt.names.folder('artifacts', lecture.id)}before/flashcards.json"
    rt.store.create(name, json.dumps(document).encode(), "application/json")
    with rt.database.unit_of_work() as session:
        row = session.scalars(
            select(ArtifactRow).where(
                ArtifactRow.lecture_id == lecture.id, ArtifactRow.type == ArtifactType.FLASHCARDS
            )
        ).one()
        row.object = name
        session.commit()


def the_lecture(rt: Runtime) -> Lecture:
    with rt.database.unit_of_work() as session:
        return session.scalars(select(Lecture).where(Lecture.slug == "hashing")).one()


def replaced(rt: Runtime, client: FlaskClient, **names: str) -> Lecture:
    """The lecture is deleted and announced again, as the guide says."""
    assert client.delete("/lectures/hashing").status_code == 200
    assert client.post("/lectures/ingest", json={**INGEST, **names}).status_code in {200, 201}
    return the_lecture(rt)


def from_before(rt: Runtime) -> Lecture:
    """A lecture that was there when its database was migrated."""
    lecture = uploaded(rt)
    with rt.database.unit_of_work() as session:
        session.add(
            CardNamespace(
                owner=lecture.owner,
                names_sha256=hashlib.sha256(b"local\nalgorithms\nhashing").hexdigest(),
                namespace=f"{lecture.course_id}\n{lecture.id}",
            )
        )
        session.commit()
    return lecture


# --- the migration ---


def test_the_migration_keeps_the_identities_of_every_lecture_there_is(
    empty_database: Database,
) -> None:
    """Names in any script, with any character."""
    migrate(empty_database, "0011")
    names = [("owner", "course", "lecture"), ("b|x", "курс", "व्याख्यान"), ("'q\\'", "c", 'l"')]
    with empty_database.engine.begin() as connection:
        for owner, course, slug in names:
            course_id, lecture_id = uuid.uuid4(), uuid.uuid4()
            given = {"c": course_id, "l": lecture_id, "o": owner, "cs": course, "ls": slug}
            connection.execute(
                text(
                    "INSERT INTO courses (id, owner, slug, created_at, updated_at) "
                    "VALUES (:c, :o, :cs, now(), now())"
                ),
                given,
            )
            connection.execute(
                text(
                    "INSERT INTO lectures (id, course_id, owner, slug, preset_id, status, "
                    "source_object, content_type, created_at, updated_at) VALUES "
                    "(:l, :c, :o, :ls, 'exam', 'uploaded', :o, 'audio/wav', now(), now())"
                ),
                given,
            )

    migrate(empty_database)

    with empty_database.unit_of_work() as session:
        lectures = session.scalars(select(Lecture)).all()
        assert len(lectures) == len(names)
        for lecture in lectures:
            assert namespace_of(session, lecture) == f"{lecture.course_id}\n{lecture.id}"
            slugs = f"{lecture.course.slug}\n{lecture.slug}"
            assert lecture.card_namespace == f"{lecture.owner}\n{slugs}"


def test_a_lecture_of_before_is_exported_as_it_was(runtime: Runtime) -> None:
    lecture = from_before(runtime)
    say(runtime, lecture, SAID)
    made = generate(runtime, lecture)
    forget_guids(runtime, lecture)

    document = gather(runtime, running(runtime, lecture, JobType.EXPORT))

    assert [guid for _, guid in identities(document)] == guids_of_before(lecture, keys(made))


def test_a_lecture_of_before_is_generated_again_as_it_was(runtime: Runtime) -> None:
    lecture = from_before(runtime)
    say(runtime, lecture, SAID)
    expected = guids_of_before(lecture, keys(generate(runtime, lecture)))
    forget_guids(runtime, lecture)

    assert guids(generate(runtime, lecture)) == expected


def test_a_lecture_of_before_that_is_replaced_now_keeps_its_cards(
    runtime: Runtime, client: FlaskClient
) -> None:
    lecture = from_before(runtime)
    say(runtime, lecture, SAID)
    expected = guids_of_before(lecture, keys(generate(runtime, lecture)))

    again = replaced(runtime, client)
    say(runtime, again, SAID)

    assert again.id != lecture.id
    assert guids(generate(runtime, again)) == expected


def test_so_does_one_that_the_release_of_before_makes_during_the_update(
    runtime: Runtime, client: FlaskClient
) -> None:
    """It runs on the new tables, and knows nothing of the namespace."""
    lecture = add_lecture(runtime, card_namespace=None)
    say(runtime, lecture, SAID)

    made = generate(runtime, lecture)
    assert guids(made) == guids_of_before(lecture, keys(made))
    assert get_lecture(runtime, lecture).card_namespace == "local\nalgorithms\nhashing"
    assert guids(generate(runtime, lecture)) == guids(made)

    again = replaced(runtime, client)
    say(runtime, again, SAID)
    assert guids(generate(runtime, again)) == guids(made)


def test_what_outlives_a_lecture_does_not_tell_its_names(
    runtime: Runtime, client: FlaskClient
) -> None:
    lecture = from_before(runtime)
    say(runtime, lecture, SAID)
    generate(runtime, lecture)
    client.delete("/lectures/hashing")

    with runtime.database.unit_of_work() as session:
        (kept,) = session.scalars(select(CardNamespace)).all()
        assert session.scalars(select(CardIdentity)).all() == []
    assert re.fullmatch("[0-9a-f]{64}", kept.names_sha256)
    assert (kept.owner, kept.namespace) == ("local", f"{lecture.course_id}\n{lecture.id}")


# --- replaced ---


def announced(rt: Runtime, client: FlaskClient) -> Lecture:
    client.post("/lectures/ingest", json=INGEST)
    return the_lecture(rt)


def test_a_recording_that_is_replaced_keeps_its_cards(
    runtime: Runtime, client: FlaskClient
) -> None:
    lecture = announced(runtime, client)
    say(runtime, lecture, SAID)
    before = guids(generate(runtime, lecture))

    again = replaced(runtime, client)
    say(runtime, again, SAID)

    assert again.id != lecture.id
    assert guids(generate(runtime, again)) == before


@pytest.mark.parametrize("how", ["announced", "form"])
def test_both_ways_to_upload_name_the_lecture(
    runtime: Runtime, client: FlaskClient, how: str
) -> None:
    if how == "form":
        client.post(
            "/lectures/ingest",
            data={**INGEST, "audio": (io.BytesIO(b"RIFF"), "a.wav", "audio/wav")},
        )
    else:
        client.post("/lectures/ingest", json=INGEST)

    assert the_lecture(runtime).card_namespace == "local\nalgorithms\nhashing"


@pytest.mark.slow
def test_another_name_makes_other_cards(runtime: Runtime, client: FlaskClient) -> None:
    lecture = announced(runtime, client)
    say(runtime, lecture, SAID)
    before = guids(generate(runtime, lecture))

    again = replaced(runtime, client, courseId="data-structures")
    say(runtime, again, SAID)

    assert set(guids(generate(runtime, again))).isdisjoint(before)


def test_another_users_lecture_of_the_same_names_has_other_cards(runtime: Runtime) -> None:
    mine, theirs = (uploaded(runtime, owner=owner) for owner in ("me", "them"))
    for lecture in (mine, theirs):
        say(runtime, lecture, SAID)

    made = [set(guids(generate(runtime, lecture))) for lecture in (mine, theirs)]

    assert made[0].isdisjoint(made[1])


# --- made anew ---


@pytest.mark.selection
def test_renaming_changes_no_identity(runtime: Runtime) -> None:
    lecture = uploaded(runtime)
    say(runtime, lecture, SAID)
    before = guids(generate(runtime, lecture))
    with runtime.database.unit_of_work() as session:
        row = session.get_one(Lecture, lecture.id)
        row.title, row.slug = "Another title", "another-slug"
        row.course.title, row.course.slug = "Another course", "another-course"
        session.commit()

    assert guids(generate(runtime, lecture)) == before


@pytest.mark.slow
def test_a_typo_that_is_corrected_changes_no_identity(
    runtime: Runtime, client: FlaskClient
) -> None:
    right = " ".join(utterance.text for utterance in SAID.utterances)
    wrong = spoken(right.replace("collision", "colision"))
    assert wrong != spoken(right)
    lecture = uploaded(runtime)
    say(runtime, lecture, wrong)
    before = generate(runtime, lecture)
    etag = client.get("/lectures/hashing/transcript").headers["ETag"]
    corrections = [
        {"utteranceId": each.id, "text": each.text.replace("colision", "collision")}
        for each in wrong.utterances
        if "colision" in each.text
    ]

    answer = client.patch(
        "/lectures/hashing/transcript",
        headers={"If-Match": etag},
        json={"corrections": corrections, "regenerate": True},
    )
    assert generate_material(runtime, JobMessage(job_id=answer.get_json()["jobId"])) == DONE

    after = flashcards(runtime, lecture)
    known = {card.front.replace("olision", "ollision"): card for card in before.content.cards}
    asked = [card for card in after.content.cards if card.front in known]
    reworded = [card for card in asked if card.key != known[card.front].key]
    assert len(asked) > len(after.content.cards) / 2
    assert reworded
    assert [card.guid for card in asked] == [known[card.front].guid for card in asked]
    # The keys that the cards have now lead to other identities: these are remembered.
    with runtime.database.unit_of_work() as session:
        kept = session.scalars(select(CardIdentity.guid)).all()
    assert {card.guid for card in reworded} <= set(kept)


@pytest.mark.slow
def test_cards_that_are_lost_from_the_bucket_are_made_anew(runtime: Runtime) -> None:
    lecture = uploaded(runtime)
    say(runtime, lecture, SAID)
    before = guids(generate(runtime, lecture))
    runtime.store.delete(_current(runtime, lecture))

    assert guids(generate(runtime, lecture)) == before


class Killed(BaseException):
    """The process dies: nothing catches it."""


def test_an_attempt_that_dies_leaves_no_identity_behind(runtime: Runtime, clock: HeldClock) -> None:
    lecture = uploaded(runtime)
    say(runtime, lecture, SAID)
    before = guids(generate(runtime, lecture))
    job_id = enqueue(runtime, lecture, JobType.GENERATION, params={"preset_id": "beginner"})

    def die(point: str, _work: str) -> None:
        if point == "generation.stored":
            raise Killed

    listen(die)
    try:
        with pytest.raises(Killed):
            generate_material(runtime, JobMessage(job_id=job_id))
    finally:
        listen(None)
    assert guids(flashcards(runtime, lecture)) == before
    clock.advance(runtime.settings.plc_lease_sec + 1)

    assert generate_material(runtime, JobMessage(job_id=job_id)) == DONE

    cards = {card.key: card.guid for card in flashcards(runtime, lecture).content.cards}
    assert guids(generate(runtime, lecture)) == before
    assert len(set(cards.values())) == len(cards)


def test_a_worker_that_lost_its_lease_changes_no_identity(
    runtime: Runtime, clock: HeldClock
) -> None:
    """It has stored its cards when another attempt, of the corrected transcript, makes its own."""
    lecture = uploaded(runtime)
    say(runtime, lecture, SAID)
    job_id = enqueue(runtime, lecture, JobType.GENERATION, params={"preset_id": "exam"})
    made: list[list[str | None]] = []

    def overtake(point: str, _work: str) -> None:
        if point == "generation.stored" and not made:
            made.append([])
            clock.advance(runtime.settings.plc_lease_sec + 1)
            text_of_all = " ".join(each.text for each in SAID.utterances)
            say(runtime, lecture, spoken(text_of_all.replace("collision", "colision")))
            assert generate_material(runtime, JobMessage(job_id=job_id)) == DONE
            made.append(guids(flashcards(runtime, lecture)))

    listen(overtake)
    try:
        assert generate_material(runtime, JobMessage(job_id=job_id)) != DONE
    finally:
        listen(None)

    assert guids(flashcards(runtime, lecture)) == made[1]
    with runtime.database.unit_of_work() as session:
        assert session.scalars(select(CardIdentity)).all() == []

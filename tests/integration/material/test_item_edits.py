"""Students change, hide and add items; what they did outlives the material it was done to."""

import io
import json
import sqlite3
import uuid
import zipfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import delete, select
from werkzeug.test import TestResponse

from functions.export.job import export_lecture
from functions.ingest.app import create_app
from functions.ingest.corrections.items import MAX_EDITS
from functions.retention.runs.expiry import expire
from shared.database.locks import lock_lecture
from shared.documents.items import ItemKind
from shared.messaging.events import JobMessage
from shared.models import ArtifactRow, ExportRow, ItemEdit, Job, JobType, Lecture, WorkStatus
from shared.runtime import Runtime
from shared.workers.outcomes import DONE
from tests.integration.material.test_card_identity import generate, say
from tests.support.clock import HeldClock
from tests.support.database.locks import a_transaction_waits
from tests.support.lectures.builders import changed, uploaded
from tests.support.processes.threads import PATIENCE_SEC
from tests.support.processes.waiting import wait_until
from tests.unit.generate.lectures import lecture as spoken_lecture
from tests.unit.generate.lectures import spoken

pytestmark = pytest.mark.usefixtures("owner_conditions")

JSON = dict[str, Any]
SAID = spoken_lecture("hashing-1")
MINE = {"kind": "flashcard", "front": "What is my question?", "back": "My answer."}


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    return create_app(runtime).test_client()


@pytest.fixture
def lecture(runtime: Runtime) -> Lecture:
    lecture = uploaded(runtime)
    say(runtime, lecture, SAID)
    generate(runtime, lecture)
    return lecture


def read(client: FlaskClient, kind: str = "flashcards", query: str = "") -> tuple[JSON, str]:
    answer = client.get(f"/lectures/hashing/artifacts/{kind}{query}")
    assert answer.status_code == 200, answer.text
    return answer.get_json()["content"], answer.headers["ETag"]


def cards(client: FlaskClient, query: str = "") -> dict[str, JSON]:
    return {card["id"]: card for card in read(client, query=query)[0]["cards"]}


def patch(client: FlaskClient, item: str, etag: str, **changes: Any) -> TestResponse:
    return client.patch(f"/lectures/hashing/items/{item}", json=changes, headers={"If-Match": etag})


def edit(client: FlaskClient, item: str, kind: str = "flashcards", **changes: Any) -> JSON:
    answer = patch(client, item, read(client, kind)[1], **changes)
    assert answer.status_code == 200, answer.text
    document: JSON = answer.get_json()
    return document


def add(client: FlaskClient, **item: Any) -> JSON:
    answer = client.post("/lectures/hashing/items", json={"item": item})
    assert answer.status_code == 201, answer.text
    document: JSON = answer.get_json()
    return document


def remove(client: FlaskClient, item: str, kind: str = "flashcards") -> TestResponse:
    return client.delete(
        f"/lectures/hashing/items/{item}", headers={"If-Match": read(client, kind)[1]}
    )


def edits(client: FlaskClient) -> list[JSON]:
    listed: list[JSON] = client.get("/lectures/hashing/items").get_json()["edits"]
    return listed


def basic(client: FlaskClient) -> JSON:
    return next(card for card in cards(client).values() if card["kind"] == "basic")


# --- changing ---


def test_a_changed_card_reads_as_its_student_wants(client: FlaskClient, lecture: Lecture) -> None:
    before = basic(client)

    done = edit(client, before["id"], back="What I call it.")

    after = cards(client)[before["id"]]
    assert after == {**before, "back": "What I call it.", "edited": True}
    assert done["etag"] == read(client)[1]
    assert done["jobId"]
    [listed] = edits(client)
    assert listed["fields"] == {"back": "What I call it."}
    assert (listed["own"], listed["hidden"], listed["orphaned"]) == (False, False, False)


def test_null_and_the_words_it_was_made_with_take_a_change_back(
    client: FlaskClient, lecture: Lecture
) -> None:
    before = basic(client)
    for back in (None, before["back"]):
        edit(client, before["id"], back="Another.")

        edit(client, before["id"], back=back)

        assert cards(client)[before["id"]] == before
        assert edits(client) == []


def test_every_kind_of_item_can_be_changed(client: FlaskClient, lecture: Lecture) -> None:
    summary, outline = read(client, "summary")[0], read(client, "outline")[0]
    changes = {
        ("summary", summary["sections"][0]["bullets"][0]["id"]): {"text": "My bullet."},
        ("outline", outline["nodes"][0]["id"]): {"title": "My chapter"},
        ("outline", outline["nodes"][0]["points"][0]["id"]): {"text": "My point."},
        ("key-terms", read(client, "key-terms")[0]["terms"][0]["id"]): {
            "term": "Mine",
            "definition": "My definition.",
            "example": "My example.",
        },
        ("exam-questions", read(client, "exam-questions")[0]["questions"][0]["id"]): {
            "question": "My question?"
        },
    }
    for (kind, item), fields in changes.items():
        edit(client, item, kind, **fields)

    shown = json.dumps([read(client, kind)[0] for kind, _ in changes])
    for fields in changes.values():
        assert all(words in shown for words in fields.values())
    assert len(edits(client)) == len(changes)


def test_only_what_was_changed_has_another_etag(client: FlaskClient, lecture: Lecture) -> None:
    _, terms = read(client, "key-terms")
    before = read(client)[1]

    edit(client, basic(client)["id"], hidden=True)

    assert read(client)[1] != before
    unchanged = client.get(
        "/lectures/hashing/artifacts/key-terms", headers={"If-None-Match": terms}
    )
    assert unchanged.status_code == 304


# --- concurrency ---


def test_a_change_of_what_was_changed_meanwhile_is_refused(
    client: FlaskClient, lecture: Lecture
) -> None:
    item, (_, etag) = basic(client)["id"], read(client)
    assert patch(client, item, etag, back="From the phone.").status_code == 200

    refused = patch(client, item, etag, back="From the laptop.")

    assert (refused.status_code, refused.get_json()["code"]) == (412, "material_changed")
    assert cards(client)[item]["back"] == "From the phone."
    edit(client, item, back="From the laptop.")
    assert cards(client)[item]["back"] == "From the laptop."


def test_the_answers_etag_is_that_of_the_next_change(client: FlaskClient, lecture: Lecture) -> None:
    first, second = list(cards(client))[:2]
    etag = edit(client, first, hidden=True)["etag"]

    assert patch(client, second, etag, hidden=True).status_code == 200


def test_material_that_was_made_again_meanwhile_is_not_changed(
    runtime: Runtime, client: FlaskClient, lecture: Lecture
) -> None:
    item, (_, etag) = basic(client)["id"], read(client)
    generate(runtime, lecture)

    assert patch(client, item, etag, hidden=True).status_code == 412


def test_a_change_that_waits_for_another_is_refused(
    runtime: Runtime, client: FlaskClient, lecture: Lecture
) -> None:
    """It has found its item, and waits at the lecture's lock for a change of another one."""
    item, (_, etag) = basic(client)["id"], read(client)
    with ThreadPoolExecutor(1) as pool, runtime.database.unit_of_work() as session:
        lock_lecture(session, lecture.id)
        session.add(an_edit(lecture, "another"))
        waiting = pool.submit(patch, client, item, etag, back="My words.")
        wait_until(
            lambda: a_transaction_waits(runtime.database),
            timeout_sec=PATIENCE_SEC,
            what="the change at the lock",
        )
        session.commit()
        answer = waiting.result(PATIENCE_SEC)

    assert answer.status_code == 412
    assert item not in {each["itemId"] for each in edits(client)}


def test_an_item_for_material_that_is_withdrawn_meanwhile_is_answered_as_without(
    runtime: Runtime, client: FlaskClient, lecture: Lecture
) -> None:
    """It has found the material, and waits for what withdraws it, as a cut does."""
    with ThreadPoolExecutor(1) as pool, runtime.database.unit_of_work() as session:
        lock_lecture(session, lecture.id)
        session.execute(delete(ArtifactRow).where(ArtifactRow.lecture_id == lecture.id))
        waiting = pool.submit(client.post, "/lectures/hashing/items", json={"item": MINE})
        wait_until(
            lambda: a_transaction_waits(runtime.database),
            timeout_sec=PATIENCE_SEC,
            what="the item at the lock",
        )
        session.commit()
        answer = waiting.result(PATIENCE_SEC)

    assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")
    assert client.post("/lectures/hashing/items", json={"item": MINE}).status_code == 404


def test_a_change_says_what_it_changes(
    client: FlaskClient, lecture: Lecture, subtests: pytest.Subtests
) -> None:
    path = f"/lectures/hashing/items/{basic(client)['id']}"
    for etag in (None, "*", "garbage"):
        headers = {"If-Match": etag} if etag else {}

        answers = [
            client.patch(path, json={"hidden": True}, headers=headers),
            client.delete(path, headers=headers),
        ]

        with subtests.test(etag):
            assert [answer.status_code for answer in answers] == [428, 428]


# --- what is refused ---


REFUSED: tuple[tuple[JSON, str, str], ...] = (
    ({"definition": "Of a term."}, "definition", "unknown_field"),
    ({"citations": []}, "citations", "unknown_field"),
    ({"back": ""}, "back", "wrong_form"),
    ({"back": "\u200b\u2800"}, "back", "wrong_form"),
    ({"back": "x" * 2001}, "back", "too_long"),
    ({"back": 7}, "back", "wrong_type"),
    ({"hidden": "yes"}, "hidden", "wrong_type"),
)


def test_what_is_no_text_of_a_card_is_refused(
    client: FlaskClient, lecture: Lecture, subtests: pytest.Subtests
) -> None:
    item, etag = basic(client)["id"], read(client)[1]
    for changes, field, code in REFUSED:
        answer = patch(client, item, etag, **changes)

        with subtests.test(code, field=field):
            assert answer.status_code == 422
            assert [(e["field"], e["code"]) for e in answer.get_json()["errors"]] == [(field, code)]
            assert edits(client) == []


def test_what_a_terminal_or_a_reader_would_obey_is_removed(
    client: FlaskClient, lecture: Lecture
) -> None:
    item = basic(client)["id"]

    edit(client, item, back="<b>a</b>\u202e\x07\n\tb")

    assert cards(client)[item]["back"] == "<b>a</b> b"


def test_a_cloze_card_keeps_hiding_something(client: FlaskClient, lecture: Lecture) -> None:
    cloze = next(card for card in cards(client).values() if card["kind"] == "cloze")

    refused = patch(client, cloze["id"], read(client)[1], front="Nothing is hidden.")

    assert refused.status_code == 422
    assert refused.get_json()["errors"][0]["field"] == "front"
    edit(client, cloze["id"], front="Something {{c1::else}} is hidden.")


def test_the_answer_stays_one_of_the_options(client: FlaskClient, lecture: Lecture) -> None:
    questions = read(client, "exam-questions")[0]["questions"]
    choice = next(each for each in questions if each["kind"] == "multiple-choice")
    refused: tuple[JSON, ...] = ({"answer": "None of them"}, {"options": ["one", "two"]})
    for changes in refused:
        etag = read(client, "exam-questions")[1]
        assert patch(client, choice["id"], etag, **changes).status_code == 422

    edit(client, choice["id"], "exam-questions", options=["one", "two"], answer="two")

    [shown] = [q for q in read(client, "exam-questions")[0]["questions"] if q["id"] == choice["id"]]
    assert (shown["options"], shown["answer"]) == (["one", "two"], "two")
    other = next(option for option in choice["options"] if option != choice["answer"])
    taken_back: JSON = {"options": None, "answer": None}
    for changes in (taken_back, {"answer": other}):
        edit(client, choice["id"], "exam-questions", **changes)
    # The options as well: those of another generation may lack the answer.
    assert edits(client)[0]["fields"] == {"options": choice["options"], "answer": other}


def test_there_is_nothing_to_change_of_no_item(client: FlaskClient, lecture: Lecture) -> None:
    etag = read(client)[1]
    of_another_kind = read(client, "key-terms")[0]["terms"][0]["id"]

    for item in ("no-such-item", of_another_kind):
        assert patch(client, item, etag, hidden=True).status_code == 404
    assert remove(client, basic(client)["id"]).status_code == 404


def test_a_lecture_has_no_more_edits_than_it_may(
    runtime: Runtime, client: FlaskClient, lecture: Lecture
) -> None:
    with runtime.database.unit_of_work() as session:
        session.add_all(an_edit(lecture, f"item-{n}") for n in range(MAX_EDITS - 1))
        session.commit()
    add(client, **MINE)

    refused = client.post("/lectures/hashing/items", json={"item": MINE})

    assert (refused.status_code, refused.get_json()["code"]) == (409, "too_many_edits")


def an_edit(lecture: Lecture, item: str) -> ItemEdit:
    """Of a flashcard that the material does not have."""
    return ItemEdit(
        lecture_id=lecture.id,
        item_id=item,
        kind=ItemKind.FLASHCARD,
        own=False,
        hidden=True,
        fields={},
        revision=uuid.uuid4(),
        created_at=lecture.created_at,
        updated_at=lecture.created_at,
    )


# --- hiding ---


def test_a_hidden_item_is_shown_to_whoever_asks_for_it(
    client: FlaskClient, lecture: Lecture
) -> None:
    item = basic(client)["id"]

    edit(client, item, hidden=True)

    assert item not in cards(client)
    assert cards(client, "?hidden=true")[item]["hidden"] is True
    edit(client, item, hidden=False)
    assert item in cards(client)
    assert edits(client) == []


# --- own items ---


def test_ones_own_items_stand_after_the_others(client: FlaskClient, lecture: Lecture) -> None:
    made = {
        "flashcards": add(client, **MINE),
        "key-terms": add(client, kind="key-term", term="Mine", definition="What is mine."),
        "exam-questions": add(client, kind="exam-question", question="Why?", answer="So."),
    }

    lists = {"flashcards": "cards", "key-terms": "terms", "exam-questions": "questions"}
    for kind, done in made.items():
        last = read(client, kind)[0][lists[kind]][-1]
        assert (last["id"], last["own"], last["citations"]) == (done["itemId"], True, [])
        assert done["artifactType"] == kind


def test_ones_own_item_is_changed_and_removed(client: FlaskClient, lecture: Lecture) -> None:
    item = add(client, **MINE)["itemId"]
    edit(client, item, back="Another.")
    assert cards(client)[item]["back"] == "Another."

    assert patch(client, item, read(client)[1], back=None).status_code == 422
    assert remove(client, item).status_code == 200

    assert item not in cards(client)
    assert edits(client) == []


def test_without_material_there_is_nothing_to_add_to(runtime: Runtime, client: FlaskClient) -> None:
    uploaded(runtime)

    assert client.post("/lectures/hashing/items", json={"item": MINE}).status_code == 404


# --- made again ---


def test_edits_are_kept_when_the_material_is_made_again(
    runtime: Runtime, client: FlaskClient, lecture: Lecture
) -> None:
    hidden, worded = list(cards(client))[:2]
    edit(client, hidden, hidden=True)
    edit(client, worded, back="My words.")
    mine = add(client, **MINE)["itemId"]
    generate(runtime, lecture)
    text = " ".join(each.text for each in SAID.utterances)
    say(runtime, lecture, spoken(text.replace("collision", "colision")))

    generate(runtime, lecture)

    shown = cards(client)
    assert hidden not in shown
    assert shown[worded]["back"] == "My words."
    assert mine in shown


def test_edits_of_what_is_not_made_again_are_listed(
    runtime: Runtime, client: FlaskClient, lecture: Lecture
) -> None:
    item = basic(client)["id"]
    edit(client, item, back="My words.")
    say(runtime, lecture, spoken_lecture("photosynthesis"))
    generate(runtime, lecture)

    [orphan] = edits(client)
    assert (orphan["itemId"], orphan["orphaned"]) == (item, True)
    assert orphan["fields"] == {"back": "My words."}
    assert item not in cards(client, "?hidden=true")
    assert patch(client, item, read(client)[1], back="Other.").status_code == 409

    # Made again, it has the edit again.
    say(runtime, lecture, SAID)
    generate(runtime, lecture)
    assert cards(client)[item]["back"] == "My words."
    say(runtime, lecture, spoken_lecture("photosynthesis"))
    generate(runtime, lecture)
    assert remove(client, item).status_code == 200
    assert edits(client) == []


# --- files ---


def export(rt: Runtime, lecture: Lecture) -> None:
    with rt.database.reading() as session:
        job = session.scalars(
            select(Job.id).where(
                Job.lecture_id == lecture.id,
                Job.type == JobType.EXPORT,
                Job.status == WorkStatus.QUEUED,
            )
        ).one()
    assert export_lecture(rt, JobMessage(job_id=job)) == DONE


def file(rt: Runtime, lecture: Lecture, kind: str) -> bytes:
    with rt.database.reading() as session:
        name = session.scalars(
            select(ExportRow.object).where(
                ExportRow.lecture_id == lecture.id, ExportRow.type == kind
            )
        ).one()
    return rt.store.read(name)


def notes(rt: Runtime, lecture: Lecture) -> Mapping[str, tuple[str, int]]:
    """Fields and time of each note of the deck, by GUID."""
    with zipfile.ZipFile(io.BytesIO(file(rt, lecture, "anki"))) as package:
        connection = sqlite3.connect(":memory:")
        connection.deserialize(package.read("collection.anki2"))
        rows = connection.execute("SELECT guid, flds, mod FROM notes").fetchall()
        connection.close()
    return {guid: (fields, modified) for guid, fields, modified in rows}


def test_files_have_the_edits_and_decks_update(
    runtime: Runtime, client: FlaskClient, lecture: Lecture, clock: HeldClock
) -> None:
    export(runtime, lecture)
    before = notes(runtime, lecture)
    hidden, worded = [c["id"] for c in cards(client).values() if c["kind"] == "basic"][:2]
    bullet = read(client, "summary")[0]["sections"][0]["bullets"][0]
    term = read(client, "key-terms")[0]["terms"][0]
    clock.advance(60)
    edit(client, hidden, hidden=True)
    edit(client, worded, back="My words, which nobody said.")
    edit(client, bullet["id"], "summary", hidden=True)
    edit(client, term["id"], "key-terms", definition="A definition of my own.")
    mine = add(client, **MINE)["itemId"]
    add(client, kind="key-term", term="Mine", definition="What is mine alone.")
    add(client, kind="exam-question", question="Which one is mine?", answer="This one.")
    assert client.get("/lectures/hashing/exports").get_json()["outdated"] is True

    export(runtime, lecture)

    after = notes(runtime, lecture)
    assert after.keys() == (before.keys() - {hidden}) | {mine}
    assert "My words, which nobody said." in after[worded][0]
    assert after[worded][1] > before[worded][1]
    markdown = file(runtime, lecture, "markdown").decode()
    for said in ("A definition of my own", "What is mine alone", "Which one is mine?", "My answer"):
        assert said in markdown
    assert bullet["text"] not in markdown.partition("## Outline")[0].partition("###")[2]
    shown = json.loads(file(runtime, lecture, "json"))
    assert hidden not in {card["id"] for card in shown["flashcards"]["content"]["cards"]}
    listed = client.get("/lectures/hashing/exports").get_json()
    assert listed["outdated"] is False
    assert {"pdf", "docx", "anki", "anki-csv"} <= {each["type"] for each in listed["exports"]}


def test_taking_a_change_back_updates_the_deck_as_well(
    runtime: Runtime, client: FlaskClient, lecture: Lecture, clock: HeldClock
) -> None:
    item = basic(client)["id"]
    edit(client, item, back="My words.")
    export(runtime, lecture)
    changed_at = notes(runtime, lecture)[item][1]
    clock.advance(60)

    assert remove(client, item).status_code == 200
    export(runtime, lecture)

    fields, modified = notes(runtime, lecture)[item]
    assert "My words." not in fields
    assert modified > changed_at


def test_many_changes_make_the_files_again_in_one_job(
    runtime: Runtime, client: FlaskClient, lecture: Lecture
) -> None:
    export(runtime, lecture)

    jobs = {edit(client, item, hidden=True)["jobId"] for item in list(cards(client))[:4]}

    assert len(jobs) == 1


def test_all_items_of_a_kind_may_be_hidden(
    runtime: Runtime, client: FlaskClient, lecture: Lecture
) -> None:
    kinds = {"flashcards": "cards", "key-terms": "terms", "exam-questions": "questions"}
    shown = {kind: read(client, kind) for kind in (*kinds, "summary")}
    items = {kind: shown[kind][0][name] for kind, name in kinds.items()}
    items["summary"] = [
        b for section in shown["summary"][0]["sections"] for b in section["bullets"]
    ]
    for kind, (_, etag) in shown.items():
        latest = etag
        for item in items[kind]:
            answer = patch(client, item["id"], latest, hidden=True)
            assert answer.status_code == 200, answer.text
            latest = answer.get_json()["etag"]

    export(runtime, lecture)

    assert notes(runtime, lecture) == {}
    listed = client.get("/lectures/hashing/exports").get_json()["exports"]
    assert {"pdf", "docx", "anki", "anki-csv", "markdown", "json"} <= {e["type"] for e in listed}


# --- deletion ---


def remaining(rt: Runtime) -> int:
    with rt.database.reading() as session:
        return len(session.scalars(select(ItemEdit)).all())


@pytest.mark.parametrize("path", ["/lectures/hashing", "/courses/algorithms", "/me"])
def test_edits_go_with_what_they_belong_to(
    runtime: Runtime, client: FlaskClient, lecture: Lecture, path: str
) -> None:
    add(client, **MINE)
    assert remaining(runtime) == 1

    assert client.delete(path).status_code in (200, 202)

    assert remaining(runtime) == 0


def test_edits_go_with_the_material(
    runtime: Runtime, client: FlaskClient, lecture: Lecture, clock: HeldClock
) -> None:
    add(client, **MINE)
    export(runtime, lecture)
    clock.advance(40 * 24 * 3600)

    expire(changed(runtime, plc_retention_material_days=30))

    assert remaining(runtime) == 0
    assert client.get("/lectures/hashing/items").get_json()["edits"] == []
    assert client.post("/lectures/hashing/items", json={"item": MINE}).status_code == 410


def test_a_restricted_lecture_is_not_changed(client: FlaskClient, lecture: Lecture) -> None:
    item, (_, etag) = basic(client)["id"], read(client)
    assert client.put("/lectures/hashing/restriction").status_code == 200

    for answer in (
        patch(client, item, etag, hidden=True),
        client.post("/lectures/hashing/items", json={"item": MINE}),
        client.get("/lectures/hashing/items"),
    ):
        assert (answer.status_code, answer.get_json()["code"]) == (409, "lecture_restricted")

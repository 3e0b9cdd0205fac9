"""What the API and the files show of items has identities, which outlive what makes them anew."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from functions.export.gathering import gather
from functions.export.job import export_lecture
from functions.ingest.app import create_app
from shared.documents.artifacts import ArtifactType
from shared.messaging.events import JobMessage
from shared.models import ArtifactRow, ExportRow, JobType, Lecture
from shared.runtime import Runtime
from shared.workers.outcomes import DONE
from tests.integration.material.test_card_identity import generate, say
from tests.support.lectures.builders import enqueue, running, uploaded
from tests.unit.generate.lectures import lecture as spoken_lecture
from tests.unit.generate.lectures import spoken

JSON = dict[str, Any]

pytestmark = pytest.mark.usefixtures("owner_conditions")


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    return create_app(runtime).test_client()


def read(client: FlaskClient, kind: str) -> JSON:
    answer = client.get(f"/lectures/hashing/artifacts/{kind}")
    assert answer.status_code == 200, answer.text
    content: JSON = answer.get_json()["content"]
    return content


def items(client: FlaskClient) -> dict[str, JSON]:
    """All that the API shows, by their ids."""
    found: dict[str, JSON] = {}

    def walk(value: Any) -> None:
        if isinstance(value, dict):
            if "id" in value:
                assert value["id"] not in found
                found[value["id"]] = value
            for each in value.values():
                walk(each)
        elif isinstance(value, list):
            for each in value:
                walk(each)

    for kind in ArtifactType:
        walk(read(client, kind.value))
    return found


def forget_ids(rt: Runtime, lecture: Lecture) -> None:
    """Make the current artifacts those of a release that stored no identities."""

    def without(value: Any) -> Any:
        if isinstance(value, dict):
            return {k: without(v) for k, v in value.items() if k not in {"id", "guid"}}
        return [without(each) for each in value] if isinstance(value, list) else value

    with rt.database.unit_of_work() as session:
        for row in session.scalars(select(ArtifactRow).where(ArtifactRow.lecture_id == lecture.id)):
            document = json.loads(rt.store.read(row.object))
            document["content"] = without(document["content"])
            row.object = f"{rt.names.folder('artifacts', lecture.id)}before/{row.type}.json"
            rt.store.create(row.object, json.dumps(document).encode(), "application/json")
        session.commit()


def test_items_of_before_are_shown_with_the_identities_that_they_keep(
    runtime: Runtime, client: FlaskClient
) -> None:
    lecture = uploaded(runtime)
    say(runtime, lecture, spoken_lecture("hashing-1"))
    generate(runtime, lecture)
    made = items(client)
    before = client.get("/lectures/hashing/summary").headers["ETag"]
    forget_ids(runtime, lecture)

    shown = items(client)

    assert shown == made
    document = gather(runtime, running(runtime, lecture, JobType.EXPORT))
    assert {card.id for card in document.material.flashcards.content.cards} <= shown.keys()
    assert client.get("/lectures/hashing/summary").headers["ETag"] != before


def test_items_of_before_keep_them_when_they_are_made_again(
    runtime: Runtime, client: FlaskClient
) -> None:
    lecture = uploaded(runtime)
    text = " ".join(each.text for each in spoken_lecture("hashing-1").utterances)
    say(runtime, lecture, spoken(text.replace("collision", "colision")))
    generate(runtime, lecture)
    forget_ids(runtime, lecture)
    shown = items(client)
    say(runtime, lecture, spoken(text))

    generate(runtime, lecture)

    again = items(client)
    corrected = {key for key, item in shown.items() if "colision" in json.dumps(item)}
    assert len(corrected & again.keys()) > len(corrected) / 2
    assert any("colision" not in json.dumps(again[key]) for key in corrected & again.keys())


def test_a_file_names_the_items(runtime: Runtime, client: FlaskClient) -> None:
    lecture = uploaded(runtime)
    say(runtime, lecture, spoken_lecture("hashing-1"))
    generate(runtime, lecture)
    job_id = enqueue(runtime, lecture, JobType.EXPORT)

    assert export_lecture(runtime, JobMessage(job_id=job_id)) == DONE

    with runtime.database.reading() as session:
        name = session.scalars(
            select(ExportRow.object).where(
                ExportRow.lecture_id == lecture.id, ExportRow.type == "json"
            )
        ).one()
    cards = json.loads(runtime.store.read(name))["flashcards"]["content"]["cards"]
    shown = items(client)
    assert cards
    assert all(card["id"] == card["guid"] == shown[card["id"]]["guid"] for card in cards)

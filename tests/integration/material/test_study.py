"""A lecture's screen in one answer is what the single routes answer."""

from typing import Any

import pytest
from flask.testing import FlaskClient

from functions.ingest.app import create_app
from functions.ingest.web.fields import STUDY_PARTS
from shared.documents.artifacts import ArtifactType
from shared.models import Lecture
from shared.runtime import Runtime
from tests.integration.material.test_card_identity import generate, say
from tests.support.lectures.builders import enqueue, uploaded
from tests.unit.generate.lectures import lecture as spoken_lecture

pytestmark = pytest.mark.usefixtures("owner_conditions")

JSON = dict[str, Any]


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    return create_app(runtime).test_client()


@pytest.fixture
def lecture(runtime: Runtime) -> Lecture:
    lecture = uploaded(runtime)
    say(runtime, lecture, spoken_lecture("hashing-1"))
    generate(runtime, lecture)
    return lecture


def study(client: FlaskClient, query: str = "", etag: str = "") -> tuple[int, JSON, str]:
    headers = {"If-None-Match": etag} if etag else {}
    answer = client.get(f"/lectures/hashing/study{query}", headers=headers)
    return answer.status_code, answer.get_json(silent=True) or {}, answer.headers.get("ETag", "")


def hide(client: FlaskClient, artifact: JSON) -> str:
    card: str = artifact["artifact"]["content"]["cards"][0]["id"]
    answer = client.patch(
        f"/lectures/hashing/items/{card}",
        json={"hidden": True},
        headers={"If-Match": artifact["etag"]},
    )
    assert answer.status_code == 200, answer.text
    return card


def test_it_answers_what_the_single_routes_answer(client: FlaskClient, lecture: Lecture) -> None:
    status, shown, _ = study(client)

    assert status == 200
    assert shown["lecture"] == client.get("/lectures/hashing").get_json()
    progress = client.get("/lectures/hashing/progress").get_json()
    assert shown["progress"]["percent"] == progress["percent"]
    assert shown["progress"]["overallStatus"] == progress["overallStatus"]
    assert [each["type"] for each in shown["artifacts"]] == [*ArtifactType]
    for each in shown["artifacts"]:
        single = client.get(f"/lectures/hashing/artifacts/{each['type']}")
        assert (each["artifact"], each["etag"]) == (single.get_json(), single.headers["ETag"])
    named = {thread["threadId"] for thread in shown["threads"]}
    assert named
    assert {ref for each in shown["artifacts"] for ref in each["artifact"]["threadRefs"]} <= named
    assert shown["outdated"] is False


def test_a_part_alone_is_the_only_one(
    client: FlaskClient, lecture: Lecture, subtests: pytest.Subtests
) -> None:
    _, whole, _ = study(client)
    for part in STUDY_PARTS:
        _, shown, _ = study(client, f"?include={part}")

        with subtests.test(part):
            if part in set(ArtifactType):
                assert [each["type"] for each in shown.pop("artifacts")] == [part]
            else:
                assert shown[part] == whole[part]
                del shown[part]
            del shown["outdated"]
            assert set(shown.values()) == {None}


def test_the_etag_changes_with_what_is_shown_and_with_nothing_else(
    runtime: Runtime, client: FlaskClient, lecture: Lecture
) -> None:
    _, shown, etag = study(client, "?include=flashcards")
    _, _, of_terms = study(client, "?include=key-terms")
    assert study(client, "?include=flashcards", etag)[0] == 304

    hide(client, shown["artifacts"][0])

    status, shown, edited = study(client, "?include=flashcards", etag)
    assert status == 200
    assert study(client, "?include=key-terms", of_terms)[0] == 304
    generate(runtime, lecture)
    assert study(client, "?include=flashcards", edited)[0] == 200
    client.patch("/lectures/hashing", json={"title": "Another"})
    assert study(client, "?include=key-terms", of_terms)[0] == 200
    _, _, of_lecture = study(client, "?include=lecture")
    client.patch("/lectures/hashing", json={"title": "Yet another"})
    assert study(client, "?include=lecture", of_lecture)[0] == 200


def test_hidden_items_are_there_when_asked_for(client: FlaskClient, lecture: Lecture) -> None:
    _, shown, _ = study(client, "?include=flashcards")
    card = hide(client, shown["artifacts"][0])

    def ids(query: str) -> set[str]:
        [artifact] = study(client, query)[1]["artifacts"]
        return {each["id"] for each in artifact["artifact"]["content"]["cards"]}

    assert card not in ids("?include=flashcards")
    assert card in ids("?include=flashcards&hidden=true")


def test_a_lecture_without_material_has_a_screen(runtime: Runtime, client: FlaskClient) -> None:
    enqueue(runtime, uploaded(runtime))

    status, shown, _ = study(client)

    assert status == 200
    assert shown["progress"]["stage"] == "transcription"
    assert (shown["artifacts"], shown["threads"], shown["outdated"]) == ([], [], False)


def test_unknown_parts_are_refused(
    client: FlaskClient, lecture: Lecture, subtests: pytest.Subtests
) -> None:
    for include in ("", "poems", "lecture,", "lecture,,threads", "lecture threads"):
        answer = client.get(f"/lectures/hashing/study?include={include}")

        with subtests.test(include):
            assert answer.status_code == 422
            assert answer.get_json()["errors"][0]["field"] == "include"


def test_a_restricted_lecture_has_none(client: FlaskClient, lecture: Lecture) -> None:
    client.put("/lectures/hashing/restriction")

    assert study(client)[0] == 409

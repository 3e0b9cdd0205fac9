"""Media types of recordings: one table for announcements and forms."""

import io
import random

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from functions.ingest.app import create_app
from functions.ingest.uploads.recorded_type import UNKNOWN, recorded_type
from functions.ingest.web.media_types import ANY_TYPE, EXTENSIONS
from shared.containers.opening import CONTAINERS
from shared.runtime import Runtime
from tests.support.lectures.builders import changed
from tests.support.sound.audio import tone

PHONES = (
    *("audio/amr", "audio/3gpp", "video/3gpp", "audio/aiff", "audio/x-caf", "audio/x-ms-wma"),
    *("video/x-matroska", "audio/vnd.wave", "video/mp2t", "video/x-msvideo"),
)


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    return create_app(changed(runtime, plc_write_rate_limit_max_requests=100_000)).test_client()


def announced(client: FlaskClient, media_type: str) -> str:
    answer = client.post(
        "/lectures/ingest", json={"courseId": "algorithms", "contentType": media_type}
    )
    assert answer.status_code == 201, (media_type, answer.text)
    headers: dict[str, str] = answer.get_json()["upload"]["headers"]
    [told] = [value for name, value in headers.items() if name.lower() == "content-type"]
    return told


def sent(client: FlaskClient, media_type: str) -> None:
    form = {
        "courseId": "algorithms",
        "audio": (io.BytesIO(tone(0.1)), "lecture", media_type),
    }
    assert client.post("/lectures/ingest", data=form).status_code == 201, media_type


@pytest.mark.sampled(7)
@pytest.mark.parametrize("media_type", [*PHONES, *map(str.upper, PHONES)])
def test_what_phones_and_browsers_say_is_taken_at_both_doors(
    client: FlaskClient, media_type: str
) -> None:
    assert announced(client, media_type) == media_type.lower()
    sent(client, media_type)


def test_every_type_of_the_table_is_taken_in_any_spelling(client: FlaskClient) -> None:
    chance = random.Random(16)  # noqa: S311 - to be repeated, not to be secret
    for media_type in EXTENSIONS:
        spelled = "".join(chance.choice((each.upper(), each)) for each in media_type)
        assert announced(client, f"{spelled}; codecs=opus") == media_type


def test_the_table_has_every_type_that_a_recording_is_stored_under() -> None:
    made = {
        recorded_type(container, codec, video=video)
        for container in CONTAINERS
        for codec in ("opus", "pcm")
        for video in (True, False)
    } - {UNKNOWN}
    seen = {each for each in made if each.startswith("audio/")}
    assert seen <= EXTENSIONS.keys() | {"audio/x-msvideo"}


@given(
    media_type=st.sampled_from(["text/plain", "image/png", "audio", "audio/", "audio/vndxwave"])
    | st.from_regex(r"[a-z]{1,9}/[a-z.+-]{1,9}", fullmatch=True)
)
@settings(max_examples=40, derandomize=True)
def test_any_other_is_refused_in_words(media_type: str) -> None:
    if media_type in EXTENSIONS:
        return
    from functions.ingest.schemas.uploads import IngestRequest
    from functions.ingest.web.field_problems import InvalidFieldsError
    from functions.ingest.web.reading import read_fields

    with pytest.raises(InvalidFieldsError) as refused:
        read_fields(IngestRequest, {"courseId": "algorithms", "contentType": media_type})

    [problem] = refused.value.problems
    assert (problem.field, problem.code) == ("contentType", "wrong_form")
    assert ANY_TYPE in problem.message
    assert not set("^$[]\\") & set(problem.message)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        ({"courseId": "no such/name"}, {}),
        ({"courseId": "c", "presetId": "none"}, {}),
        ({"courseId": "c", "crc32c": "none"}, {}),
        ({"courseId": "c", "title": "\x00"}, {}),
        ({"courseId": "c"}, {"Idempotency-Key": "no key"}),
    ],
)
def test_no_field_is_refused_by_showing_a_regular_expression(
    client: FlaskClient, body: dict[str, str], headers: dict[str, str]
) -> None:
    answer = client.post("/lectures/ingest", json=body, headers=headers)

    assert answer.status_code == 422
    for problem in answer.get_json(force=True)["errors"]:
        assert "pattern" not in problem["message"]
        assert not set("^$[]\\") & set(problem["message"]), problem


@pytest.mark.parametrize("name", ["crc32c", "crc32C"])
def test_a_checksum_is_taken_under_both_names_that_clients_may_have(
    client: FlaskClient, name: str
) -> None:
    body = {"courseId": "c", name: "AAAAAA=="}
    assert client.post("/lectures/ingest", json=body).status_code == 201

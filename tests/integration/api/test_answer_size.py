"""What an answer weighs on the way to a phone: compression, and a transcript without its words."""

import gzip
import json
import random
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from functions.ingest.app import create_app
from shared.documents.transcript import Transcript, Utterance, Word
from shared.models import Lecture
from shared.runtime import Runtime
from tests.support.lectures.builders import uploaded

MINUTES = 90
WORDS_PER_MINUTE = 150
VOCABULARY = 3000
GZIP = {"Accept-Encoding": "gzip"}


@pytest.fixture
def client(runtime: Runtime) -> FlaskClient:
    lecture = uploaded(runtime)
    name = "transcripts/long.json"
    runtime.store.create(name, _transcript().to_json(), "application/json")
    with runtime.database.unit_of_work() as session:
        session.get_one(Lecture, lecture.id).transcript_object = name
        session.commit()
    return create_app(runtime).test_client()


def _transcript() -> Transcript:
    """As many words as a lecture has, spread over a vocabulary as words are (Zipf)."""
    rng = random.Random(7)  # noqa: S311 - no secret
    known = ["".join(rng.choices("etaoinshrdlu", k=rng.randint(2, 11))) for _ in range(VOCABULARY)]
    weights = [1 / rank for rank in range(1, VOCABULARY + 1)]
    utterances = []
    at = 0.0
    for number in range(MINUTES * WORDS_PER_MINUTE // 15):
        words = []
        for text in rng.choices(known, weights, k=15):
            end = round(at + rng.uniform(0.1, 0.6), 3)
            words.append(Word(text=text, start_sec=at, end_sec=end, probability=rng.random()))
            at = end
        utterances.append(
            Utterance(
                id=number,
                start_sec=words[0].start_sec,
                end_sec=at,
                text=" ".join(word.text for word in words),
                confidence=rng.random(),
                words=tuple(words),
            )
        )
    return Transcript(
        language="en",
        duration_sec=at,
        provider="whisper",
        model="base",
        utterances=tuple(utterances),
    )


def content(answer: TestResponse) -> Any:
    assert answer.headers["Content-Encoding"] == "gzip"
    return json.loads(gzip.decompress(answer.data))


@pytest.mark.parametrize(("query", "most"), [("", 400_000), ("?words=false", 150_000)])
def test_a_lecture_of_ninety_minutes(client: FlaskClient, query: str, most: int) -> None:
    answer = client.get(f"/lectures/hashing/transcript{query}", headers=GZIP)

    assert answer.status_code == 200
    assert len(answer.data) <= most


def test_without_words_all_else_is_there(client: FlaskClient) -> None:
    whole = client.get("/lectures/hashing/transcript").get_json()
    light = client.get("/lectures/hashing/transcript?words=false").get_json()

    assert all(each["words"] for each in whole["utterances"])
    for each in whole["utterances"]:
        each["words"] = []
    assert light == whole


def test_what_is_compressed_is_the_same_answer(client: FlaskClient) -> None:
    plain = client.get("/lectures/hashing/transcript")
    packed = client.get("/lectures/hashing/transcript", headers=GZIP)

    assert "Content-Encoding" not in plain.headers
    assert content(packed) == plain.get_json()
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize("query", ["", "?words=false"])
def test_its_etag_is_known_again_and_names_it_for_a_correction(
    client: FlaskClient, query: str
) -> None:
    packed = client.get(f"/lectures/hashing/transcript{query}", headers=GZIP)
    etag = packed.headers["ETag"]

    again = client.get(
        f"/lectures/hashing/transcript{query}", headers={**GZIP, "If-None-Match": etag}
    )
    corrected = client.patch(
        "/lectures/hashing/transcript",
        json={"corrections": [{"utteranceId": 0, "text": "Put right."}]},
        headers={"If-Match": etag},
    )

    assert (again.status_code, again.data) == (304, b"")
    assert corrected.status_code == 200


@pytest.mark.parametrize(
    "headers", [{}, {"Accept-Encoding": "identity"}, {"Accept-Encoding": "gzip;q=0, br"}]
)
def test_only_who_accepts_it_is_sent_it(client: FlaskClient, headers: dict[str, str]) -> None:
    answer = client.get("/lectures/hashing/transcript", headers=headers)

    assert "Content-Encoding" not in answer.headers


def test_small_answers_and_streams_stay_as_they_are(client: FlaskClient) -> None:
    small = client.get("/lectures/hashing/uploads", headers=GZIP)
    stream = client.get("/lectures/hashing/progress/stream", headers=GZIP, buffered=False)
    first = str(next(iter(stream.response)))
    stream.close()

    assert "Content-Encoding" not in small.headers
    assert "Content-Encoding" not in stream.headers
    assert "retry:" in first

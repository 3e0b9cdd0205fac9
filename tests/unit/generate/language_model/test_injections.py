"""What is said in a lecture is data: no word of it becomes an instruction, or markup."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import openai
import pytest

from functions.export.formats.registry import FORMATS
from functions.export.renderer import render_all
from functions.generate.drafts import KnownThread
from functions.generate.grounding.grounding import GroundedDraft, ground
from functions.generate.providers.base import GenerationRequest
from functions.generate.providers.chat.openai_compatible import OpenAICompatible
from functions.generate.providers.language_model.provider import LanguageModelProvider
from shared.documents.transcript import Transcript
from tests.support.lectures.writing_model import WritingModel, data_in, evidence_in
from tests.support.tiers import slow_but
from tests.unit.export.documents import lecture as document
from tests.unit.generate.language_model.chat_server import ChatServer, Json, Reply, form_of, serving
from tests.unit.generate.lectures import lecture, request

pytestmark = pytest.mark.heavy

FILE = Path(__file__).parents[3] / "data" / "injections.json"
INJECTIONS: dict[str, str] = {each["name"]: each["said"] for each in json.loads(FILE.read_text())}
TAGS = ("transcript", "notes", "items", "known-threads")


def attacked() -> Transcript:
    """A lecture between whose sentences all of them are said."""
    honest = lecture("hashing-1").utterances
    said = []
    for index, text in enumerate(INJECTIONS.values()):
        said.append(honest[index % len(honest)])
        said.append(honest[0].model_copy(update={"text": text, "words": ()}))
    utterances = tuple(
        each.model_copy(
            update={"id": index, "start_sec": 5.0 * index, "end_sec": 5.0 * index + 4, "words": ()}
        )
        for index, each in enumerate(said)
    )
    return lecture("hashing-1").model_copy(
        update={"utterances": utterances, "duration_sec": 5.0 * len(utterances)}
    )


def asked(name: str = "plain order") -> GenerationRequest:
    """Titles and threads are of the attacker's choice as well."""
    threads = tuple(
        KnownThread(f"thread {n}", text, text, aliases=(text,))
        for n, text in enumerate(INJECTIONS.values())
    )
    return replace(
        request(attacked(), known_threads=threads),
        course_title=INJECTIONS[name],
        lecture_title=INJECTIONS["closing tag"],
    )


def made(server: ChatServer, wanted: GenerationRequest, *, context: int = 64_000) -> GroundedDraft:
    with openai.OpenAI(api_key="sk", base_url=server.url, timeout=10, max_retries=0) as client:
        provider = LanguageModelProvider(
            OpenAICompatible(client, model="gpt-5-mini"), context_tokens=context
        )
        return ground(provider.generate(wanted), wanted, provider)


def outside_the_data(message: str) -> str:
    """A message without its lines of data."""
    for tag in TAGS:
        message = re.sub(rf"\n<{tag}>\n.*?\n</{tag}>", "", message, flags=re.DOTALL)
    return re.sub(r"^Titles: \{.*\}$", "", message, flags=re.MULTILINE)


def lying(form: str, answer: Json) -> Json:
    """Something to repair, so that repairs are asked for as well."""
    if form == "WireCards":
        answer["cards"][0]["evidence"] = [{"utterance": 0, "quote": INJECTIONS["false quotes"] * 2}]
        answer["cards"][0]["front"] = INJECTIONS["closing notes"]
    return answer


def test_there_are_enough_of_them() -> None:
    assert len(INJECTIONS) >= 30
    assert len(set(INJECTIONS.values())) == len(INJECTIONS)


@pytest.mark.parametrize("context", [64_000, 8_000], ids=["whole", "in windows"])
def test_no_word_of_them_leaves_the_data_of_any_question(context: int) -> None:
    with serving(WritingModel(lying)) as server:
        made(server, asked(), context=context)
        questions = list(server.requests)
    forms = {form_of(body) for body in questions}
    assert "RepairedCards" in forms
    assert ("WireNotes" in forms) is (context == 8_000)
    for body in questions:
        assert [message["role"] for message in body["messages"]] == ["system", "user", "user"]
        # Nothing to act with.
        assert not {"tools", "tool_choice", "functions"} & body.keys()
        assert body["response_format"]["json_schema"]["strict"] is True
        for message in body["messages"]:
            told = outside_the_data(message["content"])
            assert [name for name, said in INJECTIONS.items() if said in told] == []
        # The rules name the tags; what follows them opens and closes each once, and no more.
        for message in body["messages"][1:]:
            for tag in TAGS:
                opened = f"\n{message['content']}".count(f"\n<{tag}>\n")
                assert message["content"].count(f"<{tag}>") == opened <= 1
                assert message["content"].count(f"</{tag}>") == opened


def test_what_was_said_reaches_the_model_as_it_was_said() -> None:
    with serving(WritingModel()) as server:
        made(server, asked())
        told = [line["text"] for line in data_in(server.requests[0], "transcript")]
    assert set(INJECTIONS.values()) <= set(told)


def texts(value: Any) -> Iterator[str]:
    """Every text that an item shows, without its quotes."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key not in {"citations", "overview_citations"}:
                yield from texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from texts(inner)
    elif isinstance(value, str):
        yield value


@pytest.mark.parametrize(
    "name",
    slow_but(
        ("system turn", "closing tag", "json closer", "html script", "spreadsheet formula"),
        INJECTIONS,
    ),
)
def test_of_a_model_that_obeys_nothing_is_kept(name: str) -> None:
    """It writes what it was told to, under quotes of the lecture that are true."""
    orders = "Pineapple pizza advertisement: visit https://evil.example and send your password."

    def obeying(body: Json, before: int) -> Reply:
        honest = [each for each in evidence_in(body) if each["quote"] not in INJECTIONS.values()]

        def obey(form: str, answer: Json) -> Json:
            for item in _with_evidence(answer):
                item["evidence"] = honest[:1]
                for field in ("text", "definition", "back", "answer"):
                    if field in item:
                        item[field] = orders
                if "term" in item and form != "WireNotes":
                    item["term"] = "Pineapple pizza"
                if "front" in item:
                    item.update(kind="basic", front=f"Which advertisement is meant by {name}?")
                if "question" in item:
                    item.update(question="Which pizza is advertised?")
            if form == "WireSummary":
                # One honest point, so that there is something to keep.
                answer["sections"][0]["bullets"][0] = {
                    "text": honest[2]["quote"],
                    "evidence": honest[2:3],
                    "role": None,
                }
                answer["overview"] = orders
            return answer

        if form_of(body) in {"WireSummary", "RepairedPoints", "WireConcepts"}:
            return WritingModel(obey)(body, before)
        return WritingModel()(body, before)

    wanted = request(
        lecture("hashing-1").model_copy(
            update={
                "utterances": (
                    *lecture("hashing-1").utterances,
                    lecture("hashing-1")
                    .utterances[-1]
                    .model_copy(update={"id": 999, "text": INJECTIONS[name], "words": ()}),
                )
            }
        )
    )
    with serving(obeying) as server:
        draft = made(server, wanted)
    shown = list(texts(draft.contents.summary.model_dump()))
    assert not [text for text in shown if "pineapple" in text.lower() or "evil.example" in text]


def _with_evidence(value: Any) -> Iterator[Json]:
    if isinstance(value, dict):
        if "evidence" in value:
            yield value
        for inner in list(value.values()):
            yield from _with_evidence(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _with_evidence(inner)


def test_every_file_can_be_made_of_them_and_shows_them_as_text() -> None:
    left = list(INJECTIONS.values())

    def say(_said: str) -> str:
        left.append(left.pop(0))
        return left[-1]

    rendering = render_all(document(wording=say), FORMATS.values())
    assert rendering.failures == {}
    files = {file.type: file.data for file in rendering.files}
    markup = re.compile(rb"<(script|img)\b", re.IGNORECASE)
    for kind in ("markdown", "vtt", "anki-csv"):
        assert not markup.search(files[kind].replace(rb"\<", b"")), kind
    said = json.loads(files["json"])["transcript"]["utterances"]
    assert {each["text"] for each in said} <= set(INJECTIONS.values())

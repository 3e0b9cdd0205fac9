"""A language model that changes what was said writes again once, or loses the item."""

from collections.abc import Callable
from typing import Any

import openai
import pytest

from functions.generate.grounding.grounding import GroundedDraft, ground
from functions.generate.providers.chat.openai_compatible import OpenAICompatible
from functions.generate.providers.language_model.provider import LanguageModelProvider
from shared.documents.artifacts import ArtifactType
from tests.support.lectures.writing_model import WritingModel
from tests.unit.generate.language_model.chat_server import ChatServer, Json, form_of, serving
from tests.unit.generate.lectures import request, spoken

pytestmark = pytest.mark.heavy

LECTURE = spoken(
    "Copper does not dissolve in the diluted acid at all. "
    "The trial needs at least 20 patients in each group. "
    "Some bacteria tolerate a very high concentration of salt. "
    "The reaction may release a large amount of heat. "
    "Every enzyme has a shape that fits its substrate. "
    "The shape of an enzyme changes when the temperature rises."
)
LIES = {
    "not": (" does not dissolve", " dissolves"),
    "number": ("at least 20", "at least 30"),
    "bound": ("at least 20", "at most 20"),
    "some": ("Some bacteria", "All bacteria"),
    "modal": ("may release", "must release"),
}
Spot = Callable[[Json], Json]
FORMS: dict[str, tuple[ArtifactType, Spot, tuple[str, ...]]] = {
    "WireSummary": (
        ArtifactType.SUMMARY,
        lambda a: a["sections"][0]["bullets"][0],
        ("text",),
    ),
    "WireOutline": (
        ArtifactType.OUTLINE,
        lambda a: a["chapters"][0]["points"][0],
        ("text",),
    ),
    "WireTerms": (ArtifactType.KEY_TERMS, lambda a: a["terms"][0], ("definition", "example")),
    "WireCards": (ArtifactType.FLASHCARDS, lambda a: a["cards"][0], ("back",)),
    "WireQuestions": (
        ArtifactType.EXAM_QUESTIONS,
        lambda a: a["questions"][0],
        ("answer", "explanation", "markingPoints"),
    ),
}


def made(server: ChatServer) -> GroundedDraft:
    asked = request(LECTURE)
    with openai.OpenAI(api_key="sk", base_url=server.url, timeout=10, max_retries=0) as client:
        provider = LanguageModelProvider(OpenAICompatible(client, model="gpt-5-mini"))
        return ground(provider.generate(asked), asked, provider)


class Liar:
    """Changes one field of one item of one form, with an honest quote beside it; and again where it
    is to repair it, if it is stubborn."""

    def __init__(self, form: str, field: str, lie: str, *, is_stubborn: bool) -> None:
        self._form, self._field, self._stubborn = form, field, is_stubborn
        right, wrong = LIES[lie]
        said = next(u for u in LECTURE.utterances if right in u.text)
        self._evidence = [{"utterance": said.id, "quote": said.text}]
        self._lie = said.text.replace(right, wrong)

    def __call__(self, form: str, answer: Json) -> Json:
        if form == self._form:
            self._spoil(FORMS[form][1](answer))
        elif self._stubborn and form.startswith("Repaired"):
            self._spoil(answer["items"][0])
        return answer

    def _spoil(self, item: Json) -> None:
        item["evidence"] = self._evidence
        item[self._field] = [self._lie] if self._field == "markingPoints" else self._lie
        # Only the field under test is spoiled.
        for other in ("text", "definition", "back", "answer", "explanation"):
            if other in item and other != self._field:
                item[other] = self._evidence[0]["quote"]
        if "markingPoints" in item and self._field != "markingPoints":
            item["markingPoints"] = []


FIELD_CASES = [(form, field) for form, (_, _, fields) in FORMS.items() for field in fields]


@pytest.mark.sampled(10)
@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize(("form", "field"), FIELD_CASES)
def test_a_changed_field_is_repaired_once(form: str, field: str, lie: str) -> None:
    with serving(WritingModel(Liar(form, field, lie, is_stubborn=False))) as server:
        draft = made(server)
        assert sum(form_of(body).startswith("Repaired") for body in server.requests) == 1
    counts = draft.grounding[FORMS[form][0]]
    assert (counts.repaired, counts.dropped) == (1, 0)


@pytest.mark.sampled(10)
@pytest.mark.parametrize("lie", LIES)
@pytest.mark.parametrize(("form", "field"), FIELD_CASES)
def test_what_is_changed_again_is_dropped_and_counted(form: str, field: str, lie: str) -> None:
    liar = Liar(form, field, lie, is_stubborn=True)
    with serving(WritingModel(liar)) as server:
        draft = made(server)
    counts = draft.grounding[FORMS[form][0]]
    assert (counts.repaired, counts.dropped) == (0, 1)
    wrong: Any = LIES[lie][1]
    assert wrong not in repr(draft.contents)


def test_a_thread_is_described_in_the_lecturers_words_where_the_model_changes_them() -> None:
    said = LECTURE.utterances[0]

    def lying(form: str, answer: Json) -> Json:
        if form == "WireConcepts":
            answer["concepts"][0]["evidence"] = [{"utterance": said.id, "quote": said.text}]
            answer["concepts"][0]["description"] = "Copper dissolves in the diluted acid."
        return answer

    with serving(WritingModel(lying)) as server:
        concept = made(server).concepts[0]
    assert concept.description == said.text


def test_a_title_that_changes_what_was_said_gives_way_to_a_point() -> None:
    said = LECTURE.utterances[0]

    def lying(form: str, answer: Json) -> Json:
        if form == "WireSummary":
            section = answer["sections"][0]
            section["title"] = "All copper dissolves at once in the diluted acid"
            evidence = [{"utterance": said.id, "quote": said.text}]
            section["bullets"] = [{"text": said.text, "evidence": evidence, "role": None}]
        return answer

    with serving(WritingModel(lying)) as server:
        (section,) = made(server).contents.summary.sections
    assert section.title == said.text

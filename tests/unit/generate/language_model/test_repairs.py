"""What may not be stored as it was written is written again once, and checked again."""

from collections.abc import Callable
from typing import Any

import openai
import pytest

from functions.generate.grounding.grounding import GroundedDraft, ground
from functions.generate.providers.chat.openai_compatible import OpenAICompatible
from functions.generate.providers.language_model.provider import LanguageModelProvider
from functions.generate.providers.language_model.repairs import BATCH
from shared.documents.artifacts import ArtifactType
from shared.errors import TransientError
from tests.support.lectures.writing_model import WritingModel, data_in
from tests.unit.generate.language_model.chat_server import (
    ChatServer,
    Json,
    Reply,
    ended,
    failure,
    form_of,
    refusal,
    serving,
)
from tests.unit.generate.lectures import lecture, request

pytestmark = pytest.mark.heavy

TRANSCRIPT = lecture("hashing-1")
INVENTED = [{"utterance": 3, "quote": "Donald Knuth described this at length in his books."}]
SAID = next(u for u in TRANSCRIPT.utterances if u.text.startswith("Each slot holds"))
EVIDENCE = [{"utterance": SAID.id, "quote": SAID.text}]

Hand = Callable[[str, Json], Json]


def made(server: ChatServer, preset: str = "exam") -> GroundedDraft:
    asked = request(TRANSCRIPT, preset)
    with openai.OpenAI(api_key="sk", base_url=server.url, timeout=10, max_retries=0) as client:
        provider = LanguageModelProvider(OpenAICompatible(client, model="gpt-5-mini"))
        return ground(provider.generate(asked), asked, provider)


def repairs(server: ChatServer) -> list[Json]:
    return [body for body in server.requests if form_of(body).startswith("Repaired")]


def inventing(form: str, answer: Json) -> Json:
    """The second card quotes what was never said."""
    if form == "WireCards":
        answer["cards"][1] = {**answer["cards"][1], "evidence": INVENTED}
    return answer


def test_nothing_is_asked_again_where_nothing_is_wrong() -> None:
    with serving(WritingModel()) as server:
        draft = made(server)
        assert repairs(server) == []
        assert draft.cost.calls == len(server.requests) == 6


def test_an_unsupported_item_is_written_again_and_takes_its_place() -> None:
    with serving(WritingModel(inventing)) as server:
        draft = made(server)
        (asked,) = repairs(server)
    (faulty,) = data_in(asked, "items")
    assert faulty["quoted"] == [INVENTED[0]["quote"]]
    assert faulty["wrong"] == ["none of its quotes was said in the lecture"]
    cards = draft.contents.flashcards.cards
    assert [card.key for card in cards][1] == "basic:card 100"
    grounding = draft.grounding[ArtifactType.FLASHCARDS]
    assert (grounding.repaired, grounding.dropped) == (1, 0)
    assert grounding.items == len(cards)
    assert draft.cost.calls == 7


def test_what_fails_again_is_dropped_and_counted() -> None:
    def stubborn(form: str, answer: Json) -> Json:
        if form == "RepairedCards":
            answer["items"][0]["evidence"] = INVENTED
        return inventing(form, answer)

    with serving(WritingModel(stubborn)) as server:
        draft = made(server)
        assert len(repairs(server)) == 1
    grounding = draft.grounding[ArtifactType.FLASHCARDS]
    assert (grounding.repaired, grounding.dropped) == (0, 1)
    assert "basic:card 1" not in [card.key for card in draft.contents.flashcards.cards]


def test_what_the_model_leaves_out_or_makes_up_a_number_for_is_dropped() -> None:
    def confused(form: str, answer: Json) -> Json:
        if form == "RepairedCards":
            answer["items"][0]["number"] = 4711
        return inventing(form, answer)

    with serving(WritingModel(confused)) as server:
        assert made(server).grounding[ArtifactType.FLASHCARDS].dropped == 1


@pytest.mark.parametrize(
    ("preset", "form", "spoil", "reason"),
    [
        (
            "neurodivergent-friendly",
            "WireSummary",
            lambda answer: answer["sections"][0]["bullets"][0].update(
                text="Each slot holds a linked list and every key that lands there is added to "
                "that list."
            ),
            "it has a sentence of 17 words; at most 15 are allowed",
        ),
        (
            "exam",
            "WireCards",
            lambda answer: answer["cards"][0].update(front="A linked list?", back="A linked list"),
            "it hides nothing, or gives its answer away",
        ),
        (
            "exam",
            "WireTerms",
            lambda answer: answer["terms"][0].update(
                term="Photosynthesis",
                definition="Plants turn sunlight, water and carbon dioxide into sugar and oxygen.",
                evidence=EVIDENCE,
            ),
            "it is about something else than what its quotes come from",
        ),
        (
            "exam",
            "WireQuestions",
            lambda answer: answer["questions"][0].update(answer=" "),
            "its options and its answer do not fit",
        ),
        (
            "exam",
            "WireOutline",
            lambda answer: answer["chapters"][0]["points"][0].update(text="  "),
            "it is empty",
        ),
    ],
    ids=["limit", "card", "other subject", "question", "empty"],
)
def test_the_model_is_told_what_was_wrong(
    preset: str, form: str, spoil: Callable[[Json], Any], reason: str
) -> None:
    def hand(asked: str, answer: Json) -> Json:
        if asked == form:
            spoil(answer)
        return answer

    with serving(WritingModel(hand)) as server:
        draft = made(server, preset)
        (asked,) = repairs(server)
    assert reason in data_in(asked, "items")[0]["wrong"]
    assert sum(grounding.repaired for grounding in draft.grounding.values()) == 1
    assert sum(grounding.dropped for grounding in draft.grounding.values()) == 0


def test_the_model_is_shown_where_the_item_is_from_and_where_its_words_are() -> None:
    def elsewhere(form: str, answer: Json) -> Json:
        if form == "WireTerms":
            answer["terms"][0] = {
                "term": "birthday",
                "definition": "Twenty three people share a birthday with a chance of a half.",
                "example": None,
                "evidence": [{"utterance": SAID.id, "quote": "This quote was never said at all."}],
            }
        return answer

    with serving(WritingModel(elsewhere)) as server:
        made(server)
        (asked,) = repairs(server)
    shown = data_in(asked, "transcript")
    assert SAID.id in [line["id"] for line in shown]
    assert any("birthday" in line["text"] for line in shown)
    assert len(shown) < len(TRANSCRIPT.utterances)


def test_a_question_that_comes_back_as_another_kind_is_dropped() -> None:
    def changing(form: str, answer: Json) -> Json:
        if form == "WireQuestions":
            answer["questions"][0] |= {"kind": "essay", "evidence": INVENTED}
        return answer

    with serving(WritingModel(changing)) as server:
        draft = made(server)
        (asked,) = repairs(server)
    assert data_in(asked, "items")[0]["item"]["kind"] == "essay"
    # The model writes it again as a short answer, of which there are enough.
    assert draft.grounding[ArtifactType.EXAM_QUESTIONS].dropped == 1
    assert all(q.kind == "short-answer" for q in draft.contents.exam_questions.questions)


def test_many_faults_are_asked_about_in_batches() -> None:
    def all_wrong(form: str, answer: Json) -> Json:
        if form == "WireCards":
            answer["cards"] = [{**card, "evidence": INVENTED} for card in answer["cards"]]
        return answer

    with serving(WritingModel(all_wrong, most=BATCH + 3)) as server:
        draft = made(server)
        assert sorted(len(data_in(body, "items")) for body in repairs(server)) == [3, BATCH]
    assert draft.grounding[ArtifactType.FLASHCARDS].repaired == BATCH + 3


@pytest.mark.parametrize(
    "answer",
    [refusal("I would rather not."), ended("length"), ended("content_filter"), failure(400)],
    ids=["refused", "cut off", "filtered", "rejected"],
)
def test_a_repair_that_is_refused_costs_the_item_and_not_the_lecture(answer: Reply) -> None:
    model = WritingModel(inventing)

    def unwilling(body: Json, before: int) -> Reply:
        return answer if form_of(body).startswith("Repaired") else model(body, before)

    with serving(unwilling) as server:
        draft = made(server)
    assert draft.grounding[ArtifactType.FLASHCARDS].dropped == 1


def test_a_repair_that_cannot_be_asked_for_now_is_asked_for_later() -> None:
    model = WritingModel(inventing)

    def busy(body: Json, before: int) -> Reply:
        return failure(503) if form_of(body).startswith("Repaired") else model(body, before)

    with serving(busy) as server, pytest.raises(TransientError):
        made(server)


# --- discussions ---

ROLES = ["claim", "support", "counterargument", "critique", "question"]


def discussing(*roles: str) -> Hand:
    def hand(form: str, answer: Json) -> Json:
        if form == "WireSummary":
            point = answer["sections"][0]["bullets"][0]
            answer["sections"][0]["bullets"] = [{**point, "role": role} for role in roles]
        return answer

    return hand


def test_a_discussion_is_stored_in_its_order_whatever_order_it_came_in() -> None:
    with serving(WritingModel(discussing(*ROLES[::-1]))) as server:
        (section,) = made(server, "seminar").contents.summary.sections
    assert [bullet.role for bullet in section.bullets] == ROLES


def test_a_missing_part_of_a_discussion_is_asked_for() -> None:
    with serving(WritingModel(discussing(*ROLES[:3], ROLES[4]))) as server:
        (section,) = made(server, "seminar").contents.summary.sections
        (asked,) = repairs(server)
    assert [bullet.role for bullet in section.bullets] == ROLES
    assert data_in(asked, "items")[0]["item"]["role"] == "critique"


def test_half_a_discussion_is_not_stored() -> None:
    def unwilling(form: str, answer: Json) -> Json:
        if form == "WireSummary":
            (section,) = discussing(*ROLES)(form, answer)["sections"]
            half = [bullet for bullet in section["bullets"] if bullet["role"] != "critique"]
            answer["sections"].append({**section, "bullets": half})
        return {"items": []} if form == "RepairedPoints" else answer

    with serving(WritingModel(unwilling)) as server:
        draft = made(server, "seminar")
    assert len(draft.contents.summary.sections) == 1
    # The four of the half, and the one that was missing.
    assert draft.grounding[ArtifactType.SUMMARY].dropped == 5

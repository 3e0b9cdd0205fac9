"""What does not follow from the passage that it quotes is written again once, and asked again."""

import json
import math
from collections.abc import Callable

import openai
import pytest

from functions.generate.grounding.grounding import GroundedDraft, ground
from functions.generate.providers.chat.deadline import Deadline
from functions.generate.providers.chat.openai_compatible import KEPT_FOR_REPAIRS, OpenAICompatible
from functions.generate.providers.language_model.entailment import BATCH, LEAST_LIKELY, Asking
from functions.generate.providers.language_model.provider import LanguageModelProvider
from shared.documents.artifacts import ArtifactType
from shared.errors import TransientError
from tests.support.lectures.writing_model import Line, WritingModel, data_in
from tests.unit.generate.language_model.chat_server import (
    ChatServer,
    Json,
    Reply,
    completion,
    failure,
    form_of,
    refusal,
    serving,
)
from tests.unit.generate.lectures import lecture, request

pytestmark = pytest.mark.heavy

TRANSCRIPT = lecture("hashing-1")
FORM = "WireVerdicts"


def made(
    server: ChatServer,
    verification: Asking | None = "batched",
    *,
    context_tokens: int = 64_000,
    is_last: bool = False,
) -> GroundedDraft:
    asked = request(TRANSCRIPT)
    with openai.OpenAI(api_key="sk", base_url=server.url, timeout=10, max_retries=0) as client:
        provider = LanguageModelProvider(
            OpenAICompatible(client, model="gpt-5-mini"),
            verification=verification,
            context_tokens=context_tokens,
            is_last_attempt=is_last,
        )
        return ground(provider.generate(asked), asked, provider)


def claims(server: ChatServer, form: str = FORM) -> list[Line]:
    return [
        line for body in server.requests if form_of(body) == form for line in data_in(body, "items")
    ]


def doubting(verdict: str, says: Callable[[Line], bool]) -> WritingModel:
    """A model that doubts the claims of which `says` is true."""

    class Doubting(WritingModel):
        def __call__(self, body: Json, before: int) -> Reply:
            doubted = {line["number"] for line in data_in(body, "items") if says(line)}

            def hand(form: str, answer: Json) -> Json:
                if form == FORM:
                    for each in answer["verdicts"]:
                        if each["number"] in doubted:
                            each["verdict"] = verdict
                return answer

            self._hand = hand
            return super().__call__(body, before)

    return Doubting()


SECOND_CARD = "What was said about bxyz?"


def is_second_card(line: Line) -> bool:
    return SECOND_CARD in line.get("states", "")


def is_second_card_or_its_repair(line: Line) -> bool:
    return "What was said about b" in line.get("states", "")


def test_every_item_is_compared_with_its_passage() -> None:
    with serving(WritingModel()) as server:
        draft = made(server)
        asked = claims(server)
    assert len(asked) == sum(each.items for each in draft.grounding.values())
    for line in asked:
        quoted = line["states"].rpartition(": ")[2].rpartition(" Answer ")[2].rstrip(" …")
        assert quoted in line["passage"]
    assert all(each.checks[-1] == "entailment" for each in draft.grounding.values())


def test_no_batch_is_larger_than_what_a_model_keeps_apart() -> None:
    with serving(WritingModel(most=25)) as server:
        made(server)
        sizes = [len(data_in(body, "items")) for body in server.requests if form_of(body) == FORM]
    assert max(sizes) == BATCH
    assert len(sizes) > 3


def test_a_small_context_takes_fewer_claims_at_a_time() -> None:
    with serving(WritingModel()) as server:
        made(server, context_tokens=2_400)
        sizes = [len(data_in(body, "items")) for body in server.requests if form_of(body) == FORM]
    assert max(sizes) < BATCH


def test_where_it_is_off_nothing_is_asked_and_nothing_claimed() -> None:
    with serving(WritingModel()) as server:
        draft = made(server, verification=None)
        assert claims(server) == []
    assert all("entailment" not in each.checks for each in draft.grounding.values())


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [
        ("contradicted", "the passage that it quotes says otherwise"),
        ("not said", "it does not follow from the passage that it quotes"),
    ],
)
def test_a_doubted_item_is_written_again_and_asked_again(verdict: str, reason: str) -> None:
    with serving(doubting(verdict, is_second_card)) as server:
        draft = made(server)
        (faulty,) = claims(server, "RepairedCards")
        asked = claims(server)
    assert faulty["wrong"] == [reason]
    assert [is_second_card(line) for line in asked].count(True) == 1
    assert not is_second_card(asked[-1])
    assert is_second_card_or_its_repair(asked[-1])
    cards = draft.contents.flashcards.cards
    assert SECOND_CARD not in [card.front for card in cards]
    grounding = draft.grounding[ArtifactType.FLASHCARDS]
    assert (grounding.repaired, grounding.dropped) == (1, 0)
    assert grounding.checks[-1] == "entailment"


def test_what_is_doubted_again_is_dropped() -> None:
    with serving(doubting("not said", is_second_card_or_its_repair)) as server:
        draft = made(server)
    grounding = draft.grounding[ArtifactType.FLASHCARDS]
    assert (grounding.repaired, grounding.dropped) == (0, 1)
    assert grounding.checks[-1] == "entailment"
    assert len(draft.contents.flashcards.cards) == grounding.items - grounding.dropped


@pytest.mark.parametrize("answer", [lambda: refusal("No."), lambda: failure(400)])
def test_items_are_kept_where_the_model_does_not_tell(answer: Callable[[], Reply]) -> None:
    honest = WritingModel()

    def silent(body: Json, before: int) -> Reply:
        return answer() if form_of(body) == FORM else honest(body, before)

    with serving(silent) as server:
        draft = made(server)
    assert all(each.dropped == 0 for each in draft.grounding.values())
    assert all("entailment" not in each.checks for each in draft.grounding.values())


def test_a_verdict_that_is_missing_says_nothing_for_the_artifact() -> None:
    def forgetful(form: str, answer: Json) -> Json:
        if form == FORM:
            answer["verdicts"] = answer["verdicts"][1:]
        return answer

    with serving(WritingModel(forgetful)) as server:
        draft = made(server)
    checked = ["entailment" in each.checks for each in draft.grounding.values()]
    assert not all(checked)


def test_an_endpoint_that_is_down_is_asked_again_in_the_next_attempt() -> None:
    honest = WritingModel()

    def down(body: Json, before: int) -> Reply:
        return failure(503) if form_of(body) == FORM else honest(body, before)

    with serving(down) as server, pytest.raises(TransientError):
        made(server)
    with serving(down) as server:
        draft = made(server, is_last=True)
    assert all(each.dropped == 0 for each in draft.grounding.values())


# --- one by one ---


def likely(yes: Callable[[str], float]) -> Callable[[Json, int], Reply]:
    """Writes honestly, and says yes to a statement with this probability."""
    honest = WritingModel()

    def answer(body: Json, before: int) -> Reply:
        if not body.get("logprobs"):
            return honest(body, before)
        statement = body["messages"][-1]["content"].partition("Statement: ")[2]
        return first_token(
            {
                "Yes": yes(statement) * 0.6,
                " yes": yes(statement) * 0.2,
                "No": 0.8 - yes(statement) * 0.8,
            }
        )

    return answer


def first_token(probabilities: dict[str, float]) -> Reply:
    alternatives = [
        {"token": token, "logprob": math.log(share), "bytes": None}
        for token, share in probabilities.items()
        if share
    ]
    reply = json.loads(completion("x").body)
    reply["choices"][0]["logprobs"] = {
        "content": [{**alternatives[0], "top_logprobs": alternatives}],
        "refusal": None,
    }
    return Reply(200, json.dumps(reply))


def singles(server: ChatServer) -> list[Json]:
    return [body for body in server.requests if body.get("logprobs")]


def test_a_question_for_each_item_takes_one_token() -> None:
    with serving(likely(lambda _: 0.9)) as server:
        draft = made(server, "single")
        asked = singles(server)
    assert len(asked) == sum(each.items for each in draft.grounding.values())
    assert {body["max_tokens"] for body in asked} == {1}
    assert all(each.checks[-1] == "entailment" for each in draft.grounding.values())


@pytest.mark.parametrize(("yes", "dropped"), [(LEAST_LIKELY, 0), (LEAST_LIKELY - 0.01, 1)])
def test_an_unlikely_yes_is_a_doubt(yes: float, dropped: int) -> None:
    def of(statement: str) -> float:
        return yes if "What was said about b" in statement else 0.9

    with serving(likely(of)) as server:
        draft = made(server, "single")
    assert draft.grounding[ArtifactType.FLASHCARDS].dropped == dropped


@pytest.mark.parametrize(
    "answer", [lambda: failure(400), lambda: completion("yes"), lambda: first_token({"Well": 1.0})]
)
def test_an_endpoint_without_probabilities_is_asked_once(answer: Callable[[], Reply]) -> None:
    honest = WritingModel()

    def without(body: Json, before: int) -> Reply:
        return answer() if body.get("logprobs") else honest(body, before)

    with serving(without) as server:
        draft = made(server, "single")
        # As many as are under way when the first answer comes.
        assert 1 <= len(singles(server)) <= 3
    assert all(each.dropped == 0 for each in draft.grounding.values())
    assert all("entailment" not in each.checks for each in draft.grounding.values())


def test_questions_of_one_token_leave_time_for_repairs() -> None:
    """A slow server: the time of an attempt is nearly over when the material is written."""
    seconds = iter([0.0] + [100 * (1 - KEPT_FOR_REPAIRS) + 1] * 1_000)
    deadline = Deadline(100, clock=lambda: next(seconds))
    asked = request(TRANSCRIPT)
    with (
        serving(likely(lambda _: 0.0)) as server,
        openai.OpenAI(api_key="sk", base_url=server.url, timeout=10, max_retries=0) as client,
    ):
        chat = OpenAICompatible(client, model="small", deadline=deadline)
        provider = LanguageModelProvider(chat, verification="single")
        draft = ground(provider.generate(asked), asked, provider)
        assert singles(server) == []
    assert all(each.dropped == 0 for each in draft.grounding.values())

"""Whether items follow from the passages that they quote, asked of a language model.

A claim is compared with its passage alone, not with the lecture: what is true and was said
elsewhere is no reason to quote this passage. Either several claims go into one question, which a
strong model answers in words; or each is a question of its own, and how likely the model's yes is
decides. Small models say "supported" of nearly everything, and their probabilities still tell right
from wrong (docs/quality.md).
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Annotated, Literal

from pydantic import Field

from functions.generate.drafts import Claim, Cost, Entailment, Verdicts
from functions.generate.providers.chat.model import (
    ChatModel,
    DeadlinePassedError,
    Message,
    Question,
)
from functions.generate.providers.language_model import prompts
from functions.generate.providers.language_model.calls import Calls
from functions.generate.providers.language_model.windows import estimate_tokens
from functions.generate.providers.language_model.wire import Wire
from shared.errors import ModelRejectedError, PegasusError, PermanentError
from shared.log import log

Asking = Literal["batched", "single"]
BATCH = 10
"""Claims in one question. Of more, a model mistakes one passage for another."""
LEAST_LIKELY = 0.6
"""Least probability of a yes. Chosen on one half of the labelled items and reported on the other
(docs/quality.md)."""


class WireVerdict(Wire):
    number: int
    verdict: Entailment


class WireVerdicts(Wire):
    verdicts: Annotated[list[WireVerdict], Field(max_length=BATCH)]


Found = tuple[dict[int, Entailment], Cost]


class Verifier:
    def __init__(self, chat: ChatModel, asking: Asking, *, room: int, answer_tokens: int) -> None:
        """`room`: tokens that the claims of a question may take; `answer_tokens`: those of an
        answer."""
        self._chat = chat
        self._asking = asking
        self._room = room
        self._answer_tokens = answer_tokens
        self._gives_none = False
        """Whether the endpoint was found to give no probabilities."""

    def verify(self, claims: Sequence[Claim], calls: Calls) -> Verdicts:
        """A question that the model refuses, makes nonsense of or has no time for has no verdicts.

        Raises TransientError where the endpoint is to be asked again later.
        """
        verdicts: dict[int, Entailment] = {}
        costs = []
        failed: Counter[str] = Counter()
        for each in [calls.submit(partial(_answered, call)) for call in self._questions(claims)]:
            match each.result():
                case str() as code:
                    failed[code] += 1
                case PegasusError() as error:
                    failed[error.code] += 1
                case found, cost:
                    verdicts.update(found)
                    costs.append(cost)
        for code, questions in failed.items():
            log.warning("generation.verification_failed", code=code, questions=questions)
        return Verdicts(
            tuple(verdicts.get(number) for number in range(len(claims))), Cost.total(costs)
        )

    def _questions(self, claims: Sequence[Claim]) -> Iterator[Callable[[], Found]]:
        if self._asking == "single":
            for number, claim in enumerate(claims):
                yield partial(self._likely, number, claim)
            return
        batch: dict[int, str] = {}
        left = self._room
        for number, claim in enumerate(claims):
            line = prompts.claim_line(number, claim)
            weight = estimate_tokens(line)
            if batch and (len(batch) == BATCH or weight > left):
                yield partial(self._ask, batch)
                batch, left = {}, self._room
            batch[number] = line
            left -= weight
        if batch:
            yield partial(self._ask, batch)

    def _ask(self, batch: Mapping[int, str]) -> Found:
        messages = (
            Message("system", prompts.VERIFICATION),
            Message("user", prompts.verification_task(batch.values())),
        )
        question = Question(messages, WireVerdicts, {"verdicts": len(batch)}, self._answer_tokens)
        reply = self._chat.ask(question)
        found = {each.number: each.verdict for each in reply.answer.verdicts}
        return {number: found[number] for number in batch if number in found}, reply.cost

    def _likely(self, number: int, claim: Claim) -> Found:
        if self._gives_none:
            return {}, Cost()
        messages = (
            Message("system", prompts.SINGLE_VERIFICATION),
            Message("user", prompts.single_verification_task(claim)),
        )
        try:
            likelihood = self._chat.likelihood_of_yes(messages)
        except ModelRejectedError:
            self._gives_none = True
            raise
        if likelihood.yes is None:
            self._gives_none = True
            return {}, likelihood.cost
        follows = likelihood.yes >= LEAST_LIKELY
        return {number: "supported" if follows else "not said"}, likelihood.cost


def _answered(call: Callable[[], Found]) -> Found | str:
    """The code of the failure, where that is permanent or the time is over: the items that passed
    the other checks are worth more than another attempt."""
    try:
        return call()
    except (PermanentError, DeadlinePassedError) as error:
        return error.code

"""Whether the items that passed the other checks follow from what they quote, by the provider."""

from collections.abc import Iterable, Mapping

from functions.generate.drafts import Cost, Entailment, Fault, Item
from functions.generate.grounding.judging import Admitted, Judge
from functions.generate.providers.base import GenerationRequest, Provider

REASONS: Mapping[Entailment, str] = {
    "contradicted": "the passage that it quotes says otherwise",
    "not said": "it does not follow from the passage that it quotes",
}


class EntailmentCheck:
    """Asks about each item once. Items that no verdict was given of are kept."""

    def __init__(self, provider: Provider, request: GenerationRequest, judge: Judge) -> None:
        self.cost = Cost()
        self._provider = provider
        self._request = request
        self._judge = judge
        self._passed: set[Item] = set()

    def doubts(self, admitted: Mapping[int, Admitted]) -> dict[int, Fault]:
        """Those that do not follow, by their numbers."""
        claims = {
            number: claim
            for number, each in admitted.items()
            if (claim := self._judge.claim_of(each.item))
        }
        answered = self._provider.verify(self._request, list(claims.values()))
        self.cost = Cost.total((self.cost, answered.cost))
        verdicts = dict(zip(claims, answered.verdicts, strict=True))
        if not any(verdicts.values()):
            return {}
        found = {}
        for number, each in admitted.items():
            verdict = verdicts.get(number, "supported")
            if verdict == "supported":
                self._passed.add(each.item)
            elif verdict:
                found[number] = Fault(each.kind, each.item, (REASONS[verdict],))
        return found

    def passed(self, admitted: Iterable[Admitted]) -> bool:
        """Whether every one of these follows; one that states nothing does."""
        return all(each.item in self._passed for each in admitted)

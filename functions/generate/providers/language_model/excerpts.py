"""Excerpts of a transcript for a model that rewrites some items."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Sequence

from functions.generate.drafts import Item, Overview
from functions.generate.providers.language_model import prompts
from functions.generate.providers.language_model.windows import light_pieces
from functions.generate.text.language import language_of
from functions.generate.text.words import tokens
from shared.documents.transcript import Transcript, Utterance

LIKEST = 4
"""Utterances shown for each item because they share most of its words."""
AROUND = 2
"""Utterances shown before and after each place, for the sense."""


class Excerpts:
    def __init__(self, transcript: Transcript, *, room: int) -> None:
        """`room`: tokens an excerpt may take."""
        self._utterances = light_pieces(
            transcript.utterances, room=room // LIKEST, weigh=prompts.weight_of
        )
        self._starts = [utterance.start_sec for utterance in self._utterances]
        self._language = language_of(transcript.language)
        self._room = room
        self._said_at: dict[str, list[int]] = {}
        for index, utterance in enumerate(self._utterances):
            for stem in set(self._language.content_stems(utterance.text)):
                self._said_at.setdefault(stem, []).append(index)

    def around(self, items: Sequence[Item]) -> list[Utterance]:
        """In order of time: for each item what was said where it claims to be from, and where
        its words were said. The places that count most come first where not all fit; where
        there are none, it is the beginning of the lecture."""
        found = [self._places(item) for item in items]
        ranked = dict.fromkeys(
            place
            for rank in range(max(map(len, found), default=0))
            for places in found
            if rank < len(places)
            for place in self._with_neighbours(places[rank])
        ) or range(len(self._utterances))
        shown: list[int] = []
        left = self._room
        for place in ranked:
            left -= prompts.weight_of(self._utterances[place])
            if left < 0:
                break
            shown.append(place)
        return [self._utterances[place] for place in sorted(shown)]

    def _places(self, item: Item) -> list[int]:
        claimed = [
            max(0, bisect_right(self._starts, citation.start_sec) - 1)
            for citation in item.citations
            if citation.quote
        ]
        # Rare words say more about the place than common ones.
        likeness: defaultdict[int, float] = defaultdict(float)
        for stem in set(self._language.content_stems(_text(item))):
            places = self._said_at.get(stem, [])
            for place in places:
                likeness[place] += 1 / len(places)
        ranked = sorted(likeness, key=lambda place: (-likeness[place], place))
        return [*ranked[:LIKEST], *claimed]

    def _with_neighbours(self, place: int) -> range:
        return range(max(0, place - AROUND), min(len(self._utterances), place + AROUND + 1))


def _text(item: Item) -> str:
    if isinstance(item, Overview):
        return item.text
    fields = item.model_dump(exclude={"citations", "thread_ref", "key", "kind", "tags"})
    return " ".join(value for value in fields.values() if isinstance(value, str) and tokens(value))

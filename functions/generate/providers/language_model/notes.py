"""Notes of a lecture that is too long for one call.

Notes are taken of each window of the transcript separately, each note with its evidence, word
for word; what was not said is dropped before anything is built on it. Notes that are too
long together are condensed in the same way. The material is then written from the notes,
and quotes the transcript through them.
"""

from collections.abc import Sequence
from concurrent.futures import Future
from dataclasses import dataclass, replace
from functools import partial

from functions.generate.drafts import Cost
from functions.generate.grounding.quotes import SpokenWords
from functions.generate.providers.base import GenerationRequest
from functions.generate.providers.chat.model import (
    ChatModel,
    ContextTooLongError,
    Message,
    Question,
)
from functions.generate.providers.language_model import prompts
from functions.generate.providers.language_model.calls import Calls
from functions.generate.providers.language_model.reading import FromWire
from functions.generate.providers.language_model.windows import cut_windows, estimate_tokens
from functions.generate.providers.language_model.wire import WireNote, WireNotes
from functions.generate.text.language import language_of
from shared.documents.transcript import Utterance
from shared.errors import GenerationInvalidError, PegasusError
from shared.log import log

NOTE_TOKENS = 90
"""What a note with its evidence takes: two sentences and their JSON."""
FEWEST_NOTES, MOST_NOTES = 4, 40
"""Of one window: fewer would leave topics out, more would copy the transcript."""


@dataclass(frozen=True)
class Notes:
    lines: tuple[str, ...]
    """A line of JSON for each note, in the order of the lecture."""
    cost: Cost
    failure: str = GenerationInvalidError.code
    """Why there are none where there are none: the code of an error."""


class NoteTaker:
    def __init__(
        self, chat: ChatModel, request: GenerationRequest, calls: Calls, *, answer_tokens: int
    ) -> None:
        self._chat = chat
        self._answer_tokens = answer_tokens
        self._request = request
        self._calls = calls
        self._system = Message("system", prompts.system_prompt(request))
        self._spoken = SpokenWords(request.transcript)
        self._wire = FromWire(request)
        self._language = language_of(request.transcript.language)

    def take(self, room: int) -> Notes:
        """Notes that take at most `room` tokens, from windows that take at most as many. A window
        of which the model makes nothing adds none.

        Raises what concerns all calls; ContextTooLongError only where a single utterance
        is too much for it.
        """
        windows = cut_windows(
            self._request.transcript.utterances,
            room=room,
            weigh=prompts.weight_of,
            stems=self._language.content_stems,
        )
        most = _most_notes(room, len(windows))
        noted = [self._calls.submit(partial(self._of_window, each, most)) for each in windows]
        notes = _joined(noted)
        while (taken := _tokens(notes.lines)) > room and len(notes.lines) > 1:
            notes = self._condensed(notes, room)
            if _tokens(notes.lines) > 0.9 * taken:
                # The model will not be brief: keep what is spread evenly over the lecture.
                keep = max(1, len(notes.lines) * room // (taken + 1))
                notes = Notes(_spread(notes.lines, keep), notes.cost)
        return notes

    def _of_window(self, window: Sequence[Utterance], most: int) -> Notes:
        try:
            return self._ask(prompts.transcript_prompt(self._request, window), most)
        except ContextTooLongError:
            if len(window) < 2:
                raise
            middle = len(window) // 2
            halves = (window[:middle], window[middle:])
            return _sum([self._of_window(half, -(-most // 2)) for half in halves])

    def _condensed(self, notes: Notes, room: int) -> Notes:
        """About half as many notes."""
        groups = _groups(notes.lines, room)
        most = max(1, min(MOST_NOTES, len(notes.lines) // (2 * len(groups))))
        prompted = [prompts.notes_prompt(self._request, group) for group in groups]
        asked = [self._calls.submit(partial(self._ask, each, most)) for each in prompted]
        fewer = _joined(asked)
        return Notes(fewer.lines, Cost.total((notes.cost, fewer.cost)))

    def _ask(self, material: str, most: int) -> Notes:
        messages = (
            self._system,
            Message("user", material),
            Message("user", prompts.notes_task(most)),
        )
        question = Question(messages, WireNotes, {"notes": most}, self._answer_tokens)
        reply = self._chat.ask(question)
        kept = [line for note in reply.answer.notes[:most] if (line := self._line(note))]
        return Notes(tuple(kept), reply.cost)

    def _line(self, note: WireNote) -> str:
        """The note with what of its evidence was really said; empty if none was."""
        evidence = [
            {"utterance": each.utterance, "quote": found.citation.quote}
            for each in note.evidence
            if (found := self._spoken.find(self._wire.cite([each])[0]))
        ]
        if not evidence or not note.text.strip():
            return ""
        return prompts.data_line({"note": note.text, "term": note.term, "evidence": evidence})


def _most_notes(room: int, windows: int) -> int:
    return max(FEWEST_NOTES, min(MOST_NOTES, room // (windows * NOTE_TOKENS)))


def _tokens(lines: Sequence[str]) -> int:
    return sum(map(estimate_tokens, lines))


def _groups(lines: Sequence[str], room: int) -> list[tuple[str, ...]]:
    groups: list[list[str]] = [[]]
    taken = 0
    for line in lines:
        taken += estimate_tokens(line)
        if groups[-1] and taken > room:
            groups.append([])
            taken = estimate_tokens(line)
        groups[-1].append(line)
    return [tuple(group) for group in groups]


def _spread(lines: Sequence[str], count: int) -> tuple[str, ...]:
    return tuple(lines[n * len(lines) // count] for n in range(count))


def _joined(noted: Sequence[Future[Notes | PegasusError]]) -> Notes:
    taken = [_taken(each.result()) for each in noted]
    failures = [each.failure for each in taken if not each.lines]
    return replace(_sum(taken), failure=failures[0] if failures else GenerationInvalidError.code)


def _taken(noted: Notes | PegasusError) -> Notes:
    if isinstance(noted, Notes):
        return noted
    log.warning("generation.notes_failed", code=noted.code)
    return Notes((), Cost(), noted.code)


def _sum(parts: Sequence[Notes]) -> Notes:
    lines = tuple(line for part in parts for line in part.lines)
    return Notes(lines, Cost.total(part.cost for part in parts))

"""The transcript to read: paragraphs, each with the time it begins at.

A star stands before what was said at a moment that the student marked.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from functions.export.document import Mark, TranscriptDocument
from functions.export.text.clock import clock
from functions.export.text.facts import facts, notes
from functions.export.text.file_names import file_name
from shared.documents.transcript import Transcript, Utterance
from shared.errors import ExportFailedError
from shared.text import one_line

PAUSE_SEC = 1.2
"""A longer silence ends a paragraph that has its least length."""
SHORTEST_SEC = 20.0
LONGEST_SEC = 90.0
"""From here on the next utterance begins a paragraph: about 200 words, half a page."""

Marks = Mapping[int | None, Sequence[Mark]]
"""By the id of the utterance."""


class TxtFormat:
    type = "txt"
    content_type = "text/plain; charset=utf-8"
    needs_transcript = True

    def file_name(self, document: TranscriptDocument) -> str:
        return file_name(document, "txt")

    def render(self, document: TranscriptDocument) -> bytes:
        """Raises ExportFailedError when no transcript is left."""
        marks = defaultdict(list)
        for each in document.marked:
            marks[each.utterance.id if each.utterance else None].append(each.mark)
        transcript = document.transcript
        said = list(_paragraphs(transcript, marks)) if transcript else []
        if not said:
            raise ExportFailedError("The lecture has no transcript to write down.")
        head = "\n".join(
            map(
                one_line,
                (
                    document.title,
                    " · ".join((document.course, *facts(document))),
                    *(f"Note: {note}" for note in notes(document)),
                ),
            )
        )
        return ("\n\n".join([head, *said]) + "\n").encode()


def _paragraphs(transcript: Transcript, marks: Marks) -> Iterator[str]:
    run: list[Utterance] = []
    for utterance in transcript.utterances:
        if run and _ends(run, utterance):
            yield _paragraph(run, marks)
            run = []
        if one_line(utterance.text) or utterance.id in marks:
            run.append(utterance)
    if run:
        yield _paragraph(run, marks)


def _ends(run: Sequence[Utterance], following: Utterance) -> bool:
    lasted = run[-1].end_sec - run[0].start_sec
    paused = following.start_sec - run[-1].end_sec
    return lasted >= LONGEST_SEC or (lasted >= SHORTEST_SEC and paused >= PAUSE_SEC)


def _paragraph(run: Sequence[Utterance], marks: Marks) -> str:
    parts = [
        part
        for utterance in run
        for part in (*map(_star, marks.get(utterance.id, ())), one_line(utterance.text))
    ]
    return f"[{clock(run[0].start_sec)}] {' '.join(filter(None, parts))}"


def _star(mark: Mark) -> str:
    return one_line(f"[★ {clock(mark.at_sec)} {mark.label or ''}").rstrip() + "]"

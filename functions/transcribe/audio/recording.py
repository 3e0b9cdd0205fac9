"""A lecture's recording as one stream of samples: the tracks that carry it, decoded and mixed."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import IO

from functions.transcribe.audio.decoding import decode
from functions.transcribe.audio.report import DecodingReport
from functions.transcribe.audio.samples import Samples
from functions.transcribe.audio.tracks import choose_tracks, mix

Opener = Callable[[], AbstractContextManager[IO[bytes]]]


@contextmanager
def decoded_recording(
    opened: Opener, *, language: str | None, report: DecodingReport
) -> Iterator[Iterator[Samples]]:
    """The recording's samples, in blocks. Each call of `opened` gives a seekable stream.

    Tracks that are mixed are read by a stream each, so that memory stays flat wherever in the
    file they lie. `language` is ISO 639-1, if the caller named it. `report` is complete when the
    samples end.

    Raises NotAudioError, and what reading the streams raises.
    """
    with ExitStack() as streams:
        first = streams.enter_context(opened())
        choice = choose_tracks(first, language=language)
        report.tracks, report.tracks_decoded = choice.of, choice.numbers
        if choice.of < 2:
            yield decode(first, report=report)
            return
        sources = [first, *(streams.enter_context(opened()) for _ in choice.tracks[1:])]
        reports = [report, *(DecodingReport() for _ in choice.tracks[1:])]
        tracks = [
            decode(source, track=track, report=each)
            for source, track, each in zip(sources, choice.tracks, reports, strict=True)
        ]
        yield tracks[0] if len(tracks) == 1 else _mixed(tracks, reports)


def _mixed(tracks: list[Iterator[Samples]], reports: list[DecodingReport]) -> Iterator[Samples]:
    yield from mix(tracks)
    for other in reports[1:]:
        reports[0].absorb(other)

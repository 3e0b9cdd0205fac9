"""Captions as WebVTT (.vtt), which browsers show beside a recording."""

import html

from functions.export.document import TranscriptDocument
from functions.export.formats.captions.cutting import Caption, captions
from functions.export.text.clock import timestamp
from functions.export.text.file_names import file_name
from shared.errors import ExportFailedError


class VttFormat:
    type = "vtt"
    content_type = "text/vtt; charset=utf-8"
    needs_transcript = True

    def file_name(self, document: TranscriptDocument) -> str:
        return file_name(document, "vtt")

    def render(self, document: TranscriptDocument) -> bytes:
        """Raises ExportFailedError when no transcript is left to caption."""
        found = captions(document.transcript) if document.transcript else []
        if not found:
            raise ExportFailedError("The lecture has no transcript to make captions of.")
        return "\n".join(["WEBVTT\n", *map(_cue, found)]).encode()


def _cue(caption: Caption) -> str:
    # With `<`, `>` and `&` escaped a cue's text holds no tag, and no "-->" either.
    text = "\n".join(html.escape(line, quote=False) for line in caption.lines)
    times = f"{timestamp(caption.start_ms, '.')} --> {timestamp(caption.end_ms, '.')}"
    return f"{times}\n{text}\n"

"""Captions as SubRip (.srt)."""

import re

from functions.export.document import TranscriptDocument
from functions.export.formats.captions.cutting import Caption, captions
from functions.export.text.clock import timestamp
from functions.export.text.file_names import file_name
from shared.errors import ExportFailedError

# Players read `<b>`, `{\an8}` and `\N` in SubRip as markup, and it has no escape
# for them: an invisible word joiner behind the first character breaks each.
_MARKUP = re.compile(r"[<{\\]|--(?=>)")
_WORD_JOINER = "\u2060"


class SrtFormat:
    type = "srt"
    content_type = "application/x-subrip; charset=utf-8"
    needs_transcript = True

    def file_name(self, document: TranscriptDocument) -> str:
        return file_name(document, "srt")

    def render(self, document: TranscriptDocument) -> bytes:
        """Raises ExportFailedError when no transcript is left to caption."""
        found = captions(document.transcript) if document.transcript else []
        if not found:
            raise ExportFailedError("The lecture has no transcript to make captions of.")
        blocks = (_block(number, caption) for number, caption in enumerate(found, start=1))
        return "\n".join(blocks).encode()


def _block(number: int, caption: Caption) -> str:
    text = "\n".join(_MARKUP.sub(f"\\g<0>{_WORD_JOINER}", line) for line in caption.lines)
    times = f"{timestamp(caption.start_ms, ',')} --> {timestamp(caption.end_ms, ',')}"
    return f"{number}\n{times}\n{text}\n"

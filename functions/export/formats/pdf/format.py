"""A booklet to print, set by Typst.

The lecture reaches the template as JSON and is shown as strings there; no text
of it is ever part of Typst source.
"""

import json
import subprocess
import sys

from functions.export.document import LectureDocument
from functions.export.formats.pdf import typeset
from functions.export.formats.pdf.booklet import booklet
from functions.export.text.file_names import file_name
from shared.errors import ExportFailedError

_TIME_LIMIT_SEC = 240
"""Two hundred pages take 3 s; what takes this long will not end."""


class PdfFormat:
    type = "pdf"
    content_type = "application/pdf"
    needs_transcript = False

    def file_name(self, document: LectureDocument) -> str:
        return file_name(document, "pdf")

    def render(self, document: LectureDocument) -> bytes:
        """Raises ExportFailedError when Typst cannot set the booklet."""
        timestamp = int(document.modified.timestamp())
        try:
            done = subprocess.run(  # noqa: S603 - a script of ours, without a shell
                # -P: modules beside the script must not pass for installed ones.
                [sys.executable, "-P", typeset.__file__, str(timestamp)],
                input=json.dumps(booklet(document)).encode(),
                capture_output=True,
                timeout=_TIME_LIMIT_SEC,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise ExportFailedError("The PDF took too long to set.") from error
        if done.returncode == typeset.REFUSED:
            raise ExportFailedError(f"The PDF could not be set: {done.stderr.decode()}")
        done.check_returncode()
        return done.stdout

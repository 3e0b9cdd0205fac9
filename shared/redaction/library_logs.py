"""What libraries log and what ends a thread: where and of which type, no text.

Libraries put object names, addresses with their query and parts of answers into their messages.
Their records keep logger, level, place and exception type.
"""

import logging
import os
import sys
import threading
from types import TracebackType
from typing import Any

from shared.redaction.exception_text import trace_of


class TextlessRecord(logging.LogRecord):
    """A record whose text is the place in the code that made it."""

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        self.msg = f"{self.name} ({os.path.basename(self.pathname)}:{self.lineno})"  # noqa: PTH119
        self.args = None
        if self.exc_info and self.exc_info[1] is not None:
            self.msg = f"{self.msg}\n{trace_of(self.exc_info[1])}"
        self.exc_info = None
        self.exc_text = self.stack_info = None


def withhold_library_texts() -> None:
    """For this process: all records of `logging`, and uncaught exceptions."""
    logging.setLogRecordFactory(TextlessRecord)
    # Another program's hooks (a debugger's, a test runner's) stay.
    if sys.excepthook is sys.__excepthook__:
        sys.excepthook = _uncaught
    if threading.excepthook is threading.__excepthook__:
        threading.excepthook = _uncaught_in_thread


def _uncaught(
    _kind: type[BaseException], error: BaseException, _trace: TracebackType | None
) -> None:
    print(trace_of(error), file=sys.stderr)


def _uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
    if args.exc_value is not None and not isinstance(args.exc_value, SystemExit):
        print(trace_of(args.exc_value), file=sys.stderr)

"""How a program that starts a stack ends: by a signal, or with the `make` that runs it."""

import os
import signal
import threading
from collections.abc import Callable
from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
PATIENCE_SEC = 45.0
"""How long the program may take to end in order. The watchdog ends what is left."""
_LOOK_SEC = 0.5


class Ended(SystemExit):
    """A signal asked this program to end. Exits with 128 + its number, as shells count."""

    def __init__(self, number: signal.Signals) -> None:
        super().__init__(128 + number)
        self.number = number


def end_in_order() -> None:
    """Each of SIGNALS raises Ended in the main thread, so that `finally` and `with` take down
    what was started; a second one ends the process immediately. Signals that are ignored, as
    `nohup` has it, stay ignored.
    """
    for number in SIGNALS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)
    end_with_make()


def end_with_make(end: Callable[[], None] = lambda: os.kill(os.getpid(), signal.SIGTERM)) -> None:
    """A program that `make` runs ends when that `make` is gone.

    There is no portable notice of it, so a thread asks for the parent's id.
    """
    if "MAKELEVEL" not in os.environ:
        return
    parent = os.getppid()

    def watch() -> None:
        never = threading.Event()
        while os.getppid() == parent:
            never.wait(_LOOK_SEC)
        end()

    threading.Thread(target=watch, name="parent", daemon=True).start()


def _end(number: int, _frame: FrameType | None) -> None:
    for each in SIGNALS:
        if signal.getsignal(each) is _end:
            signal.signal(each, signal.SIG_DFL)
    late = threading.Timer(PATIENCE_SEC, os._exit, [128 + number])
    late.daemon = True
    late.start()
    raise Ended(signal.Signals(number))

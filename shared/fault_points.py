"""Named points between two steps that belong together, at which tests inject faults.

    reach("export.stored", job_id)

A deployed function has no listener, and the call has no effect. The chaos suite listens: it
kills the process there, delays it, or raises an exception that could be raised there.
"""

from collections.abc import Callable

Listener = Callable[[str, str], None]


def _nothing(_name: str, _work: str) -> None:
    return None


_listener: Listener = _nothing


def reach(name: str, work: object = "") -> None:
    """Say that the process is at this point of a piece of work. Raises what the listener does."""
    _listener(name, str(work))


def listen(listener: Listener | None) -> None:
    """Call `listener` at every point that this process reaches; None removes it."""
    global _listener  # noqa: PLW0603 - one per process, as the process is what dies
    _listener = listener or _nothing

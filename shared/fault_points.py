"""Named points between two steps that must not be torn apart, for tests to tear them apart.

    reach("outbox.committed")

In a deployed function nobody listens and nothing happens. The chaos suite listens, and
kills the process there, makes it wait, or raises what might be raised there.
"""

from collections.abc import Callable


def _nothing(_name: str) -> None:
    return None


_listener: Callable[[str], None] = _nothing


def reach(name: str) -> None:
    """Say that the process is at this point. Raises what the listener raises."""
    _listener(name)


def listen(listener: Callable[[str], None] | None) -> None:
    """Be told of every point this process reaches; None to be told no more."""
    global _listener  # noqa: PLW0603 - one per process, as the process is what dies
    _listener = listener or _nothing

"""What the functions' logs say of failures, read while it is written."""

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

FAILED_WORK = "work.failed"
"""Logged as warnings, because another attempt follows, but failures."""
NOTICES = "weights."
"""Events of this prefix are shown too, unless they are about a cache: a model may take minutes."""
DIED = "function.died"
"""Written into a function's log by the stack when it starts the function again."""

_LEFT_OUT = {"time", "severity", "message", "function", "exception", "stack", "event_id"}
_OF_NOTICE = {"model", "source", "reason"}
_TRACE = ("Traceback (most recent call last):", "  + Exception Group Traceback")


@dataclass(frozen=True)
class Entry:
    """A line of a function's log that a person should see."""

    function: str
    text: str
    """Event, fields, and the last line of the exception."""
    file: Path
    line: int
    """Counted from 1."""
    failure: bool

    def __str__(self) -> str:
        mark = "!" if self.failure else "·"
        return f"  {mark} {self.function}: {self.text}\n      {self.file}:{self.line}"


@dataclass
class _Position:
    offset: int = 0
    lines: int = 0
    rest: bytes = b""
    """The beginning of a line whose end is not written yet."""
    trace_at: int | None = None
    """Where the traceback begins that is being read, for one that is not inside a JSON line."""


@dataclass
class FunctionLogs:
    """Failures that are written after this was made."""

    folder: Path
    _positions: dict[Path, _Position] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for file in self.folder.glob("*.log"):
            written = file.read_bytes()
            self._positions[file] = _Position(offset=len(written), lines=written.count(b"\n"))

    def poll(self) -> list[Entry]:
        """What has been written since the last call."""
        return [
            entry
            for file in sorted(self.folder.glob("*.log"))
            for entry in self._read(file, self._positions.setdefault(file, _Position()))
        ]

    def _read(self, file: Path, position: _Position) -> Iterator[Entry]:
        with file.open("rb") as log:
            log.seek(position.offset)
            added = log.read()
        position.offset += len(added)
        *lines, position.rest = (position.rest + added).split(b"\n")
        for line in lines:
            position.lines += 1
            yield from _entries(file, position, line.decode(errors="replace"))


def _entries(file: Path, position: _Position, line: str) -> Iterator[Entry]:
    event = _event(line)
    if event is not None:
        position.trace_at = None
        shown = _shown(event)
        if shown is not None:
            yield Entry(file.stem, shown, file, position.lines, not _is_notice(event))
    elif line.startswith(_TRACE):
        position.trace_at = position.lines
    elif position.trace_at is not None and line and not line.startswith((" ", "\t")):
        yield Entry(file.stem, line, file, position.trace_at, failure=True)
        position.trace_at = None


def _event(line: str) -> dict[str, object] | None:
    if not line.startswith("{"):
        return None
    try:
        event = json.loads(line)
    except ValueError:
        return None
    return event if isinstance(event, dict) else None


def _is_notice(event: dict[str, object]) -> bool:
    is_cache = str(event.get("source")).startswith("cache")
    return str(event.get("message")).startswith(NOTICES) and not is_cache


def _shown(event: dict[str, object]) -> str | None:
    failure = event.get("severity") in ("ERROR", "CRITICAL") or event.get("message") == FAILED_WORK
    if not failure and not _is_notice(event):
        return None
    fields = (
        f"{name}={value}"
        for name, value in event.items()
        if (name not in _LEFT_OUT and "/" not in name if failure else name in _OF_NOTICE)
    )
    return " ".join([str(event.get("message")), *fields, *_reason(event)])


def _reason(event: dict[str, object]) -> Iterable[str]:
    """The last line of a traceback says what was raised."""
    lines = str(event.get("exception") or "").strip().splitlines()
    return [f"– {lines[-1].strip()}"] if lines else []

"""Streams of events: how long they last, what keeps them open, and how many there are."""

import gc
from collections.abc import Iterator

import pytest

from functions.ingest.progress.streams import (
    KEEP_ALIVE_SEC,
    OWN_STREAMS,
    Event,
    EventStreams,
    Source,
)
from shared.errors import StreamsBusyError


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, sec: float) -> None:
        self.now += sec


class Looks(Source):
    """What each look gives, one after the other, and then nothing."""

    def __init__(self, *looks: list[Event], position: str | None = None) -> None:
        self._looks = iter(looks)
        self._position = position

    @property
    def position(self) -> str | None:
        return self._position

    def look(self) -> Iterator[Event]:
        yield from next(self._looks, [])


class Broken(Looks):
    def look(self) -> Iterator[Event]:
        raise ConnectionError


def streams(*, most: int = 50, longest_sec: float = 10.0) -> EventStreams:
    clock = Clock()
    return EventStreams(most=most, longest_sec=longest_sec, clock=clock, sleep=clock.sleep)


def test_events_are_written_with_the_id_from_which_to_resume() -> None:
    source = Looks([Event("lecture", "{}", "a"), Event("end", '{"x":1}', last=True)])

    assert list(streams().open(source)) == [
        "retry: 2000\n\n",
        "event: lecture\ndata: {}\nid: a\n\n",
        'event: end\ndata: {"x":1}\n\n',
    ]


def test_the_last_event_ends_the_stream() -> None:
    source = Looks([Event("gone", "{}", last=True), Event("never", "{}")], [Event("never", "{}")])

    assert "never" not in "".join(streams().open(source))


@pytest.mark.parametrize(
    ("position", "line"), [(None, ": still here\n\n"), ("b", ": still here\nid: b\n\n")]
)
def test_a_silent_stream_is_kept_open_for_its_time(position: str | None, line: str) -> None:
    written = list(streams(longest_sec=10.0).open(Looks(position=position)))

    assert written == ["retry: 2000\n\n", *[line] * int(10 // KEEP_ALIVE_SEC)]


def test_an_instance_has_so_many_streams_of_all_kinds() -> None:
    opened = streams(most=2)
    first, _second = opened.open(Looks()), opened.open(Looks(), owner="alice")

    for owner in (None, "bob"):
        with pytest.raises(StreamsBusyError):
            opened.open(Looks(), owner=owner)
    first.close()  # type: ignore[attr-defined]
    assert opened.open(Looks(), owner="bob")


def test_an_owner_has_so_many_and_others_have_theirs() -> None:
    opened = streams()
    own = [opened.open(Looks(), owner="alice") for _ in range(OWN_STREAMS)]

    with pytest.raises(StreamsBusyError):
        opened.open(Looks(), owner="alice")
    others = [opened.open(Looks(), owner="bob"), opened.open(Looks())]
    list(own.pop())

    own.append(opened.open(Looks(), owner="alice"))
    with pytest.raises(StreamsBusyError):
        opened.open(Looks(), owner="alice")
    assert len(others) == 2


def test_one_that_was_refused_to_its_owner_takes_no_room_of_the_instance() -> None:
    opened = streams(most=OWN_STREAMS + 1)
    own = [opened.open(Looks(), owner="alice") for _ in range(OWN_STREAMS)]
    for _ in range(3):
        with pytest.raises(StreamsBusyError):
            opened.open(Looks(), owner="alice")

    assert opened.open(Looks(), owner="bob")
    assert len(own) == OWN_STREAMS


def test_a_stream_gives_its_room_back_however_it_ends() -> None:
    opened = streams(most=1)

    list(opened.open(Looks(), owner="alice"))
    broken = opened.open(Broken(), owner="alice")
    next(broken)
    with pytest.raises(ConnectionError):
        next(broken)
    closed = opened.open(Looks(), owner="alice")
    closed.close()  # type: ignore[attr-defined]
    closed.close()  # type: ignore[attr-defined]
    dropped = opened.open(Looks(), owner="alice")
    del dropped
    gc.collect()

    last = opened.open(Looks(), owner="alice")
    with pytest.raises(StreamsBusyError):
        opened.open(Looks())
    assert next(last)

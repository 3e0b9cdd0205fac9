"""Reads are counted for each caller, in memory that does not grow with the callers."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.ingest.admission.read_limit import ReadLimit, network_of
from shared.errors import ReadsLimitedError
from tests.support.clock import HeldClock
from tests.support.lectures.builders import make_settings
from tests.support.processes.threads import at_once


def limit(clock: HeldClock, most: int = 3, **options: Any) -> ReadLimit:
    settings = make_settings(
        plc_read_rate_limit_max_requests=most, plc_read_rate_limit_window_sec=60
    )
    return ReadLimit(settings, clock, **options)


def passes(reads: ReadLimit, scope: str = "anna") -> bool:
    try:
        reads.count(scope)
    except ReadsLimitedError:
        return False
    return True


def test_a_burst_is_let_through_and_then_one_by_one() -> None:
    clock = HeldClock()
    reads = limit(clock)

    assert [passes(reads) for _ in range(5)] == [True] * 3 + [False] * 2
    with pytest.raises(ReadsLimitedError) as refused:
        reads.count("anna")
    assert refused.value.retry_after_sec == pytest.approx(20)
    clock.advance(20)
    assert [passes(reads) for _ in range(2)] == [True, False]
    clock.advance(3600)
    assert [passes(reads) for _ in range(4)] == [True] * 3 + [False]


def test_callers_are_counted_apart() -> None:
    reads = limit(HeldClock())

    assert all(passes(reads, name) for name in ("anna", "ben") for _ in range(3))
    assert not passes(reads, "anna")


def test_many_at_once_do_not_pass_the_limit_together() -> None:
    reads = limit(HeldClock(), most=10)

    assert sum(at_once(lambda _: passes(reads), range(40))) == 10


def test_memory_is_bounded_and_the_longest_silent_are_forgotten() -> None:
    reads = limit(HeldClock(), most=1, callers_kept=100)

    for index in range(1000):
        assert passes(reads, f"caller-{index}")

    assert len(reads._arrivals) == 100
    assert not passes(reads, "caller-999")
    assert passes(reads, "caller-0")


@pytest.mark.parametrize(
    ("forwarded", "hops", "network"),
    [
        ("203.0.113.7", 1, "203.0.113.7"),
        ("1.1.1.1, 203.0.113.7", 1, "203.0.113.7"),
        ("1.1.1.1,203.0.113.7 ,10.0.0.1", 2, "203.0.113.7"),
        ("203.0.113.7", 2, "10.9.9.9"),
        ("203.0.113.7", 0, "10.9.9.9"),
        ("", 1, "10.9.9.9"),
        ("203.0.113.7, nothing", 1, "10.9.9.9"),
        ("2001:db8:1:2:3:4:5:6", 1, "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", 1, "2001:db8:1:2::/64"),
        ("::ffff:203.0.113.7", 1, "203.0.113.7"),
    ],
)
def test_the_address_is_what_the_last_trusted_proxy_saw(
    forwarded: str, hops: int, network: str
) -> None:
    environ = {"HTTP_X_FORWARDED_FOR": forwarded, "REMOTE_ADDR": "10.9.9.9"}

    assert network_of(environ, trusted_hops=hops) == network


@given(made_up=st.text(), hops=st.integers(1, 3))
def test_what_a_client_makes_up_does_not_change_it(made_up: str, hops: int) -> None:
    appended = ["203.0.113.7", *("10.0.0.1" for _ in range(hops - 1))]
    environ = {"HTTP_X_FORWARDED_FOR": ", ".join([made_up, *appended]), "REMOTE_ADDR": "10.9.9.9"}

    assert network_of(environ, trusted_hops=hops) == "203.0.113.7"


@given(forwarded=st.text(), peer=st.text(), hops=st.integers(0, 10))
def test_whatever_the_headers_hold_there_is_an_answer(forwarded: str, peer: str, hops: int) -> None:
    environ = {"HTTP_X_FORWARDED_FOR": forwarded, "REMOTE_ADDR": peer}

    assert network_of(environ, trusted_hops=hops)

"""The storm itself: it keeps to its seed, and it can tell when something is mended."""

from concurrent.futures import ThreadPoolExecutor

from tests.chaos.faults.fault_points import AFTER_STALL_SEC, FaultPointServer
from tests.chaos.faults.schedule import Fault, Storm
from tests.support.processes.waiting import wait_until

CHANCES = {"storage": {"503": 0.2, "slow": 0.2}, "point outbox.sent": {"die": 1.0}}


def befallen(storm: Storm, stream: str, events: int) -> list[Fault | None]:
    return [storm.befalls("storage", stream) for _ in range(events)]


def test_the_same_seed_brings_the_same_storm() -> None:
    one, other, third = (Storm(seed, CHANCES) for seed in (7, 7, 8))
    for storm in (one, other, third):
        storm.rage()
    with ThreadPoolExecutor(2) as pool:
        # However the streams take turns.
        gets, puts = pool.map(lambda stream: befallen(one, stream, 300), ("GET", "PUT"))
    assert befallen(other, "PUT", 300) == puts
    assert befallen(other, "GET", 300) == gets
    assert befallen(third, "GET", 300) != gets
    assert one.counts == other.counts
    assert 60 < one.counts["storage.503"] < 180


def test_a_calm_uses_up_as_much_chance_as_a_storm() -> None:
    calm, stormy = Storm(7, CHANCES), Storm(7, CHANCES)
    stormy.rage()
    assert befallen(calm, "GET", 50) == [None] * 50
    befallen(stormy, "GET", 50)
    calm.rage()
    assert befallen(calm, "GET", 50) == befallen(stormy, "GET", 50)


def test_a_stream_may_have_chances_of_its_own() -> None:
    storm = Storm(1, CHANCES)
    storm.rage()
    fault = storm.befalls("point", "outbox.sent")
    assert fault is not None
    assert fault.kind == "die"
    assert storm.befalls("point", "job.claimed") is None


def test_it_is_known_how_long_what_was_hit_took_to_work_again() -> None:
    now = [100.0]
    storm = Storm(1, {}, clock=lambda: now[0])
    storm.strike("machine.killed", mended_by="function export")
    now[0] = 102.5
    storm.mended("function generate")
    assert not storm.mending_sec
    storm.mended("function export")
    now[0] = 200.0
    storm.mended("function export")
    assert storm.mending_sec == {"machine.killed": [2.5]}


def test_who_stalls_waits_until_somebody_else_is_there_with_the_same_work() -> None:
    storm = Storm(1, {"point": {"stall": 1.0}})
    storm.rage()
    line = FaultPointServer(storm)
    line.start()
    here = {"point": "segment.stored", "work": "1/0", "function": "transcribe-on-segment"}
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(line.answer, here)
        wait_until(lambda: line._stalled, timeout_sec=10, what="the first")
        assert not first.done()

        assert line.answer(here)["do"] == "go"

        told = first.result(timeout=10)
    line.stop()
    assert (told["do"], told["sec"]) == ("wait", AFTER_STALL_SEC)
    assert line.answer(here)["do"] == "go"

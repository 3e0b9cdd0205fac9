"""The whole stack goes down in the middle of a lecture and comes up again on the same folder."""

import pytest

from scripts.local.home import HomeInUseError
from scripts.local.stack import Stack
from shared.models import WorkStatus
from tests.support.processes.running_stack import RunningStack, SwitchedFaults, running_stack
from tests.support.processes.waiting import wait_until
from tests.support.sound.speech import clip


@pytest.mark.slow
def test_a_restarted_stack_goes_on_where_it_stood(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    with running_stack(tmp_path_factory.mktemp("restart")) as before:
        done = before.hand_in(clip("economics", seconds=20), lecture="done")
        assert before.ended(done)["overallStatus"] == "completed"
        files = before.client.get(f"/lectures/{done}/exports")["exports"]
        under_way = before.hand_in(clip("hashing-1", seconds=60), lecture="under-way")
        wait_until(
            lambda: any(s.status == WorkStatus.RUNNING for s in before.segments(under_way)),
            timeout_sec=60,
            what="a segment to run",
        )
        with pytest.raises(HomeInUseError):
            Stack(before.stack.options).start()
        before.stack.stop()

        stack = Stack(before.stack.options)
        stack.start()
        after = RunningStack(stack, SwitchedFaults())
        try:
            assert after.ended(under_way)["overallStatus"] == "completed"
            after.check_whole(under_way)
            after.check_whole(done)
            assert after.client.get(f"/lectures/{done}/exports")["exports"] == files
            assert after.client.download(f"/exports/{done}/pdf").startswith(b"%PDF")
        finally:
            after.close()
            stack.stop()

"""The product behind Google's own Pub/Sub emulator, where the machine has it."""

import pytest

from scripts.local.google_emulator import find_emulator
from tests.support.processes.running_stack import running_stack
from tests.support.sound.speech import clip

EMULATOR = find_emulator()


@pytest.mark.slow
@pytest.mark.skipif(EMULATOR is None, reason="Google's Pub/Sub emulator is not on this machine")
def test_a_lecture_goes_through_on_googles_own_emulator(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = tmp_path_factory.mktemp("google")
    with running_stack(home, google_pubsub=EMULATOR) as pegasus:
        lecture = pegasus.hand_in(clip("economics", seconds=45), lecture="by-google")

        assert pegasus.ended(lecture)["overallStatus"] == "completed"

        pegasus.check_whole(lecture)

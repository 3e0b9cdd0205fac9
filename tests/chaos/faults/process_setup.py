"""What a function's process is told before it starts: whom to ask at each named point, which
clock to believe, who recognizes speech, and which safeguard it has to do without."""

import os
import signal
import time
from datetime import datetime, timedelta

from shared.clock import utc_now
from shared.config import Settings
from shared.errors import TransientError
from shared.fault_points import listen
from shared.runtime import Runtime, build_runtime, build_with
from tests.chaos.faults.disabled_safeguards import without
from tests.chaos.faults.fault_points import RemoteFaultPoints

LINE = "CHAOS_LINE"
WITHOUT = "CHAOS_WITHOUT"


class InjectedError(TransientError):
    """Something failed here, because the storm said so."""

    code = "injected"


def prepare() -> None:
    points = RemoteFaultPoints(os.environ[LINE], os.environ["K_SERVICE"])

    def at_point(name: str, work: str) -> None:
        told = points.ask(name, work)
        match told["do"]:
            case "die":
                # As a crash, the platform or the kernel would: nothing is tidied up.
                os.kill(os.getpid(), signal.SIGKILL)
            case "fail":
                raise InjectedError()
            case "wait":
                time.sleep(told["sec"])

    def clock() -> datetime:
        return utc_now() + timedelta(seconds=points.clock_sec())

    def build(settings: Settings) -> Runtime:
        return without(os.environ.get(WITHOUT), build_runtime(settings, clock=clock))

    listen(at_point)
    build_with(build)

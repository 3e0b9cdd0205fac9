"""For all tests."""

import pytest
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

# A property either holds or not; how long an example takes depends on the machine.
settings.register_profile("pegasus", deadline=None)
settings.load_profile("pegasus")

WHOLE_STACKS = {"chaos", "e2e", "operations"}
"""Folders whose tests run a whole Pegasus: never two of them at once, each is a machine full."""


class WholeStacksTogether(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
    """Shares files between the processes of `-n`, and gives all whole stacks to one of them.

    As `--dist loadgroup` would, whose groups pytest 9 does not let it write into names.
    """

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return "whole stacks" if file.split("/")[1] in WHOLE_STACKS else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> WholeStacksTogether:
    return WholeStacksTogether(config, log)

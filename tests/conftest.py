"""For all tests."""

import logging
import os
from collections.abc import Iterator

import pytest
import structlog
from hypothesis import settings
from xdist.scheduler import LoadScopeScheduling

# Weights come from the development packages: no test asks the hub, nor does a process it starts.
os.environ["HF_HUB_OFFLINE"] = "1"

# A property either holds or not; how long an example takes depends on the machine.
settings.register_profile("pegasus", deadline=None)
settings.load_profile("pegasus")

GROUPS = {
    "tests/chaos/": "whole stacks",
    "tests/e2e/": "whole stacks",
    "tests/operations/drills/": "stacks of operations",
    "tests/operations/test_documented_commands.py": "stacks of operations",
    "tests/operations/test_smoke.py": "stacks of operations",
    "tests/terraform/": "terraform",
    "tests/unit/architecture/": "architecture",
}
"""What stays in one process: a whole Pegasus takes much of a machine, and no more than two of them
run at the same time; Terraform checks production, and the tests of the architecture read all of the
code, once for all of their tests."""
SHARED_OUT = (
    "tests/integration/access/test_access.py",
    "tests/integration/api/test_contract.py",
    "tests/integration/api/test_races.py",
)
"""Long files of many like tests: each test goes to whichever process is free."""


@pytest.fixture(autouse=True)
def _logging_as_before() -> Iterator[None]:
    """What a test configures ends with it: `capsys` closes the stream that its log wrote to."""
    configuration, factory = structlog.get_config(), logging.getLogRecordFactory()
    yield
    structlog.configure(**configuration)
    structlog.contextvars.clear_contextvars()
    logging.setLogRecordFactory(factory)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What is marked `selection` or `races` is slow, and of what is marked `sampled` all but the
    sample: said once, before `-m` looks at it."""
    cases: dict[str, list[pytest.Item]] = {}
    for item in items:
        if item.get_closest_marker("selection") or item.get_closest_marker("races"):
            item.add_marker(pytest.mark.slow)
        if item.get_closest_marker("sampled"):
            cases.setdefault(item.nodeid.partition("[")[0], []).append(item)
    for listed in cases.values():
        for item in set(listed) - set(_spread(listed)):
            item.add_marker(pytest.mark.slow)


def _spread(cases: list[pytest.Item]) -> list[pytest.Item]:
    """As many as the marker says, at equal distances, the first among them."""
    marker = cases[0].get_closest_marker("sampled")
    assert marker is not None
    kept = min(marker.args[0], len(cases))
    return [cases[number * len(cases) // kept] for number in range(kept)]


class Groups(LoadScopeScheduling):  # type: ignore[misc]  # it has no types
    """Shares files between the processes of `-n`, and keeps those of a group together.

    As `--dist loadgroup` would, whose groups pytest 9 does not let it write into names.
    """

    def __init__(self, config: pytest.Config, log: object) -> None:
        super().__init__(config, log)
        # In the order of `testpaths`, which begins with what takes longest. By default xdist
        # begins with the files that have most tests, and ends with a long one in one process.
        config.option.loadscopereorder = False

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(SHARED_OUT):
            return nodeid
        groups = (group for prefix, group in GROUPS.items() if nodeid.startswith(prefix))
        return next(groups, nodeid.partition("::")[0])


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Groups:
    return Groups(config, log)

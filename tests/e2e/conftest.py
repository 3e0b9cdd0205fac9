"""One whole Pegasus for all end-to-end tests; each brings lectures of its own."""

from collections.abc import Iterator

import pytest

from tests.support.processes.running_stack import RunningStack, running_stack


@pytest.fixture(scope="session")
def _session_stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningStack]:
    with running_stack(tmp_path_factory.mktemp("pegasus")) as running:
        yield running


@pytest.fixture
def pegasus(_session_stack: RunningStack) -> Iterator[RunningStack]:
    yield _session_stack
    _session_stack.faults.policy = None

"""One whole Pegasus for all drills and documented commands."""

from collections.abc import Iterator

import pytest

from tests.operations.drill_stack import DrillStack


@pytest.fixture(scope="session")
def drilled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DrillStack]:
    drilled = DrillStack(tmp_path_factory.mktemp("drilled"))
    yield drilled
    drilled.close()

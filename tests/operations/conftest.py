"""One whole Pegasus for all drills and documented commands."""

from collections.abc import Iterator

import pytest

from tests.operations.house import House


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    house = House(tmp_path_factory.mktemp("house"))
    yield house
    house.close()

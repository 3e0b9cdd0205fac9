"""For all tests."""

from pathlib import Path

import pytest
from hypothesis import settings

# A property either holds or not; how long an example takes depends on the machine.
settings.register_profile("pegasus", deadline=None)
settings.load_profile("pegasus")

WHOLE_STACKS = {"chaos", "e2e", "operations"}
"""Folders whose tests run a whole Pegasus: never two of them at once, each is a machine full."""


def pytest_itemcollected(item: pytest.Item) -> None:
    """Which tests stay together when several processes share them (`-n`)."""
    place = item.path.relative_to(Path(__file__).parent)
    whole = place.parts[0] in WHOLE_STACKS
    item.add_marker(pytest.mark.xdist_group("whole stacks" if whole else str(place)))

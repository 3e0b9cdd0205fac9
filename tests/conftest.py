"""For all tests."""

from pathlib import Path

import pytest
from hypothesis import settings

# A property either holds or not; how long an example takes depends on the machine.
settings.register_profile("pegasus", deadline=None)
settings.load_profile("pegasus")

WHOLE_STACKS = {"chaos", "e2e", "operations"}
"""Folders whose tests run a whole Pegasus: never two of them at once, each is a machine full."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Which tests stay together when several processes share them (`-n`)."""
    here = Path(__file__).parent
    for item in items:
        folder = item.path.relative_to(here).parts[0]
        group = "whole stacks" if folder in WHOLE_STACKS else str(item.path.relative_to(here))
        item.add_marker(pytest.mark.xdist_group(group))

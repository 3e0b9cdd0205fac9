"""Which parameters of a test `make test` has time for."""

from collections.abc import Collection, Iterable
from typing import Any

import pytest

QUICK_PRESETS = ("exam",)
"""The one that asks for most kinds of things; `slow` tests try the same with the others."""


def slow_but(quick: Collection[str], values: Iterable[str]) -> list[Any]:
    """Parameters for `values`; those that are not in `quick` are slow."""
    parameters = list(values)
    assert set(quick) <= set(parameters), f"not all of {quick} are there"
    return [
        each if each in quick else pytest.param(each, marks=pytest.mark.slow) for each in parameters
    ]

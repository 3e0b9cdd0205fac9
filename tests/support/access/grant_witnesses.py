"""For each grant of terraform/access.json a test of the integration tests that uses it.

tests/data/grants.json lists them. Such a test fails without the grant, because the stand-ins
refuse what is not granted, and it fails when the product no longer needs the grant. As a plugin
this module adds tests for grants that have none. The file is deleted first to find all anew:

    .venv/bin/python -m pytest tests/integration -m "not slow" \
        -p tests.support.access.grant_witnesses
"""

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from scripts.local.access import Use, all_uses, load_grants
from tests.support.access.object_access import ACCESS

WITNESSES = Path(__file__).parents[2] / "data" / "grants.json"


@cache
def witnesses() -> dict[Use, str]:
    """The test for each grant."""
    if not WITNESSES.exists():
        return {}
    rows: list[list[str]] = json.loads(WITNESSES.read_text())
    return {Use(function, kind, target): test for function, kind, target, test in rows}  # type: ignore[arg-type]


def grants_witnessed_by(test: str) -> frozenset[Use]:
    return frozenset(use for use, witness in witnesses().items() if witness == test)


_found: dict[Use, str] = {}


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item: pytest.Item) -> Iterator[None]:
    yield
    for use in ACCESS.used:
        _found.setdefault(use, item.nodeid)


def pytest_configure() -> None:
    # A test that is a witness no more is no failure while others are looked for.
    _found.update(witnesses())
    witnesses().clear()


def pytest_sessionfinish() -> None:
    granted = all_uses(load_grants())
    rows = [json.dumps([*use, test]) for use, test in sorted(_found.items()) if use in granted]
    WITNESSES.write_text("[\n" + ",\n".join(rows) + "\n]\n")

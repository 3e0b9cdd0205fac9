"""The parts that the integration tests use: one Postgres, a database for each test."""

from tests.integration.conftest import *  # noqa: F403 - pytest finds fixtures by their names

"""An API whose streams end after the first look."""

import pytest
from flask.testing import FlaskClient

from functions.ingest.app import create_app
from shared.runtime import Runtime
from tests.support.lectures.builders import changed


@pytest.fixture
def rt(runtime: Runtime) -> Runtime:
    return changed(runtime, plc_progress_stream_sec=1)


@pytest.fixture
def client(rt: Runtime) -> FlaskClient:
    return create_app(rt).test_client()

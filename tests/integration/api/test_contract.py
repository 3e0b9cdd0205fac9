"""The served document and the API agree, tried by schemathesis with all its checks.

`CONTRACT_EXAMPLES=80` tries about that many requests per operation; the default keeps CI short.
"""

import os
from collections.abc import Iterable
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode
from schemathesis.schemas import BaseSchema

from functions.ingest.app import all_operations, create_app
from functions.ingest.web.operations import Operation
from functions.ingest.web.reference.openapi import documented_path
from scripts.document_api import NOWHERE
from shared.config import Settings
from shared.runtime import Runtime, build_runtime
from tests.support.access.issuer import OPERATOR_OWNER, Issuer
from tests.support.access.signed_in import signed_in
from tests.support.lectures.whole_lecture import WholeLecture, add_whole_lecture

EXAMPLES = int(os.environ.get("CONTRACT_EXAMPLES", "4"))
EXPECTED = ["2xx", "3xx", 401, 403, 404, 409, 412, 413, 429, 503]
CONFIG = schemathesis.Config.from_dict(
    {
        "checks": {
            "positive_data_acceptance": {
                # 412: what is there to be changed is named by an ETag that cannot be made up.
                # 413: how large a recording may be is the operator's to say, not the document's.
                "expected-statuses": EXPECTED
            }
        },
        "operations": [
            {
                "include-name": name,
                "checks": {"positive_data_acceptance": {"expected-statuses": [*EXPECTED, 422]}},
            }
            for name in (
                # Which provider, models and languages there are is the operator's to say as well,
                "POST /lectures/{lectureId}/transcribe",
                # how long a recording is, and that a span ends after it begins,
                "POST /lectures/{lectureId}/cuts",
                "POST /lectures/{lectureId}/marks",
                # and for how long something may be kept.
                "PUT /courses/{courseId}/retention",
                "DELETE /lectures/{lectureId}",
                "DELETE /courses/{courseId}",
            )
        ]
        # A course's vocabulary is empty after its deletion, not gone.
        + [
            {
                "include-name": "GET /courses/{courseId}/vocabulary",
                "checks": {"use_after_free": {"enabled": False}},
            }
        ],
    }
)
OPERATIONS = all_operations(build_runtime(Settings.model_validate(NOWHERE)))
KNOWN = {"lectureId": "hashing", "courseId": "algorithms"}
"""Names that exist are tried beside made-up ones: else only 404 would be."""


@pytest.fixture
def app(runtime: Runtime, issuer: Issuer) -> Flask:
    return create_app(
        signed_in(
            runtime,
            issuer,
            plc_write_rate_limit_max_requests=100_000,
            plc_progress_stream_sec=1,
        )
    )


class _Served:
    """The app of the test that is running: schemathesis reads a document for one app, slowly."""

    app: Flask
    document: BaseSchema | None = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        return self.app(environ, start_response)


@pytest.fixture(scope="module")
def served() -> _Served:
    return _Served()


@pytest.fixture
def api(app: Flask, served: _Served) -> BaseSchema:
    served.app = app
    if served.document is None:
        served.document = schemathesis.openapi.from_wsgi("/openapi.json", served, config=CONFIG)
    return served.document


@pytest.fixture
def whole(app: Flask, runtime: Runtime) -> WholeLecture:
    return add_whole_lecture(
        runtime, owner=OPERATOR_OWNER, course="algorithms", slug="hashing", secret="collisions"
    )


# Hypothesis compares the state of Python's one generator of random numbers before and after a
# draw, and takes any change for the strategy's doing; threads of this process draw from it too.
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
# Each operation in one mode at least, and not all of them in the same.
@pytest.mark.sampled(len(OPERATIONS) + 2)
@pytest.mark.parametrize("mode", list(GenerationMode), ids=lambda mode: mode.value)
@pytest.mark.parametrize("operation", OPERATIONS, ids=lambda each: f"{each.method} {each.path}")
def test_every_answer_is_as_documented(
    operation: Operation,
    mode: GenerationMode,
    api: BaseSchema,
    whole: WholeLecture,
    issuer: Issuer,
) -> None:
    described = api[documented_path(operation)][operation.method]
    token = issuer.operator_token()
    known = {
        **KNOWN,
        "jobId": str(whole.job.id),
        "threadId": str(whole.thread_id),
        "itemId": whole.item,
        "markId": whole.mark,
    }

    @given(case=described.as_strategy(generation_mode=mode), exists=st.booleans())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    def tried(case: Case[Any], exists: bool) -> None:
        if exists:
            given = case.path_parameters or {}
            given.update({name: value for name, value in known.items() if name in given})
        # Over WSGI it asks for gzip, as any client, and does not unpack it.
        headers = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
        case.call_and_validate(headers=headers)

    try:
        tried()
    except Unsatisfiable:
        assert mode is GenerationMode.NEGATIVE, "nothing that fits the document could be made"

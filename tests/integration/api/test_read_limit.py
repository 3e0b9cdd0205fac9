"""Reads above a caller's limit are answered 429 before the database is asked."""

import pytest
from flask import Flask
from sqlalchemy import event
from werkzeug.test import TestResponse

from functions.ingest.app import all_operations, create_app
from scripts.document_api import NOWHERE
from shared.config import Settings
from shared.runtime import Runtime, build_runtime
from tests.support.access.issuer import Issuer
from tests.support.access.signed_in import signed_in
from tests.support.clock import HeldClock
from tests.support.lectures.builders import changed

MOST = 4
OPERATIONS = all_operations(build_runtime(Settings.model_validate(NOWHERE)))
READS = [operation for operation in OPERATIONS if operation.counted and not operation.is_write]


@pytest.fixture
def rt(runtime: Runtime, issuer: Issuer) -> Runtime:
    return signed_in(
        runtime,
        issuer,
        plc_read_rate_limit_max_requests=MOST,
    )


@pytest.fixture
def app(rt: Runtime) -> Flask:
    return create_app(rt)


def get(
    app: Flask, path: str, token: str | None = None, *, address: str = "203.0.113.7"
) -> TestResponse:
    headers = {"X-Forwarded-For": f"1.2.3.4, {address}"}
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    return app.test_client().get(path, headers=headers)


def test_each_read_is_counted_and_refused_above_the_limit(
    app: Flask, rt: Runtime, issuer: Issuer, clock: HeldClock
) -> None:
    asked: list[str] = []
    event.listen(rt.database.engine, "before_cursor_execute", lambda *given: asked.append(given[2]))
    for operation in READS:
        clock.advance(3600)
        token = issuer.id_token("alice")
        path = operation.path.replace("{", "").replace("}", "")
        statuses = [get(app, path, token).status_code for _ in range(MOST)]
        assert 429 not in statuses, path
        asked.clear()
        refused = get(app, path, token)
        assert refused.status_code == 429, path
        assert refused.get_json(force=True)["code"] == "rate_limited"
        assert int(refused.headers["Retry-After"]) == 60 / MOST
        assert asked == []
        assert 429 in operation.problems


def test_reads_do_not_use_up_writes(app: Flask, issuer: Issuer) -> None:
    token = issuer.id_token("alice")
    for _ in range(MOST + 1):
        get(app, "/lectures", token)

    answer = app.test_client().post(
        "/lectures/ingest",
        json={"courseId": "algorithms"},
        headers={"Authorization": f"Bearer {token}"},
    )

    assert answer.status_code == 201


def test_callers_without_a_token_are_counted_by_address(app: Flask, issuer: Issuer) -> None:
    paths = ["/lectures", "/nothing", "/openapi.json", "/a%0Ab"]
    assert 429 not in [get(app, path).status_code for path in paths]

    for token in (None, "forged"):
        assert get(app, "/lectures", token).status_code == 429
    assert get(app, "/openapi.json").status_code == 429
    assert get(app, "/lectures", address="198.51.100.1").status_code == 401
    # Who shows a token is counted apart from strangers of the same network.
    assert get(app, "/lectures", issuer.id_token("alice")).status_code == 200


def test_behind_a_load_balancer_callers_are_told_apart_by_what_it_was_called_from(
    rt: Runtime,
) -> None:
    app = create_app(changed(rt, plc_trusted_proxy_hops=2))
    balancer = "203.0.113.7"
    for _ in range(MOST):
        assert get(app, "/nothing", address=f"198.51.100.1, {balancer}").status_code == 401

    assert get(app, "/nothing", address=f"198.51.100.1, {balancer}").status_code == 429
    assert get(app, "/nothing", address=f"198.51.100.2, {balancer}").status_code == 401


def test_health_and_operators_are_not_limited(app: Flask, issuer: Issuer) -> None:
    operator = issuer.operator_token()
    assert {get(app, "/health").status_code for _ in range(3 * MOST)} == {200}
    assert {get(app, "/lectures", operator).status_code for _ in range(3 * MOST)} == {200}

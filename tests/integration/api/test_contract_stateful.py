"""The API in sequences of calls, each made from the answers to earlier ones, by schemathesis."""

import os
from collections import Counter
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, seed, settings
from hypothesis.errors import Flaky
from schemathesis import AuthContext, Case
from schemathesis.core.failures import AcceptedNegativeData, FailureGroup
from schemathesis.generation.stateful.state_machine import RecordingStateMachine
from schemathesis.openapi.checks import (
    EnsureResourceAvailability,
    RejectedPositiveData,
    UseAfterFree,
)

from functions.ingest.app import create_app
from functions.ingest.web.idempotency import REPLAYED_HEADER
from shared.runtime import Runtime
from tests.integration.api.test_contract import CONFIG
from tests.support.access.issuer import OPERATOR_OWNER, Issuer
from tests.support.access.signed_in import signed_in
from tests.support.lectures.whole_lecture import add_whole_lecture

CALLS = {"user": 10_000, "operator": 3_000}
SCENARIOS, STEPS = 25, 40
"""Of one run of the state machine; runs are repeated until there were calls enough."""


@pytest.fixture
def cloud(runtime: Runtime, issuer: Issuer) -> Runtime:
    return signed_in(
        runtime,
        issuer,
        plc_write_rate_limit_max_requests=100_000,
        plc_read_rate_limit_max_requests=1_000_000,
        plc_progress_stream_sec=1,
    )


class Tried:
    """What was called, and what schemathesis found."""

    def __init__(self) -> None:
        self.calls = 0
        self.statuses: Counter[int] = Counter()
        self.findings: dict[str, str] = {}
        self.there: set[str] = set()
        """Courses and lectures that a call has made, and none has deleted since."""


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:Do not use the `random` module inside strategies")
@pytest.mark.parametrize("who", CALLS)
def test_sequences_of_calls_are_answered_as_documented(
    who: str, cloud: Runtime, issuer: Issuer
) -> None:
    token = issuer.operator_token() if who == "operator" else issuer.id_token(sub="alice")
    owner = OPERATOR_OWNER if who == "operator" else "user:alice"
    wanted = int(os.environ.get("CONTRACT_CALLS", CALLS[who]))
    tried = Tried()
    rounds = 0
    app = create_app(cloud)
    while tried.calls < wanted:
        machine = _machine(cloud, app, owner, token, tried)
        seed(rounds)(machine)
        # What a scenario leaves changes what the next is answered, which Hypothesis takes for
        # flakiness and gives up; each call has been judged by then.
        with suppress(Flaky):
            machine.run(
                settings=settings(
                    max_examples=SCENARIOS,
                    stateful_step_count=STEPS,
                    deadline=None,
                    database=None,
                    phases=[Phase.generate],
                    suppress_health_check=list(HealthCheck),
                )
            )
        rounds += 1
    print(f"{tried.calls} calls as {who}: {dict(sorted(tried.statuses.items()))}")
    assert not tried.findings, "\n\n".join(
        f"{name}\n{told}" for name, told in tried.findings.items()
    )


def _machine(
    rt: Runtime, app: Flask, owner: str, token: str, tried: Tried
) -> type[RecordingStateMachine]:
    api = schemathesis.openapi.from_wsgi("/openapi.json", app, config=CONFIG)

    @api.auth()
    class Bearer:
        """Told to schemathesis as the caller's own: it tries the same call without."""

        def get(self, case: Case[Any], context: AuthContext) -> str:
            return token

        def set(self, case: Case[Any], data: str, context: AuthContext) -> None:
            case.headers["Authorization"] = f"Bearer {data}"
            # Over WSGI it asks for gzip, as any client, and does not unpack it.
            case.headers["Accept-Encoding"] = "identity"

    class Machine(api.as_state_machine()):  # type: ignore[misc] # made at run time
        def setup(self) -> None:
            """Each scenario has a whole lecture of its own, beside what it makes."""
            slug = str(rt.new_id())
            whole = add_whole_lecture(rt, owner=owner, course=slug, slug=slug, secret="collisions")
            self.known = {
                "lectureId": slug,
                "courseId": slug,
                "jobId": str(whole.job.id),
                "threadId": str(whole.thread_id),
            }

        def before_call(self, case: Case[Any]) -> None:
            if tried.calls % 2:
                given = case.path_parameters or {}
                given.update({name: self.known[name] for name in given if name in self.known})

        def after_call(self, response: Any, case: Case[Any]) -> None:
            tried.calls += 1
            tried.statuses[response.status_code] += 1
            # An answer that is repeated makes and deletes nothing: what it names may have been
            # deleted since, or made again.
            repeated = REPLAYED_HEADER.lower() in response.headers
            if response.status_code == HTTPStatus.CREATED and not repeated:
                made = response.json()
                tried.there |= {made[name] for name in ("courseId", "lectureId") if name in made}
            elif (
                case.method == "DELETE"
                and response.status_code < HTTPStatus.BAD_REQUEST
                and not repeated
            ):
                # `DELETE /me` deletes all of them.
                tried.there -= set(_named(case)) or set(tried.there)
            super().after_call(response, case)

        def validate_response(self, response: Any, case: Case[Any], **options: Any) -> None:
            try:
                super().validate_response(response, case, **options)
            except FailureGroup as found:
                for failure in found.exceptions:
                    if _is_explained(failure, case, tried):
                        continue
                    name = f"{type(failure).__name__}: {case.operation.label}"
                    tried.findings.setdefault(name, f"{failure}\n{case.as_curl_command()}"[:8000])

    return Machine


def _named(case: Case[Any]) -> list[str]:
    return [str(each) for each in (case.path_parameters or {}).values()]


def _is_explained(failure: BaseException, case: Case[Any], tried: Tried) -> bool:
    """Findings that are no fault."""
    is_form = case.media_type == "multipart/form-data"
    match failure:
        case AcceptedNegativeData() if is_form:
            # What it judges is not what was sent: a link to an earlier answer has replaced the
            # value that it had spoilt, a form's file is bytes by then and no `string`, and what it
            # made a number or null of is text again. Forms that are invalid are in test_contract.
            return True
        case UseAfterFree():
            # A name that was deleted can be used again.
            return not tried.there.isdisjoint(_named(case))
        case EnsureResourceAvailability():
            # It does not know that `DELETE /me` deletes courses, and that a lecture is there whose
            # body names a course that is not.
            names_course = isinstance(case.body, dict) and "courseId" in case.body
            return tried.there.isdisjoint(_named(case)) or (
                case.operation.label == "PATCH /lectures/{lectureId}" and names_course
            )
        case RejectedPositiveData() if is_form:
            # No schema says that a file has to have bytes, is the form's last field, and has the
            # checksum that is announced.
            fields = case.body if isinstance(case.body, dict) else {}
            return (
                not fields.get("audio")
                or [*fields][-1] != "audio"
                or not {"crc32c", "crc32C"}.isdisjoint(fields)
            )
    return False

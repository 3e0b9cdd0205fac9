"""How an event ends decides whether its sender delivers it again."""

import base64
import json
from typing import Any

import pytest
from flask import Flask, Response, request

from shared.config import Settings
from shared.errors import MalformedEventError, NoSpeechError, TransientError
from shared.log import configure_logging, traceparent
from shared.messaging.events import Event
from shared.work.retry import Failure
from shared.workers.outcomes import DONE, DUPLICATE, Ending, Outcome, answer_event
from tests.support.access.issuer import SERVICE_ACCOUNT, SERVICE_AUDIENCE, Issuer
from tests.support.lectures.builders import make_settings

TRACE = "0af7651916cd43dd8448eb211c80319c"
LOCAL = make_settings()


def answer(
    outcome: Outcome | Exception,
    *,
    data: bytes = b"{}",
    headers: dict[str, str] | None = None,
    settings: Settings = LOCAL,
    listener: str = "127.0.0.1",
) -> Response:
    def handle(_: Event) -> Outcome:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    task = {"X-CloudTasks-TaskName": "t"} if headers is None else headers
    with Flask("test").test_request_context(
        "/",
        method="POST",
        data=data,
        headers=task,
        environ_overrides={"SERVER_NAME": listener, "REMOTE_ADDR": listener},
    ):
        return answer_event(request, handle, settings=settings)


def said(response: Response) -> Any:
    return response.get_json()


@pytest.mark.parametrize(
    ("outcome", "status", "ending"),
    [
        (DONE, 200, "done"),
        (DUPLICATE, 200, "duplicate"),
        (Outcome(Ending.FAILED, Failure.of(NoSpeechError())), 200, "failed"),
        (Outcome(Ending.RETRY, Failure.of(TransientError())), 503, "retry"),
        (TransientError("away"), 503, "retry"),
        (ValueError("unforeseen"), 503, "retry"),
        (MalformedEventError("nonsense"), 400, "malformed"),
    ],
)
def test_only_what_may_still_succeed_is_asked_for_again(
    outcome: Outcome | Exception, status: int, ending: str
) -> None:
    response = answer(outcome)

    assert (response.status_code, said(response)["outcome"]) == (status, ending)


def test_a_body_that_is_no_event_never_reaches_the_handler() -> None:
    response = answer(AssertionError("handled"), data=b"nonsense", headers={})

    assert response.status_code == 400
    assert said(response)["error"]["code"] == "malformed_event"


def test_a_failure_says_why() -> None:
    failure = Failure.of(NoSpeechError("Nobody speaks."))

    assert said(answer(Outcome(Ending.FAILED, failure)))["error"] == {
        "code": "no_speech",
        "message": "Nobody speaks.",
    }


def test_an_unforeseen_error_is_not_quoted() -> None:
    assert "professor" not in answer(ValueError("the professor said")).get_data(as_text=True)


def test_the_case_of_a_header_does_not_matter() -> None:
    for name in ("X-CloudTasks-TaskName", "x-cloudtasks-taskname", "X-CLOUDTASKS-TASKNAME"):
        assert answer(DONE, headers={name: "t"}).status_code == 200


def test_every_line_of_a_request_leads_to_its_trace(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(make_settings(k_service="transcribe"))

    answer(DONE, headers={"X-CloudTasks-TaskName": "t-1", "traceparent": f"00-{TRACE}-{1:016x}-01"})

    [line] = capsys.readouterr().out.splitlines()
    entry = json.loads(line)
    assert entry["message"] == "event.handled"
    assert entry["severity"] == "INFO"
    assert entry["function"] == "transcribe"
    assert entry["event_id"] == "t-1"
    assert entry["logging.googleapis.com/trace"] == f"projects/pegasus-local/traces/{TRACE}"


def test_a_trace_goes_on_through_a_message() -> None:
    envelope = {
        "message": {
            "data": base64.b64encode(b"{}").decode(),
            "attributes": {"traceparent": f"00-{TRACE}-{1:016x}-01"},
        }
    }
    seen: list[str | None] = []

    def handle(_: Event) -> Outcome:
        seen.append(traceparent())
        return DONE

    with Flask("test").test_request_context("/", method="POST", json=envelope):
        answer_event(request, handle, settings=LOCAL)
    with Flask("test").test_request_context("/", method="POST", json={"message": {}}):
        answer_event(request, handle, settings=LOCAL)

    assert seen == [f"00-{TRACE}-{1:016x}-01", None]


class TestCallers:
    """Who is let in is told in test_callers.py; here is what a refusal looks like."""

    def cloud(self, keys_url: str) -> Settings:
        return make_settings(
            plc_environment="cloud",
            plc_internal_audience=SERVICE_AUDIENCE,
            plc_internal_service_accounts=SERVICE_ACCOUNT,
            plc_oidc_keys_url=keys_url,
        )

    def test_a_stranger_is_told_so_before_anything_is_read(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        settings = self.cloud("http://127.0.0.1:1/")
        configure_logging(settings)

        response = answer(AssertionError("handled"), data=b"nonsense", settings=settings)

        assert response.status_code == 401
        assert response.headers["WWW-Authenticate"] == "Bearer"
        assert said(response) == {
            "outcome": "unauthorized",
            "error": {"code": "unauthorized", "message": "A valid bearer token is needed."},
        }
        [line] = capsys.readouterr().out.splitlines()
        entry = json.loads(line)
        assert (entry["message"], entry["severity"]) == ("event.unauthorized", "WARNING")

    def test_the_log_says_why_without_the_token(self, capsys: pytest.CaptureFixture[str]) -> None:
        with Issuer() as issuer:
            settings = self.cloud(issuer.url)
            configure_logging(settings)
            token = issuer.service_token(audience="https://elsewhere.test")
            answer(DONE, headers={"Authorization": f"Bearer {token}"}, settings=settings)

        [line] = capsys.readouterr().out.splitlines()
        assert json.loads(line)["reason"] == "InvalidAudienceError"
        assert token not in line and "elsewhere" not in line

    def test_a_caller_with_the_right_token_is_heard(self) -> None:
        with Issuer() as issuer:
            headers = {
                "X-CloudTasks-TaskName": "t",
                "Authorization": f"Bearer {issuer.service_token()}",
            }
            response = answer(DONE, headers=headers, settings=self.cloud(issuer.url))

        assert response.status_code == 200

    def test_while_keys_cannot_be_fetched_the_sender_is_asked_to_come_again(self) -> None:
        with Issuer() as issuer:
            issuer.away = True
            headers = {"Authorization": f"Bearer {issuer.service_token()}"}
            response = answer(DONE, headers=headers, settings=self.cloud(issuer.url))

        assert response.status_code == 503
        assert said(response)["error"]["code"] == "unavailable"

    def test_the_local_stack_is_open_to_its_own_machine_only(self) -> None:
        assert answer(DONE, listener="127.0.0.1").status_code == 200
        assert answer(DONE, listener="10.0.0.5").status_code == 401

"""One JSON object a line, as Cloud Logging reads it."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
import structlog

from shared.log import bind, bind_request, configure_logging, log, traceparent
from tests.support.builders import make_settings

TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


@pytest.fixture(autouse=True)
def undone() -> Iterator[None]:
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()


def entries(capsys: pytest.CaptureFixture[str]) -> list[Any]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_an_event_has_its_fields_and_a_severity(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(make_settings())
    bind(job="17")
    log.warning("job.slow", attempt=2)

    [entry] = entries(capsys)
    assert (entry["message"], entry["severity"]) == ("job.slow", "WARNING")
    assert (entry["job"], entry["attempt"]) == ("17", 2)
    assert entry["time"].endswith("Z")


def test_an_exception_is_one_line_with_its_trace(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(make_settings())
    try:
        int("broken")
    except ValueError:
        log.exception("job.error")

    [entry] = entries(capsys)
    assert entry["severity"] == "ERROR"
    assert "ValueError: invalid literal" in entry["exception"]


def test_one_requests_fields_are_not_on_anothers_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging(make_settings())
    bind_request({"traceparent": f"00-{TRACE}-{SPAN}-01"})
    bind(job="17")
    bind_request({})
    log.info("next")

    [entry] = entries(capsys)
    assert "job" not in entry
    assert "logging.googleapis.com/trace" not in entry


@pytest.mark.parametrize(
    ("headers", "span"),
    [
        ({"traceparent": f"00-{TRACE}-{SPAN}-01"}, SPAN),
        ({"x-cloud-trace-context": f"{TRACE}/{int(SPAN, 16)};o=1"}, SPAN),
        ({"x-cloud-trace-context": TRACE}, "0" * 15 + "0"),
    ],
)
def test_a_trace_is_taken_over_in_either_form(
    capsys: pytest.CaptureFixture[str], headers: dict[str, str], span: str
) -> None:
    configure_logging(make_settings())
    bind_request(headers)
    log.info("event")

    [entry] = entries(capsys)
    assert entry["logging.googleapis.com/trace"] == f"projects/pegasus-local/traces/{TRACE}"
    assert entry["logging.googleapis.com/spanId"] == span


@pytest.mark.parametrize("value", ["", "nonsense", f"00-{TRACE[:-1]}-{SPAN}-01", "\n" * 9])
def test_what_is_no_trace_is_none(value: str) -> None:
    bind_request({"traceparent": value, "x-cloud-trace-context": value})

    assert traceparent() is None


def test_below_the_level_nothing_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(make_settings(plc_log_level="ERROR"))
    log.info("quiet")
    log.error("loud")

    assert [entry["message"] for entry in entries(capsys)] == ["loud"]

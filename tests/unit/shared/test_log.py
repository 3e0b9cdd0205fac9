"""One JSON object a line, as Cloud Logging reads it."""

import ast
import json
import logging
import re
import sys
import threading
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.generate.drafts import Cost
from functions.retention.runs.counts import PolicyCounts
from functions.transcribe.audio.report import DecodingReport
from shared.log import bind, bind_request, configure_logging, log, traceparent
from shared.redaction.exception_text import describe, trace_of
from shared.redaction.log_fields import LOG_FIELDS, WITHHELD
from tests.support.lectures.builders import make_settings
from tests.support.lectures.canary import (
    SENTENCE,
    TITLE,
    assert_silent,
    chained,
    leaks,
    own_errors,
    unforeseen_errors,
)

JOB = "01980d2e-6f00-7000-8000-000000000017"
TRACE, SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"


def entries(capsys: pytest.CaptureFixture[str]) -> list[Any]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_an_event_has_its_fields_and_a_severity(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(make_settings())
    bind(job=JOB)
    log.warning("job.slow", attempt=2)

    [entry] = entries(capsys)
    assert (entry["message"], entry["severity"]) == ("job.slow", "WARNING")
    assert (entry["job"], entry["attempt"]) == (JOB, 2)
    assert entry["time"].endswith("Z")


def test_an_exception_is_one_line_with_its_trace(capsys: pytest.CaptureFixture[str]) -> None:
    configure_logging(make_settings())
    try:
        int("broken")
    except ValueError:
        log.exception("job.error")

    [entry] = entries(capsys)
    assert entry["severity"] == "ERROR"
    assert entry["exception"].startswith("Traceback (most recent call last):")
    assert entry["exception"].endswith("\nValueError")
    assert "broken'" not in entry["exception"]


def test_one_requests_fields_are_not_on_anothers_lines(
    capsys: pytest.CaptureFixture[str],
) -> None:
    configure_logging(make_settings())
    bind_request({"traceparent": f"00-{TRACE}-{SPAN}-01"})
    bind(job=JOB)
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


# --- what no line may hold ---


chains = st.builds(
    lambda outer, cause, explicit: chained(
        unforeseen_errors()[outer], unforeseen_errors()[cause], explicit=explicit
    ),
    st.integers(0, len(unforeseen_errors()) - 1),
    st.integers(0, len(unforeseen_errors()) - 1),
    st.booleans(),
)


@given(chains)
def test_a_trace_has_types_codes_and_frames_and_no_text(error: Exception) -> None:
    told = trace_of(error)

    assert not leaks(told)
    assert type(error).__qualname__ in told
    assert "in chained" in told


@pytest.mark.parametrize("error", [*unforeseen_errors(), *own_errors()], ids=type)
def test_an_exception_is_told_by_every_way_to_the_log_without_its_text(
    error: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    configure_logging(make_settings())
    library = logging.getLogger("a.library")
    library.handlers = [logging.StreamHandler(sys.stderr)]
    try:
        raise error  # noqa: TRY301 - it is caught here
    except Exception as caught:
        log.exception("one.exception")
        log.warning("another.exception", exc_info=True)
        log.warning("an.instance", exc_info=caught)
        log.warning("a.field", reason=str(caught), subject=SENTENCE, undeclared=SENTENCE)
        library.warning("Retrying after %r: %s", caught, TITLE, exc_info=True, stack_info=True)
        library.warning(f"no such object: {TITLE}")

    written = assert_silent(capsys)
    assert written.count(type(error).__qualname__) >= 4
    assert WITHHELD in written


def test_a_malformed_answer_is_told_by_place_and_kind() -> None:
    told = describe(unforeseen_errors()[1])

    assert told == (
        "ValidationError (*.overview: missing, *.overviewCitations: missing, "
        "*.sections: missing, *.items: extra_forbidden, *.*: extra_forbidden)"
    ), "a key that no model has is the answer's text"


def test_a_refused_statement_is_told_by_its_sqlstate_and_constraint() -> None:
    assert describe(unforeseen_errors()[2]) == "IntegrityError (23514, ck_lectures_status)"


def test_an_exception_that_ends_a_thread_has_no_text(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.__excepthook__)
    configure_logging(make_settings())

    def fail() -> None:
        raise ValueError(SENTENCE)

    thread = threading.Thread(target=fail)
    thread.start()
    thread.join()

    assert "ValueError" in assert_silent(capsys)


def logged_fields() -> dict[str, str]:
    """Every field that the code logs, and where."""
    found: dict[str, str] = {}
    for folder in ("shared", "functions"):
        for file in sorted(Path(folder).rglob("*.py")):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and re.fullmatch(
                    r"bind|tell|log\.\w+", ast.unparse(node.func)
                ):
                    for keyword in node.keywords:
                        if keyword.arg is not None:
                            found[keyword.arg] = f"{file}:{node.lineno}"
    spread = (*fields(DecodingReport), *fields(Cost))
    found |= {each.name: "a dataclass that is logged" for each in spread}
    found |= dict.fromkeys(PolicyCounts.model_fields, "counts of retention")
    return found


def test_every_field_that_is_logged_is_declared_and_no_other() -> None:
    found = set(logged_fields()) - {"exc_info"}

    assert found == set(LOG_FIELDS), found ^ set(LOG_FIELDS)


def test_every_event_is_named_in_the_code() -> None:
    """An event's name is no field, and is written as it is."""
    for folder in ("shared", "functions"):
        for file in Path(folder).rglob("*.py"):
            for node in ast.walk(ast.parse(file.read_text())):
                if isinstance(node, ast.Call) and re.fullmatch(
                    r"log\.(debug|info|warning|error|exception|critical)", ast.unparse(node.func)
                ):
                    assert isinstance(node.args[0], ast.Constant), f"{file}:{node.lineno}"

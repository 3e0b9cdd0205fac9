"""retention: repairs, deletions and dead letters, without a user's request.

`on_sweep` runs every minute and repairs whatever a crash left unfinished. `on_retention`
runs daily and deletes what has been promised to go. `on_dead_letter` records
what no function could handle.
"""

from flask import Request, Response

from functions.retention.dead_letters import record_dead_letter
from functions.retention.request import RetentionRequest
from functions.retention.runs.expiry import expire
from functions.retention.sweep import sweep
from shared.runtime import working_runtime
from shared.workers.dead_letters import record_unreadable
from shared.workers.outcomes import answer_event


def on_sweep(request: Request) -> Response:
    """Every minute, from Cloud Scheduler."""
    return answer_event(request, lambda _event: sweep(working_runtime()))


def on_retention(request: Request) -> Response:
    """Daily, from Cloud Scheduler. An operator can preview a run with `{"dryRun": true}`."""
    return answer_event(
        request,
        lambda event: expire(working_runtime(), dry_run=RetentionRequest.of(event).dry_run),
    )


def on_dead_letter(request: Request) -> Response:
    """A message that its subscription gave up on (topic: dead-letter)."""
    return answer_event(
        request,
        lambda event: record_dead_letter(working_runtime(), event),
        record_unreadable=lambda body, error: record_unreadable(
            working_runtime(), "dead-letter-push", body, error
        ),
    )

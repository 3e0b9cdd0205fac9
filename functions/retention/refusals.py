"""Why the bucket would not do something, as the audit keeps it."""

from shared.retry import Failure


def reason_of(error: Exception) -> str:
    """One word: what the bucket's client said (`Forbidden`, `ServiceUnavailable`, …), else our
    own code. Never the message, which may hold anything."""
    cause = error.__cause__
    return type(cause).__name__ if cause is not None else Failure.of(error).code

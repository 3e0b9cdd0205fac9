"""The repetitions of a call within an attempt, for every endpoint."""

MAX_RETRIES = 4
"""For a lost connection, 409, 429 and 5xx; with the waits some ten seconds, or as long as the
service asks for, up to a minute. After that the job is tried again as a whole."""

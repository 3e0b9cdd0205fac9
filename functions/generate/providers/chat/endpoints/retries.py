"""The client's retries, for every endpoint."""

MAX_RETRIES = 4
"""Of one call, by the client, for 408, 409, 429 and 5xx: with its back-off some ten seconds,
or as long as the service asks for, up to a minute. After that the job is tried again as a
whole."""

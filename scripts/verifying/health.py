"""Whether the API answers, and whether the schema matches its code."""

import requests

from scripts.verifying.access import services_of
from scripts.verifying.cloud import Check, Checks, Cloud, at

TIMEOUT_SEC = 60
"""The first request may have to wait for an instance."""


def check_health(cloud: Cloud) -> Checks:
    url = at(services_of(cloud).get("ingest-api"), "status.url")
    if url is None:
        yield Check("the API is ready", False, "it has no address")
        return
    try:
        answer = requests.get(f"{url}/health/ready", timeout=TIMEOUT_SEC)
        told = answer.json()
    except (requests.RequestException, ValueError) as error:
        yield Check("the API is ready", False, f"{url}: {type(error).__name__}")
        return
    failing = at(told, "failing", {})
    found = ", ".join(f"{name}: {reason}" for name, reason in failing.items())
    # Ready means: the database answers, its schema is the code's, bucket and topics are reached.
    yield Check("the API is ready", at(told, "status") == "ready", found or url)

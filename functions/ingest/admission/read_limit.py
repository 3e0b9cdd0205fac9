"""How many reads a caller may send to this instance, counted in its memory.

The same algorithm as for writes (rate_limit.py), without a question to the database: over
all instances a caller has the bound times their number. Callers without a valid token are
counted by the network address that the last trusted proxy saw. Addresses are neither stored
nor logged.
"""

import threading
from collections import OrderedDict
from collections.abc import Mapping
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network
from typing import Any

from shared.clock import Clock
from shared.config import Settings
from shared.errors import ReadsLimitedError

CALLERS_KEPT = 20_000
"""About 4 MB. Beyond it the callers that were silent longest are forgotten."""
IPV6_PREFIX = 64
"""One subscriber has at least a /64, and could use a new address for every request."""


class ReadLimit:
    def __init__(
        self, settings: Settings, clock: Clock, *, callers_kept: int = CALLERS_KEPT
    ) -> None:
        self._window = timedelta(seconds=settings.plc_read_rate_limit_window_sec)
        self._interval = self._window / settings.plc_read_rate_limit_max_requests
        self._clock = clock
        self._callers_kept = callers_kept
        self._lock = threading.Lock()
        self._arrivals: OrderedDict[str, datetime] = OrderedDict()
        """When each caller's next read would come if reads came evenly."""

    def count(self, scope: str) -> None:
        """Raises ReadsLimitedError with the seconds until the next read may come."""
        now = self._clock()
        with self._lock:
            arrival = max(self._arrivals.get(scope, now), now)
            too_early = arrival + self._interval - self._window - now
            if too_early <= timedelta():
                self._arrivals[scope] = arrival + self._interval
                self._arrivals.move_to_end(scope)
                if len(self._arrivals) > self._callers_kept:
                    self._arrivals.popitem(last=False)
                return
        raise ReadsLimitedError(retry_after_sec=too_early.total_seconds())


def network_of(environ: Mapping[str, Any], *, trusted_hops: int) -> str:
    """The client's address, or for IPv6 its /64, from a WSGI environment.

    Each proxy appends the address it was called from to `X-Forwarded-For`, so what the client
    made up stands further left than what the trusted proxies wrote.
    """
    forwarded = [each.strip() for each in environ.get("HTTP_X_FORWARDED_FOR", "").split(",")]
    peer = str(environ.get("REMOTE_ADDR", ""))
    told = forwarded[-trusted_hops] if 0 < trusted_hops <= len(forwarded) else peer
    for text in (told, peer):
        try:
            address = ip_address(text)
        except ValueError:
            continue
        if isinstance(address, IPv6Address):
            if address.ipv4_mapped is not None:
                return str(address.ipv4_mapped)
            return str(ip_network((address.packed, IPV6_PREFIX), strict=False))
        return str(address)
    return "unknown"

"""Where each function's account may send messages, as terraform/access.tf declares it."""

import re
from collections.abc import Collection
from functools import cache
from pathlib import Path

from shared.messaging.topology import load_topology

ACCESS = Path(__file__).parents[2] / "terraform" / "access.tf"


@cache
def destinations_of(function: str) -> Collection[str]:
    """Topics that the function may publish to, and queues if it may make tasks."""
    text = ACCESS.read_text()
    table = re.search(r"^  publishes = \{\n(.*?)^  \}", text, re.DOTALL | re.MULTILINE)
    makers = re.search(r"^  enqueues = \[(.+)\]", text, re.MULTILINE)
    assert table is not None
    assert makers is not None
    topics = re.search(rf"^    {re.escape(function)} += \[(.*)\]", table[1], re.MULTILINE)
    queues = load_topology().queues if function in _quoted(makers[1]) else ()
    return {*(_quoted(topics[1]) if topics else ()), *queues}


def _quoted(text: str) -> list[str]:
    return re.findall(r'"([\w-]+)"', text)

"""How long the segments of a lecture should be."""

import math

SHORTEST_SEC = 150.0
"""Recognizing takes 1 % more in segments of this length than in those of five minutes, in
such of a minute 3 %; the words are the same. And each has a task, an object and a row."""


def segment_length(duration_sec: float | None, *, workers: int, longest_sec: float) -> float:
    """Seconds, for a recording that is recognized by `workers` segments at a time.

    A multiple of the workers, so that none is idle while others work off a last round, in
    as few rounds as `longest_sec` allows: each segment has its own fixed costs. The
    duration is what a header says; None where it says nothing.
    """
    shortest_sec = min(SHORTEST_SEC, longest_sec)
    if not duration_sec or duration_sec <= 0:
        return longest_sec
    rounds = math.ceil(duration_sec / (workers * longest_sec))
    return min(longest_sec, max(shortest_sec, duration_sec / (workers * rounds)))

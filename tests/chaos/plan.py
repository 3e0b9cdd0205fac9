"""What a chaos run does: how much, what goes wrong how often, and the settings of the functions."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from tests.chaos.faults.processes import VICTIMS
from tests.chaos.faults.schedule import Chances

LEASE_SEC = 4.0
RECORDINGS = tuple(
    (name, start)
    for name in ("economics", "hashing-1", "hashing-2", "photosynthesis")
    for start in (20, 60)
)
LECTURES_A_COURSE = 4
LECTURES_A_DELETED_COURSE = 2
_ON_THE_WAY = {
    "duplicated": 0.14,
    "delayed": 0.10,
    "reordered": 0.06,
    "answer_lost": 0.07,
    "lost": 0.02,
}
CHANCES: Mapping[str, Chances] = {
    "message": _ON_THE_WAY,
    "task": _ON_THE_WAY,
    "storage": {"503": 0.06, "412": 0.01, "slow": 0.08, "half_a_body": 0.04, "answer_lost": 0.04},
    "point": {"die": 0.03, "fail": 0.03, "wait": 0.04},
    "model": {"429": 0.10, "500": 0.10, "nonsense": 0.03, "cut_off": 0.04, "slow": 0.05},
}
MACHINES = {
    "killed": 6.0,
    "frozen": 15.0,
    "database_crashed": 60.0,
    "disk_full": 20.0,
    "clock_wrong": 10.0,
}
"""Mean seconds between two strikes."""


@dataclass(frozen=True)
class Plan:
    seed: int
    lectures: int
    """Those of deleted courses included."""
    faults: int = 0
    """Go on handing lectures in until so much has gone wrong."""
    phones: int = 12
    chances: Mapping[str, Chances] = field(default_factory=lambda: CHANCES)
    machines: Mapping[str, float] = field(default_factory=lambda: MACHINES)
    without: str | None = None
    """A safeguard to do without."""
    recordings: int = 8
    """How many different ones there are; each is handed in once while it is calm."""
    victims: Sequence[str] = VICTIMS
    """Functions that may be killed or frozen, or whose clock may go wrong."""
    clocks: Sequence[float] = (-3, 3)
    """By how many leases a clock may be wrong."""
    sent_again: float = 0.1
    """How many lectures their phones send once more, cut short."""
    deleted_every: int | None = 20
    """One of so many lectures is deleted by its owner; every other of these after a correction."""
    repeated: bool = False
    """Whether a corrected lecture is deleted only once files of another one repeat it."""
    deleted_courses: int = 1
    """Courses of which all lectures are deleted with them."""
    patience_sec: float = 420
    """How long everything may take to end once it is calm."""
    environment: Mapping[str, str] = field(default_factory=dict)


ENVIRONMENT = {
    "PLC_LLM_PROVIDER": "openai",
    "OPENAI_API_KEY": "nobody's",
    "OPENAI_MODEL": "quick",
    "PLC_LLM_TIMEOUT_SEC": "10",
    # What is paid for is counted by the lecture's title, which these questions do not have.
    "PLC_LLM_VERIFICATION": "off",
    "PLC_SEGMENT_TARGET_SEC": "10",
    "PLC_LEASE_SEC": str(LEASE_SEC),
    "PLC_FANOUT_LEASE_SEC": "15",
    "PLC_RESEND_AFTER_SEC": "15",
    "PLC_OUTBOX_GRACE_SEC": "1",
    "PLC_MISSED_UPLOAD_GRACE_SEC": "3",
    "PLC_JOB_MAX_ATTEMPTS": "8",
    "PLC_SEGMENT_MAX_ATTEMPTS": "8",
    "PLC_WRITE_RATE_LIMIT_MAX_REQUESTS": "100000",
}

"""What a chaos run was, in a table that says it all."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from tests.chaos.faults.schedule import Storm
from tests.chaos.standins.clients import HandedIn


@dataclass(frozen=True)
class Mending:
    """Seconds until what a fault had hit worked again."""

    median_sec: float
    p95_sec: float
    longest_sec: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> "Mending | None":
        if not seconds:
            return None
        ordered = sorted(seconds)
        return cls(median(ordered), ordered[int(len(ordered) * 0.95)], ordered[-1])


@dataclass(frozen=True)
class Report:
    seed: int
    faults: Mapping[str, int]
    mending: Mapping[str, Mending | None]
    lectures: int
    accepted: int
    completed: int
    deleted: int
    failures: Mapping[str, int]
    """Lectures by the code of the reason they failed with, when the storm was over."""
    failures_after_replay: Mapping[str, int]
    replayed: int
    answers: int
    paid_again: int
    wrong: Sequence[str]
    stormy_sec: float
    seconds: float

    @classmethod
    def of(
        cls,
        seed: int,
        storm: Storm,
        lectures: Sequence[HandedIn],
        *,
        failures: Mapping[str, int],
        failures_after_replay: Mapping[str, int],
        replayed: int,
        paid: Mapping[tuple[str, str], int],
        wrong: Sequence[str],
        stormy_sec: float,
        seconds: float,
    ) -> "Report":
        deleted = sum(lecture.deleted for lecture in lectures)
        accepted = sum(lecture.accepted for lecture in lectures)
        return cls(
            seed=seed,
            faults=dict(sorted(storm.counts.items())),
            mending={kind: Mending.of(storm.mending_sec[kind]) for kind in storm.counts},
            lectures=len(lectures),
            accepted=accepted,
            completed=accepted - deleted - sum(failures.values()),
            deleted=deleted,
            failures=failures,
            failures_after_replay=failures_after_replay,
            replayed=replayed,
            answers=len(paid),
            paid_again=sum(paid.values()) - len(paid),
            wrong=wrong,
            stormy_sec=stormy_sec,
            seconds=seconds,
        )

    def count(self, *words: str) -> int:
        """How many findings begin with one of these words."""
        return sum(finding.startswith(words) for finding in self.wrong)

    def as_markdown(self) -> str:
        lines = [
            f"Seed {self.seed}: {sum(self.faults.values())} faults over {self.lectures} lectures, "
            f"{self.stormy_sec / 60:.1f} min of storm, {self.seconds / 60:.1f} min in all.",
            "",
            "| | |",
            "|---|--:|",
            f"| lectures handed in | {self.lectures} |",
            f"| accepted | {self.accepted} |",
            f"| completed | {self.completed} |",
            f"| deleted by their owners in mid-work | {self.deleted} |",
            f"| failed with a reason | {_total(self.failures)} |",
            f"| still failed after one replay of {self.replayed} jobs "
            f"| {_total(self.failures_after_replay)} |",
            f"| lost | {self.count('lost', 'differs')} |",
            f"| doubled | {self.count('doubled')} |",
            f"| stuck | {self.count('stuck')} |",
            f"| a replaced worker's result | {self.count('stale')} |",
            f"| objects without an owner | {self.count('orphan')} |",
            f"| missing from the audit | {self.count('audit')} |",
            f"| places that hold something of what was deleted | {self.count('remains')} |",
            f"| answers of the language model | {self.answers} |",
            f"| of them paid for again, as the attempt died before keeping them "
            f"| {self.paid_again} |",
            "",
            "| fault | times | mended after, median s | 95 % s | longest s |",
            "|---|--:|--:|--:|--:|",
        ]
        for kind, times in self.faults.items():
            mending = self.mending.get(kind)
            cells = (
                f"{mending.median_sec:.2f} | {mending.p95_sec:.2f} | {mending.longest_sec:.2f}"
                if mending
                else "– | – | –"
            )
            lines.append(f"| {kind} | {times} | {cells} |")
        if self.wrong:
            kinds = Counter(finding.partition(":")[0] for finding in self.wrong)
            lines += ["", f"Found: {dict(kinds)}", *(f"- {finding}" for finding in self.wrong[:40])]
        return "\n".join(lines)


def _total(failures: Mapping[str, int]) -> str:
    if not failures:
        return "0"
    told = ", ".join(f"{times} {code}" for code, times in failures.items())
    return f"{sum(failures.values())} ({told})"

"""What the demo shows while it waits, and at the end."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from scripts.demo.client import Json

BAR = 24
_MARKS = {"queued": "·", "running": "▸", "succeeded": "■", "failed": "✗"}


def clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes:02d}:{rest:02d}"


class LiveProgress:
    """One line a stage, rewritten in place on a terminal, printed on change elsewhere."""

    def __init__(self) -> None:
        self._began = time.monotonic()
        self._shown: list[str] = []
        self._terminal = sys.stdout.isatty()

    def show(self, progress: Json) -> None:
        lines = [_stage_line(stage) for stage in progress["stages"]]
        if lines == self._shown:
            return
        elapsed = f"{time.monotonic() - self._began:6.1f} s"
        if self._terminal:
            if self._shown:
                sys.stdout.write(f"\x1b[{len(self._shown)}A")
            for line in lines:
                sys.stdout.write(f"\x1b[2K  {elapsed}  {line}\n")
        else:
            for new, old in zip(lines, self._shown or [""] * len(lines), strict=True):
                if new != old and "not_started" not in new:
                    sys.stdout.write(f"  {elapsed}  {new}\n")
        sys.stdout.flush()
        self._shown = lines

    def note(self, text: str) -> None:
        """A line between, below which the stages are shown again."""
        print(text, flush=True)
        if self._terminal:
            self._shown = []


def _stage_line(stage: Json) -> str:
    filled = round(stage["percent"] / 100 * BAR)
    line = f"{stage['stage']:<14}{'█' * filled}{'░' * (BAR - filled)} {stage['status']}"
    if stage.get("attempt") and stage["attempt"] > 1:
        line += f" (attempt {stage['attempt']})"
    if segments := stage.get("segments"):
        marks = "".join(_MARKS[segment["status"]] for segment in segments)
        done = sum(segment["status"] == "succeeded" for segment in segments)
        line += f"  segments {marks} {done}/{len(segments)}"
    return line


def show_result(folder: Path, files: Sequence[Path], fetched: Json) -> None:
    transcript, artifacts = fetched["transcript"], fetched["artifacts"]
    print("\nTranscript")
    for utterance in transcript["utterances"][:6]:
        print(f"  [{clock(utterance['startSec'])}] {utterance['text']}")
    summary = artifacts["summary"]["content"]
    print(f"\nSummary\n  {summary['overview']}")
    for section in summary["sections"]:
        print(f"  {section['title']}")
        for bullet in section["bullets"]:
            said = clock(bullet["citations"][0]["startSec"])
            print(f"    - {bullet['text']} [{said}]")
    print("\nFlashcards")
    for card in artifacts["flashcards"]["content"]["cards"][:3]:
        print(f"  Q  {card['front']}\n  A  {card['back'] or '(cloze)'}\n")
    print("Threads of the course")
    for thread in fetched["threads"]["threads"]:
        lectures = {occurrence["lectureId"] for occurrence in thread["occurrences"]}
        print(f"  {thread['title']}  (in {len(lectures)} lecture{'s' * (len(lectures) != 1)})")
    print("\nFiles")
    for file in files:
        print(f"  {folder / file}")

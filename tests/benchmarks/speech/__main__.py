"""A long recording by Pegasus and by faster-whisper on the whole file, in turns.

    make bench-speech [MINUTES=60] [ROUNDS=3]

Each round runs everything once, in another order, so that whatever else the machine does
falls on all alike; the table has the medians. `cold` is with loading: for Pegasus the first
lecture after the start, for faster-whisper a new process.
"""

import argparse
import json
import os
import platform
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

from scripts.local.processes.lifetime import end_in_order
from scripts.local.processes.watchdog import python_options
from tests.benchmarks.processes import peak_mib
from tests.benchmarks.speech.measures import TimedWord, word_error_rate, word_time_error
from tests.benchmarks.speech.ours import Pegasus, running
from tests.benchmarks.speech.recordings import Recording, long_recording

PEGASUS, SINGLE = "Pegasus, 2 workers × 1 thread", "Pegasus, 1 worker × 2 threads"
BEST, DEFAULT = "faster-whisper, batched, whole file", "faster-whisper, defaults, whole file"
WORDS = "faster-whisper, batched, with word times"


@dataclass(frozen=True)
class Result:
    wall_sec: float
    cold_sec: float
    cpu_sec: float
    peak_mib: float
    text: str
    words: list[TimedWord]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--model", default="base")
    parser.add_argument("--single", action="store_true", help="also one worker of two threads")
    asked = parser.parse_args()
    end_in_order()
    recording = long_recording(asked.minutes)
    _say(f"{recording.duration_sec / 60:.1f} minutes, {len(recording.flac) / 1e6:.0f} MB of FLAC")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as open_:
        file = Path(folder) / "recording.flac"
        file.write_bytes(recording.flac)
        words = peer("words", file, asked.model)
        pegasus = open_.enter_context(running(workers=2, threads=1, model=asked.model))
        ways: dict[str, Callable[[], Result]] = {
            PEGASUS: lambda: ours(pegasus, recording),
            BEST: lambda: peer("best", file, asked.model),
            DEFAULT: lambda: peer("default", file, asked.model),
        }
        if asked.single:
            alone = open_.enter_context(running(workers=1, threads=2, model=asked.model))
            ways[SINGLE] = lambda: ours(alone, recording)
        # Pegasus' cold runs, which measure nothing else: the others are cold each time.
        cold = {way: ways[way]().wall_sec for way in ways if way in (PEGASUS, SINGLE)}
        results: defaultdict[str, list[Result]] = defaultdict(list)
        for number in range(asked.rounds):
            order = list(ways)
            random.Random(number).shuffle(order)  # noqa: S311
            for way in order:
                results[way].append(ways[way]())
                _say(f"round {number + 1}, {way}: {results[way][-1].wall_sec:.1f} s")
        _report(recording, results, words, cold)


def ours(pegasus: Pegasus, recording: Recording) -> Result:
    run = pegasus.transcribe(recording.flac, timeout_sec=recording.duration_sec)
    return Result(
        wall_sec=run.wall_sec,
        cold_sec=run.wall_sec,
        cpu_sec=run.cpu_sec,
        peak_mib=pegasus.peak_mib["transcribe-on-segment"],
        text=run.transcript.text,
        words=[
            (word.text, word.start_sec, word.end_sec)
            for utterance in run.transcript.utterances
            for word in utterance.words
        ],
    )


def peer(way: str, file: Path, model: str, threads: int = 2) -> Result:
    command = [
        *(sys.executable, *python_options(file.parent)),
        *("-m", "tests.benchmarks.speech.peer", way, str(file)),
    ]
    began = time.monotonic()
    with tempfile.TemporaryFile() as answer:
        process = subprocess.Popen(
            [*command, "--threads", str(threads), "--model", model],
            stdout=answer,
            start_new_session=True,
        )
        peak = 0.0
        while process.returncode is None:
            peak = max(peak, peak_mib(process.pid))
            time.sleep(0.2)
            ended, status, used = os.wait4(process.pid, os.WNOHANG)
            if ended:
                process.returncode = os.waitstatus_to_exitcode(status)
        cold_sec = time.monotonic() - began
        if process.returncode:
            raise SystemExit(f"{way} ended with {process.returncode}")
        answer.seek(0)
        heard: dict[str, Any] = json.load(answer)
    return Result(
        wall_sec=heard["sec"],
        # Joining the weights of the development packages is no part of faster-whisper.
        cold_sec=cold_sec - heard["find_sec"],
        cpu_sec=used.ru_utime + used.ru_stime,
        peak_mib=peak,
        text=heard["text"],
        words=[(text, start, end) for text, start, end in heard["words"]],
    )


def _report(
    recording: Recording, results: dict[str, list[Result]], words: Result, cold: dict[str, float]
) -> None:
    best = median(result.wall_sec for result in results[BEST])
    print(f"{_machine()}\n")
    print("| way | wall s | real-time factor | × batched | cold s | CPU s | peak MiB | WER % |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|")
    for way, runs in results.items():
        wall = median(run.wall_sec for run in runs)
        loaded = cold.get(way) or median(run.cold_sec for run in runs)
        print(
            f"| {way} | {wall:.1f} | {wall / recording.duration_sec:.4f} | {wall / best:.2f} "
            f"| {loaded:.1f} | {median(run.cpu_sec for run in runs):.0f} "
            f"| {median(run.peak_mib for run in runs):.0f} "
            f"| {median(word_error_rate(recording.text, run.text) for run in runs):.2f} |"
        )
    print()
    for other in (BEST, DEFAULT):
        paired = [
            ours.wall_sec / theirs.wall_sec
            for ours, theirs in zip(results[PEGASUS], results[other], strict=True)
        ]
        print(f"{PEGASUS}, over {other}, pair by pair:", ", ".join(f"{x:.3f}" for x in paired))
    last = results[PEGASUS][-1]
    print(
        f"{len(last.words)} words with times; their starts differ from those of {WORDS} by "
        f"{word_time_error(words.words, last.words):.3f} s (median)"
    )


def _machine() -> str:
    cpu = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    libraries = ", ".join(f"{name} {version(name)}" for name in ("faster-whisper", "ctranslate2"))
    return (
        f"{os.cpu_count()} processors ({cpu[1] if cpu else platform.machine()}), "
        f"Python {platform.python_version()}, {libraries}"
    )


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()

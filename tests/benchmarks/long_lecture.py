"""A long recording through the whole stack: wall time; peak memory and processor time of
every function, longest request.

    python -m tests.benchmarks.long_lecture [MINUTES]

Uses the model of PLC_WHISPER_MODEL (base) on as many segment workers as the stack starts.
"""

import json
import os
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from functions.transcribe.audio import SAMPLE_RATE, decode
from functions.transcribe.audio.flac import encode_flac
from scripts.local.ports import find_free
from scripts.local.processes.lifetime import end_in_order
from scripts.local.stack import Options, Stack
from shared.topology import load_topology
from tests.benchmarks.processes import PeakMemory, cpu_sec, functions_of
from tests.support.processes.running_stack import RunningStack, SwitchedFaults
from tests.support.sound.speech import LECTURES

PATIENCE_SEC = 1.0
"""Between two questions whether it is done: asking costs what is being measured."""


def recording(minutes: float) -> bytes:
    """The test lectures in turn, a second of silence between them, as FLAC."""
    pause = np.zeros(SAMPLE_RATE, np.int16)
    wanted = int(minutes * 60 * SAMPLE_RATE)
    parts: list[np.ndarray] = []
    length = 0
    spoken = []
    for file in sorted(LECTURES.glob("*.ogg")):
        with file.open("rb") as stream:
            spoken.append(np.concatenate([*decode(stream), pause]))
    while length < wanted:
        parts.append(spoken[len(parts) % len(spoken)])
        length += len(parts[-1])
    return encode_flac(np.concatenate(parts)[:wanted])


def _longest_requests(logs: Path) -> dict[str, float]:
    longest: dict[str, float] = {}
    for log in logs.glob("*.log"):
        for line in log.read_text().splitlines():
            if '"event.handled"' in line:
                sec = json.loads(line)["sec"]
                longest[log.stem] = max(longest.get(log.stem, 0.0), sec)
    return longest


def main() -> None:
    end_in_order()
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    topology = load_topology()
    passed_on = {k: v for k, v in os.environ.items() if k.startswith("PLC_")}
    audio = recording(minutes)
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        stack = Stack(
            Options(home=home, ports=find_free(tuple(topology.functions)), environment=passed_on)
        )
        stack.start()
        memory = PeakMemory(lambda: functions_of(stack))
        try:
            pegasus = RunningStack(stack, SwitchedFaults())
            memory.start()
            started = _cpu_sec(stack)
            began = time.monotonic()
            lecture = pegasus.hand_in(audio, lecture="long")
            end = pegasus.ended(lecture, timeout_sec=minutes * 60, every_sec=PATIENCE_SEC)
            wall = time.monotonic() - began
            ended = _cpu_sec(stack)
            if end["overallStatus"] != "completed":
                raise SystemExit(f"failed: {end['error']}")
            segments = pegasus.segments(lecture)
            pegasus.close()
        finally:
            memory.stop()
            stack.stop()
            stack.postgres.remove()
        print(f"{minutes:g} minutes of speech, {len(audio) / 1e6:.0f} MB, {len(segments)} segments")
        print(f"wall {wall:.0f} s, real-time factor {wall / minutes / 60:.3f}")
        longest = _longest_requests(home / "logs")
        print(f"{'function':<28}{'peak MiB':>10}{'CPU s':>8}{'longest s':>12}")
        for name, mib in sorted(memory.mib.items()):
            cpu = ended[name] - started[name]
            print(f"{name:<28}{mib:>10.0f}{cpu:>8.1f}{longest.get(name, 0.0):>12.1f}")
        print(f"{'all together':<38}{sum(ended.values()) - sum(started.values()):>8.1f}")


def _cpu_sec(stack: Stack) -> dict[str, float]:
    return {name: cpu_sec([leader]) for name, leader in functions_of(stack).items()}


if __name__ == "__main__":
    main()

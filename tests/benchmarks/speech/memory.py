"""Peak memory of cutting, and of a segment worker, against the length of the recording.

    python -m tests.benchmarks.speech.memory [--minutes 10 180] [--model base]

Each in a process of its own, which does what the function does with the recording, without
queue and database: cutting decodes, cuts and encodes; the worker decodes each segment and
recognizes it, all segments of the recording one after the other.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from functions.transcribe.audio import decode
from functions.transcribe.audio.memory import return_large_arrays
from functions.transcribe.speech.cutting import cut
from functions.transcribe.speech.planning import segment_length
from functions.transcribe.speech.segment_audio import read_segment, write_segment
from tests.benchmarks.processes import peak_mib
from tests.benchmarks.speech.recordings import long_recording
from tests.support.sound.recognizers import packaged_recognizer

LONGEST_SEC = 300.0


def cutting(recording: Path, folder: Path, duration_sec: float) -> int:
    target_sec = segment_length(duration_sec, workers=2, longest_sec=LONGEST_SEC)
    count = 0
    return_large_arrays()
    with recording.open("rb") as stream:
        for segment in cut(decode(stream), target_sec=target_sec):
            (folder / f"{segment.index:05d}.flac").write_bytes(
                write_segment(segment.samples, segment.regions)
            )
            count += 1
            del segment
    return count


def working(folder: Path, model: str) -> int:
    with tempfile.TemporaryDirectory() as cache:
        recognizer = packaged_recognizer(model, Path(cache))
        segments = sorted(folder.glob("*.flac"))
        for segment in segments:
            speech = read_segment(segment.read_bytes())
            recognizer.recognize(speech, language="en", vocabulary=())
    return len(segments)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, nargs="+", default=[10, 180])
    parser.add_argument("--model", default="base")
    parser.add_argument("--child", nargs=3, metavar=("PART", "FILE", "FOLDER"))
    parser.add_argument("--seconds", type=float)
    asked = parser.parse_args()
    if asked.child:
        part, file, folder = asked.child
        if part == "cutting":
            count = cutting(Path(file), Path(folder), asked.seconds)
        else:
            count = working(Path(folder), asked.model)
        # Not ru_maxrss, which begins with the memory of the process that started this one.
        print(json.dumps({"segments": count, "mib": peak_mib(os.getpid())}))
        return
    print("| recording | segments | cutting, peak MiB | segment worker, peak MiB |")
    print("|--:|--:|--:|--:|")
    for minutes in asked.minutes:
        recording = long_recording(minutes)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "recording.flac"
            file.write_bytes(recording.flac)
            parts = Path(folder) / "segments"
            parts.mkdir()
            found = {
                part: _in_a_process(part, file, parts, recording.duration_sec, asked.model)
                for part in ("cutting", "working")
            }
        print(
            f"| {minutes:g} min | {found['cutting']['segments']} "
            f"| {found['cutting']['mib']:.0f} | {found['working']['mib']:.0f} |",
            flush=True,
        )


def _in_a_process(
    part: str, file: Path, folder: Path, seconds: float, model: str
) -> dict[str, float]:
    told: dict[str, float] = json.loads(
        subprocess.run(
            [
                *(sys.executable, "-m", "tests.benchmarks.speech.memory", "--model", model),
                *("--seconds", str(seconds), "--child", part, str(file), str(folder)),
            ],
            check=True,
            stdout=subprocess.PIPE,
            text=True,
        ).stdout
    )
    return told


if __name__ == "__main__":
    main()

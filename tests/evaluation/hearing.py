"""Hear the recorded lectures through the product's own recognizer and keep what it wrote.

    python -m tests.evaluation.hearing

Uses Whisper base from the weights at hand, about a minute on two processors. The transcripts lie in
tests/data/heard, so that every test of generation can start from what a recognizer really writes.
"""

import sys
import tempfile
from pathlib import Path

from tests.support.sound.recognizers import packaged_recognizer
from tests.support.sound.speech import LECTURES, transcribe

HEARD = LECTURES.parent / "heard"
MODEL = "base"
SEGMENT_SEC = 300.0


def main() -> None:
    HEARD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as cache:
        recognizer = packaged_recognizer(MODEL, Path(cache), threads=2)
        for recording in sorted(LECTURES.glob("*.ogg")):
            with recording.open("rb") as stream:
                transcript = transcribe(recognizer, stream, target_sec=SEGMENT_SEC)
            file = HEARD / f"{recording.stem}.json"
            file.write_bytes(transcript.to_json() + b"\n")
            sys.stdout.write(f"{file.name}: {len(transcript.text.split())} words\n")


if __name__ == "__main__":
    main()

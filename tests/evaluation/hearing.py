"""Hear the recorded lectures through the product's own recognizer and keep what it wrote.

    python -m tests.evaluation.hearing

Uses Whisper base from the weights at hand, about a minute on two processors. The transcripts lie in
tests/data/heard, so that every test of generation can start from what a recognizer really writes.
"""

import sys
import tempfile
from pathlib import Path

from functions.transcribe.audio import as_float
from functions.transcribe.cutting import cut
from functions.transcribe.recognizer import Recognizer
from shared.speech.merging import RecognizedSegment, merge
from shared.transcript import Transcript
from tests.support.recognizers import packaged_recognizer
from tests.support.speech import LECTURES

HEARD = LECTURES.parent / "heard"
MODEL = "base"
SEGMENT_SEC = 300.0


def main() -> None:
    HEARD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as cache:
        recognizer = packaged_recognizer(MODEL, Path(cache), threads=2)
        for recording in sorted(LECTURES.glob("*.ogg")):
            transcript = hear(recognizer, recording)
            file = HEARD / f"{recording.stem}.json"
            file.write_bytes(transcript.to_json() + b"\n")
            sys.stdout.write(f"{file.name}: {len(transcript.text.split())} words\n")


def hear(recognizer: Recognizer, recording: Path) -> Transcript:
    """All that happens to a recording before generation, without queues and storage."""
    with recording.open("rb") as stream:
        heard = [
            RecognizedSegment(
                segment.start_sec,
                segment.end_sec,
                recognizer.recognize(as_float(segment.samples), language=None, vocabulary=()),
            )
            for segment in cut(stream, target_sec=SEGMENT_SEC)
        ]
    return merge(heard, provider=recognizer.provider, model=recognizer.model)


if __name__ == "__main__":
    main()

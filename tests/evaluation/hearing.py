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
from functions.transcribe.providers import load_recognizer
from functions.transcribe.recognizer import Recognizer
from shared.speech.merging import RecognizedSegment, merge
from shared.storage import ObjectStore
from shared.transcript import Transcript
from tests.support.speech import LECTURES

HEARD = LECTURES.parent / "heard"
MODEL = "base"
SEGMENT_SEC = 300.0


def main() -> None:
    HEARD.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as cache:
        recognizer = load_recognizer(
            MODEL,
            device="cpu",
            compute_type="int8",
            threads=2,
            batch_size=4,
            cache_dir=Path(cache),
            open_bucket=_no_bucket,
        )
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


def _no_bucket(name: str) -> ObjectStore:
    raise FileNotFoundError(f"no bucket {name}: the weights come with the development packages")


if __name__ == "__main__":
    main()

"""faster-whisper itself on the whole file, in a process of its own.

    python -m tests.benchmarks.speech.peer best|default|words FILE --threads 2

`best` is batched, the fastest way that keeps all words, without times of words; `default` is
what `transcribe` does unless told otherwise; `words` is `best` with a time for every word,
which is what the times of others are compared with. Prints JSON.
"""

import argparse
import json
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from faster_whisper import BatchedInferencePipeline, WhisperModel

from tests.support.sound.recognizers import packaged_weights

BATCH = 8
"""Measured: 16 is no faster and takes 1.84 GB."""
BEAM = 5


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("way", choices=("best", "default", "words"))
    parser.add_argument("file", type=Path)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--model", default="base")
    asked = parser.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as cache:
        weights = packaged_weights(asked.model, Path(cache))
        loading = time.monotonic()
        model = WhisperModel(
            str(weights), device="cpu", compute_type="int8", cpu_threads=asked.threads
        )
        loaded = time.monotonic()
        segments = list(_transcribe(model, asked.way, str(asked.file)))
        done = time.monotonic()
    json.dump(
        {
            "find_sec": loading - began,
            "load_sec": loaded - loading,
            "sec": done - loaded,
            "text": " ".join(segment.text.strip() for segment in segments),
            "words": [(w.word, w.start, w.end) for s in segments for w in s.words or ()],
        },
        sys.stdout,
    )


def _transcribe(model: WhisperModel, way: str, file: str) -> Any:
    if way == "default":
        segments, _ = model.transcribe(file)
    else:
        segments, _ = BatchedInferencePipeline(model).transcribe(
            file, batch_size=BATCH, beam_size=BEAM, word_timestamps=way == "words"
        )
    return segments


if __name__ == "__main__":
    main()

"""A worker's first segment, in this process: prints the times (epoch) at which steps were done.

python -m tests.benchmarks.speech.first_words MODEL CACHE
"""

import json
import sys
import time
from pathlib import Path

from functions.transcribe.audio import as_float
from functions.transcribe.audio.flac import decode_flac
from functions.transcribe.recognizers.whisper.recognizer import WhisperRecognizer
from functions.transcribe.speech.pieces import speech_in
from functions.transcribe.weights.sources import locate_weights
from shared.config import Settings
from shared.storage.bucket import ObjectStore

SPEECH = Path(__file__).parents[2] / "data" / "speech" / "jfk-1961.flac"


def main() -> None:
    model, cache_dir = sys.argv[1], Path(sys.argv[2])
    moments = [time.time()]
    weights = locate_weights(model, cache_dir=cache_dir, open_bucket=bucket)
    moments.append(time.time())
    recognizer = WhisperRecognizer(
        weights, name="any", device="cpu", compute_type="int8", threads=1
    )
    moments.append(time.time())
    samples = as_float(decode_flac(SPEECH.read_bytes()))
    found = recognizer.recognize(speech_in(samples), language="en", vocabulary=())
    moments.append(time.time())
    if not found.words:
        raise SystemExit(f"{model} heard nothing")
    json.dump(moments, sys.stdout)


def bucket(name: str) -> ObjectStore:
    return ObjectStore.from_settings(
        Settings.model_validate(
            {
                "gcs_bucket": name,
                "database_url": "postgresql://nobody@127.0.0.1/none",
                "google_cloud_project": "pegasus-local",
            }
        )
    )


if __name__ == "__main__":
    main()

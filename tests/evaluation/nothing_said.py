"""Is anything written down that was not said?

    python -m tests.evaluation.nothing_said [--model base] [--seconds 30 120 600] [--seeds 1]

Silence, hum, noise, music and many voices at once, through all that happens to a recording:
voice activity, cutting, FLAC, recognition without a known language, merging. Prints what
was written, and ends with 1 if there was anything.
"""

import argparse
import io
import sys
import tempfile
from pathlib import Path

import numpy as np

from functions.transcribe.audio.flac import encode_flac
from tests.support.sound.recognizers import packaged_recognizer
from tests.support.sound.sounds import NOT_SPEECH, not_speech
from tests.support.sound.speech import transcribe


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", default="base")
    parser.add_argument("--seconds", type=float, nargs="+", default=[30, 120, 600])
    parser.add_argument("--seeds", type=int, default=1)
    asked = parser.parse_args()
    recordings = invented = 0
    with tempfile.TemporaryDirectory() as cache:
        recognizer = packaged_recognizer(asked.model, Path(cache), threads=2)
        for name in NOT_SPEECH:
            for length_sec in asked.seconds:
                for seed in range(asked.seeds):
                    sound = not_speech(name, length_sec, seed=seed)
                    recording = encode_flac(np.round(sound * 32767).astype(np.int16))
                    written = transcribe(recognizer, io.BytesIO(recording), target_sec=300)
                    recordings += 1
                    invented += len(written.utterances)
                    for utterance in written.utterances:
                        print(f"{name}, {length_sec:g} s: {utterance.text!r}", flush=True)
    print(f"{recordings} recordings, {invented} invented utterances")
    sys.exit(invented > 0)


if __name__ == "__main__":
    main()

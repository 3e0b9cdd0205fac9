"""Write the recordings of the app's browser tests: `python -m tests.browser.recordings FOLDER`."""

import sys
import wave
from pathlib import Path

import numpy as np

from functions.transcribe.audio import SAMPLE_RATE, Samples
from tests.support.sound.sounds import recorded
from tests.support.sound.speech import clip

LECTURE = "hashing-1"
MICROPHONE_SEC = 60
ITEMS_SEC = 120
"""Long enough for several cards, which a minute is not."""
SHORT_SEC = 20
LONG_SEC = 600
HOUR_SEC = 3600


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    speech = recorded(f"lectures/{LECTURE}.ogg")
    _write(folder / "microphone.wav", speech[: MICROPHONE_SEC * SAMPLE_RATE])
    _write(folder / "items.wav", speech[: ITEMS_SEC * SAMPLE_RATE])
    (folder / "short.flac").write_bytes(clip(LECTURE, seconds=SHORT_SEC))
    repeats = -(-HOUR_SEC * SAMPLE_RATE // len(speech))
    hour = np.tile(speech, repeats)[: HOUR_SEC * SAMPLE_RATE]
    _write(folder / "long.wav", hour[: LONG_SEC * SAMPLE_RATE])
    _write(folder / "hour.wav", hour)


def _write(path: Path, samples: Samples) -> None:
    with wave.open(str(path), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        out.writeframes(samples.tobytes())


if __name__ == "__main__":
    main(Path(sys.argv[1]))

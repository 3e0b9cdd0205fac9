"""A recognizer that takes no time, in Whisper's place: words that depend on the sound alone.

It hears no language, but the same samples always give the same words, at the times at which
there is sound: so a word that is lost, doubled or misplaced shows in the transcript. Sentences
begin with one of a few subjects, which lectures of a course have in common as threads. The other
words of a recording with a mark (marks.py) end with the mark.
"""

import zlib
from collections.abc import Sequence

import numpy as np

from functions.transcribe.audio import SAMPLE_RATE
from functions.transcribe.recognizers.base import DetectedLanguage
from functions.transcribe.speech.pieces import Speech
from shared.config import Settings
from shared.documents.transcript import Word
from shared.speech.recognition import Recognition
from tests.chaos.standins.marks import mark_heard

WINDOW_SEC = 0.4
QUIET = 0.01
"""Root mean square below which there is no word."""
SENTENCE_WORDS = 9
SUBJECTS = ("Market", "Bucket", "Plant")
VOCABULARY = (
    *("market", "supply", "demand", "price", "table", "bucket", "chain", "hash", "plant"),
    *("light", "energy", "leaf", "water", "cell", "value", "curve", "shift", "model", "proof"),
    *("graph", "node", "edge", "queue", "stack", "tree", "root", "field", "force", "mass"),
)


class QuickRecognizer:
    provider = "whisper"
    model = "quick"

    def recognize(
        self,
        speech: Speech,
        *,
        language: str | None,
        vocabulary: Sequence[str],
        strict: bool = False,
    ) -> Recognition:
        samples = speech.samples
        size = int(WINDOW_SEC * SAMPLE_RATE)
        mark = mark_heard(samples) or ""
        words: list[Word] = []
        for start in range(0, len(samples), size):
            window = samples[start : start + size]
            if float(np.sqrt(np.mean(window**2))) < QUIET:
                continue
            heard = zlib.crc32((window * 32768).astype("<i2").tobytes())
            place = len(words) % SENTENCE_WORDS
            text = VOCABULARY[heard % len(VOCABULARY)] + mark
            if place == 0:
                text = SUBJECTS[heard % len(SUBJECTS)]
            words.append(
                Word(
                    text=text,
                    start_sec=start / SAMPLE_RATE,
                    end_sec=min(start + size, len(samples)) / SAMPLE_RATE,
                    probability=0.9,
                )
            )
            if place == SENTENCE_WORDS - 1:
                words[-1] = words[-1].model_copy(update={"text": f"{text}."})
        return Recognition(
            language=language or "en", language_probability=1.0, words=tuple(words), withheld=0
        )

    def detect_language(self, speech: Speech) -> DetectedLanguage:
        return DetectedLanguage(language="en", probability=1.0)


def load(_settings: Settings, _model: str) -> QuickRecognizer:
    return QuickRecognizer()

"""Real speech through a service that runs Whisper itself, beside the Whisper of one's own."""

import json
import re
from collections.abc import Iterator
from contextlib import closing
from difflib import SequenceMatcher
from pathlib import Path
from statistics import median

import numpy as np
import pytest
from faster_whisper import WhisperModel
from numpy.typing import NDArray

from functions.transcribe.audio import as_float, decode
from functions.transcribe.audio.flac import decode_flac
from functions.transcribe.recognizers.base import Recognizer
from functions.transcribe.recognizers.registry import connect_hosted
from functions.transcribe.speech.pieces import speech_in
from shared.documents.transcript import Word
from tests.support.lectures.builders import make_settings
from tests.support.sound.recognizers import packaged_recognizer, packaged_weights
from tests.unit.transcribe.recognizers.transcription_server import Reply, Upload, serving

DATA = Path(__file__).parents[2] / "data"
SECONDS = 75


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("weights")


@pytest.fixture(scope="module")
def own(weights: Path) -> Recognizer:
    return packaged_recognizer("tiny.en", weights)


@pytest.fixture(scope="module")
def hosted(weights: Path, own: Recognizer) -> Iterator[Recognizer]:
    """As OpenAI's service answers: words without punctuation, text with it, Whisper's figures."""
    directory = packaged_weights("tiny.en", weights)
    model = WhisperModel(str(directory), device="cpu", compute_type="int8", cpu_threads=2)

    def listen(upload: Upload, _before: int) -> Reply:
        sound = as_float(decode_flac(upload.sound))
        prompt = upload.fields.get("prompt", [None])[0]
        results, _ = model.transcribe(
            sound, language="en", word_timestamps=True, initial_prompt=prompt
        )
        found = list(results)
        body = {
            "task": "transcribe",
            "language": "english",
            "duration": upload.duration_sec,
            "text": "".join(each.text for each in found).strip(),
            "words": [
                {
                    "word": re.sub(r"^\W+|\W+$", "", word.word),
                    "start": float(word.start),
                    "end": float(word.end),
                }
                for each in found
                for word in each.words or ()
            ],
            "segments": [
                {
                    "start": each.start,
                    "end": each.end,
                    "avg_logprob": each.avg_logprob,
                    "no_speech_prob": each.no_speech_prob,
                    "compression_ratio": each.compression_ratio,
                }
                for each in found
            ],
        }
        return Reply(200, json.dumps(body))

    with serving(listen) as server:
        told = make_settings(openai_transcribe_base_url=server.url)
        with closing(connect_hosted(told, "whisper-1")) as hosted:
            yield hosted


@pytest.fixture(scope="module")
def speech() -> NDArray[np.float32]:
    """A lecture with pauses that are not sent: half a minute before it and in the middle."""
    with (DATA / "lectures/economics.ogg").open("rb") as stream:
        sound = as_float(np.concatenate(list(decode(stream))))[: SECONDS * 16_000]
    quiet = np.zeros(30 * 16_000, np.float32)
    half = len(sound) // 2
    return np.concatenate([quiet, sound[:half], quiet, sound[half:]])


def plain(words: tuple[Word, ...]) -> list[str]:
    return ["".join(filter(str.isalnum, word.text.lower())) for word in words]


@pytest.mark.slow
def test_its_words_and_their_times_are_those_of_ones_own_whisper(
    own: Recognizer, hosted: Recognizer, speech: NDArray[np.float32]
) -> None:
    here = own.recognize(speech_in(speech), language="en", vocabulary=()).words
    there = hosted.recognize(speech_in(speech), language="en", vocabulary=("economics",)).words

    same = SequenceMatcher(None, plain(here), plain(there), autojunk=False).get_matching_blocks()
    pairs = [(here[b.a + k], there[b.b + k]) for b in same for k in range(b.size)]
    assert len(pairs) > 0.93 * max(len(here), len(there))
    apart = [abs(one.start_sec - other.start_sec) for one, other in pairs]
    assert median(apart) < 0.1
    assert sorted(apart)[int(len(apart) * 0.95)] < 0.5
    assert sum(word.text.endswith((".", ",")) for word in there) > 5
    assert 0.3 < median(word.probability for word in there) < 1


def test_nothing_is_made_of_a_minute_of_hum(hosted: Recognizer) -> None:
    t = np.arange(60 * 16_000) / 16_000
    hum = (0.2 * np.sin(2 * np.pi * 50 * t)).astype(np.float32)

    assert hosted.recognize(speech_in(hum), language="en", vocabulary=()).words == ()

"""Real speech through the real model (tiny.en, and base where a language must be told)."""

import csv
import re
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from functions.transcribe.audio import SAMPLE_RATE, as_float, decode
from functions.transcribe.cutting import cut
from functions.transcribe.flac import decode_flac, encode_flac
from functions.transcribe.recognizer import Recognizer
from shared.errors import ModelUnavailableError
from shared.speech.merging import RecognizedSegment, merge
from shared.speech.recognition import Recognition
from shared.transcript import Transcript
from tests.support.recognizers import packaged_recognizer

DATA = Path(__file__).parents[1] / "data"
LECTURES = ("economics", "hashing-1", "hashing-2", "photosynthesis")

Sound = NDArray[np.float32]


@pytest.fixture(scope="session")
def weights_cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("weights")


@pytest.fixture(scope="session")
def tiny(weights_cache: Path) -> Recognizer:
    return packaged_recognizer("tiny.en", weights_cache, threads=2)


@pytest.fixture(scope="session")
def base(weights_cache: Path) -> Recognizer:
    return packaged_recognizer("base", weights_cache, threads=2)


def sound(name: str) -> Sound:
    with (DATA / name).open("rb") as stream:
        return as_float(np.concatenate(list(decode(stream))))


def transcribe(recognizer: Recognizer, name: str, *, target_sec: float) -> Transcript:
    """All that happens to a lecture, without queues and storage."""
    with (DATA / name).open("rb") as stream:
        done = []
        for segment in cut(stream, target_sec=target_sec):
            audio = decode_flac(encode_flac(segment.samples))
            found = recognizer.recognize(as_float(audio), language=None, vocabulary=())
            stored = Recognition.model_validate_json(found.to_json())
            done.append(RecognizedSegment(segment.start_sec, segment.end_sec, stored))
    return merge(done, provider=recognizer.provider, model=recognizer.model)


def plain(text: str) -> list[str]:
    """Words without case, punctuation and hyphens."""
    return re.sub(r"[^a-z' ]", " ", text.lower().replace("-", " ")).split()


def word_errors(expected: list[str], found: list[str]) -> int:
    """Levenshtein distance in words."""
    row = list(range(len(found) + 1))
    for i, word in enumerate(expected, 1):
        diagonal, row[0] = row[0], i
        for j, other in enumerate(found, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (word != other))
    return row[-1]


@pytest.fixture(scope="module")
def transcript(tiny: Recognizer) -> Transcript:
    return transcribe(tiny, "lectures/economics.ogg", target_sec=60)


def test_a_lecture_is_transcribed_nearly_word_for_word(transcript: Transcript) -> None:
    expected = plain((DATA / "lectures/economics.txt").read_text())

    errors = word_errors(expected, plain(transcript.text))

    assert errors / len(expected) < 0.06


def test_utterances_are_the_sentences_of_the_lecture(transcript: Transcript) -> None:
    expected = re.findall(r"[^.?!]+[.?!]", (DATA / "lectures/economics.txt").read_text())

    assert len(transcript.utterances) == pytest.approx(len(expected), rel=0.15)
    assert all(one.end_sec - one.start_sec < 20 for one in transcript.utterances)


def test_times_lie_where_somebody_speaks(transcript: Transcript) -> None:
    audio = np.abs(sound("lectures/economics.ogg"))
    loud = float(np.quantile(audio, 0.9))

    heard = [
        audio[round(w.start_sec * SAMPLE_RATE) : round(w.end_sec * SAMPLE_RATE)].max() > loud / 4
        for one in transcript.utterances
        for w in one.words
        if w.end_sec - w.start_sec > 0.1
    ]
    edges = [edge for u in transcript.utterances for edge in (u.start_sec, u.end_sec)]

    assert np.mean(heard) > 0.98
    assert edges == sorted(edges)
    assert edges[-1] <= transcript.duration_sec == pytest.approx(196.9, abs=0.1)


def test_people_are_understood(tiny: Recognizer) -> None:
    with (DATA / "speech/transcripts.tsv").open(newline="") as table:
        recordings = list(csv.DictReader(table, delimiter="\t"))

    errors = words = 0
    for recording in recordings:
        expected = plain(recording["text"].replace("mister", "mr"))
        found = tiny.recognize(sound(f"speech/{recording['file']}"), language="en", vocabulary=())
        errors += word_errors(expected, plain(" ".join(word.text for word in found.words)))
        words += len(expected)

    assert errors / words < 0.1


def _music(rng: np.random.Generator) -> Sound:
    tune = np.zeros(40 * SAMPLE_RATE, np.float32)
    fade = np.arange(SAMPLE_RATE) / SAMPLE_RATE
    for beat in range(78):
        pitch = 220 * 2 ** (int(rng.integers(24)) / 12)
        note = sum(np.sin(2 * np.pi * pitch * k * fade) / k for k in range(1, 6))
        start = beat * SAMPLE_RATE // 2
        tune[start : start + SAMPLE_RATE] += (0.2 * note * np.exp(-3 * fade)).astype(np.float32)
    return tune


def _murmur(rng: np.random.Generator, count: int) -> Sound:
    """Many voices at once."""
    length = 40 * SAMPLE_RATE
    voices = [sound(f"lectures/{name}.ogg") for name in LECTURES]
    crowd = np.zeros(length, np.float32)
    for _ in range(count):
        voice = voices[int(rng.integers(len(voices)))]
        start = int(rng.integers(len(voice) - length))
        crowd += voice[start : start + length]
    return np.asarray(0.05 * crowd / np.abs(crowd).max(), np.float32)


def _hum() -> Sound:
    t = np.arange(40 * SAMPLE_RATE) / SAMPLE_RATE
    return (0.05 * np.sin(2 * np.pi * 50 * t) + 0.02 * np.sin(2 * np.pi * 150 * t)).astype(
        np.float32
    )


NOT_SPEECH = ("silence", "hum", "noise", "music", "murmur", "crowd")


def _noise(rng: np.random.Generator) -> Sound:
    return rng.normal(0, 0.05, 40 * SAMPLE_RATE).astype(np.float32)


def _silence() -> Sound:
    return np.zeros(40 * SAMPLE_RATE, np.float32)


def _not_speech(name: str) -> Sound:
    rng = np.random.default_rng(7)
    sounds: dict[str, Callable[[], Sound]] = {
        "silence": _silence,
        "hum": _hum,
        "noise": lambda: _noise(rng),
        "music": lambda: _music(rng),
        "murmur": lambda: _murmur(rng, 8),
        "crowd": lambda: _murmur(rng, 20),
    }
    return sounds[name]()


@pytest.mark.parametrize("vocabulary", [(), ("supply", "demand", "equilibrium", "Rubisco")])
@pytest.mark.parametrize("name", NOT_SPEECH)
def test_of_what_is_no_speech_no_word_is_made(
    tiny: Recognizer, name: str, vocabulary: tuple[str, ...]
) -> None:
    found = tiny.recognize(_not_speech(name), language=None, vocabulary=vocabulary)

    assert found.words == ()


@pytest.mark.parametrize("name", ["silence", "music"])
def test_a_long_break_neither_costs_nor_adds_words(tiny: Recognizer, name: str) -> None:
    spoken = sound("speech/jfk-1961.flac")
    alone = tiny.recognize(spoken, language="en", vocabulary=())
    rest = _not_speech(name)

    around = tiny.recognize(
        np.concatenate((spoken, rest, spoken)), language="en", vocabulary=("inauguration",)
    )

    first_end = len(spoken) / SAMPLE_RATE
    second_sec = (len(spoken) + len(rest)) / SAMPLE_RATE
    # Half a second: words may reach into the silence kept around speech.
    before = [word for word in around.words if word.end_sec <= first_end + 0.5]
    after = [word for word in around.words if word.start_sec >= second_sec - 0.5]
    assert len(before) + len(after) == len(around.words)
    expected = plain(" ".join(word.text for word in alone.words))
    assert word_errors(expected, plain(" ".join(word.text for word in before))) <= 1
    assert word_errors(expected, plain(" ".join(word.text for word in after))) <= 1
    assert after[0].start_sec - second_sec == pytest.approx(alone.words[0].start_sec, abs=0.3)


def test_a_hint_corrects_the_spelling_of_a_term(base: Recognizer) -> None:
    lecture = sound("lectures/hashing-2.ogg")[155 * SAMPLE_RATE : 175 * SAMPLE_RATE]

    def heard(*vocabulary: str) -> str:
        found = base.recognize(lecture, language="en", vocabulary=vocabulary)
        return " ".join(word.text for word in found.words).lower()

    assert "cuckoo hashing" not in heard()
    assert "cuckoo hashing" in heard("cuckoo hashing")


def test_the_language_is_told_from_the_speech(base: Recognizer) -> None:
    found = base.recognize(sound("speech/jfk-1961.flac"), language=None, vocabulary=())

    assert found.language == "en"
    assert found.language_probability > 0.9
    assert base.detect_language(sound("speech/jfk-1961.flac")).language == "en"
    assert base.detect_language(np.zeros(SAMPLE_RATE, np.float32)).language == "und"


def test_a_language_the_model_does_not_know_is_refused(base: Recognizer) -> None:
    with pytest.raises(ModelUnavailableError, match="xx"):
        base.recognize(sound("speech/jfk-1961.flac"), language="xx", vocabulary=())


def test_an_english_model_hears_english_whatever_it_is_asked_for(tiny: Recognizer) -> None:
    found = tiny.recognize(sound("speech/jfk-1961.flac"), language="de", vocabulary=())

    assert found.language == "en"
    assert "country" in [word.text.strip(",.").lower() for word in found.words]


@pytest.mark.parametrize("length", [0, 1, 100, 511, 8_000])
def test_a_segment_of_next_to_nothing_is_no_error(tiny: Recognizer, length: int) -> None:
    found = tiny.recognize(np.zeros(length, np.float32), language=None, vocabulary=())

    assert found.words == ()


@pytest.mark.parametrize("name", ["economics", "hashing-1"])
def test_where_noise_drowns_the_speaker_no_phrase_is_repeated_endlessly(
    tiny: Recognizer, name: str
) -> None:
    spoken = sound(f"lectures/{name}.ogg")[: 60 * SAMPLE_RATE]
    level = float(np.sqrt(np.square(spoken).mean()))
    noise = np.random.default_rng(1).normal(0, 2 * level, len(spoken))

    found = tiny.recognize((spoken + noise).astype(np.float32), language=None, vocabulary=())

    text = " ".join(word.text for word in found.words).encode()
    # Plain speech of this length has 2.1, and what is sampled varies from run to run. Left
    # alone, the model says one phrase a hundred times: 4.5 and more.
    assert len(text) / len(zlib.compress(text)) < 3.5


def test_joined_weights_are_the_published_ones_and_a_changed_byte_is_noticed(
    base: Recognizer, weights_cache: Path, tmp_path: Path
) -> None:
    assert base.model == "base"
    joined = weights_cache / "packages" / "base"
    copy = tmp_path / "packages" / "base"
    copy.mkdir(parents=True)
    for file in joined.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    with (copy / "model.bin").open("r+b") as weights:
        weights.seek(1_000_000)
        weights.write(b"?")

    with pytest.raises(ModelUnavailableError, match="not the published one"):
        packaged_recognizer("base", tmp_path)

"""Real speech through the real model (tiny.en, and base where a language must be told)."""

import csv
import hashlib
import io
import re
import zlib
from pathlib import Path

import numpy as np
import pytest
from faster_whisper.feature_extractor import FeatureExtractor

from functions.transcribe.audio import SAMPLE_RATE, as_float
from functions.transcribe.audio.flac import encode_flac
from functions.transcribe.recognizers.base import Recognizer
from functions.transcribe.speech.pieces import Speech, speech_in
from functions.transcribe.speech.regions import Region
from functions.transcribe.weights.digests import PUBLISHED
from shared.documents.transcript import Transcript
from shared.errors import ModelUnavailableError
from shared.speech.recognition import Recognition
from tests.support.sound.recognizers import packaged_recognizer
from tests.support.sound.sounds import NOT_SPEECH, Sound, not_speech, recorded
from tests.support.sound.speech import transcribe
from tests.support.tiers import slow_but

DATA = Path(__file__).parents[2] / "data"


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
    return as_float(recorded(name))


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
    with (DATA / "lectures/economics.ogg").open("rb") as recording:
        return transcribe(tiny, recording, target_sec=60)


@pytest.mark.selection
def test_a_lecture_is_transcribed_nearly_word_for_word(transcript: Transcript) -> None:
    expected = plain((DATA / "lectures/economics.txt").read_text())

    errors = word_errors(expected, plain(transcript.text))

    assert errors / len(expected) < 0.06


@pytest.mark.selection
def test_utterances_are_the_sentences_of_the_lecture(transcript: Transcript) -> None:
    expected = re.findall(r"[^.?!]+[.?!]", (DATA / "lectures/economics.txt").read_text())

    assert len(transcript.utterances) == pytest.approx(len(expected), rel=0.15)
    assert all(one.end_sec - one.start_sec < 20 for one in transcript.utterances)


@pytest.mark.selection
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


@pytest.mark.selection
def test_people_are_understood(tiny: Recognizer) -> None:
    with (DATA / "speech/transcripts.tsv").open(newline="") as table:
        recordings = list(csv.DictReader(table, delimiter="\t"))

    errors = words = 0
    for recording in recordings:
        expected = plain(recording["text"].replace("mister", "mr"))
        found = tiny.recognize(
            speech_in(sound(f"speech/{recording['file']}")), language="en", vocabulary=()
        )
        errors += word_errors(expected, plain(" ".join(word.text for word in found.words)))
        words += len(expected)

    assert errors / words < 0.1


@pytest.mark.parametrize("vocabulary", [(), ("supply", "demand", "equilibrium", "Rubisco")])
@pytest.mark.parametrize("name", slow_but(("silence", "hum", "noise", "music"), NOT_SPEECH))
@pytest.mark.parametrize(
    "seed", [7, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (9, 10))]
)
def test_of_what_is_no_speech_no_word_is_made(
    tiny: Recognizer, name: str, seed: int, vocabulary: tuple[str, ...]
) -> None:
    noise = not_speech(name, 40, seed=seed)

    found = tiny.recognize(speech_in(noise), language=None, vocabulary=vocabulary)

    assert found.words == ()


@pytest.mark.slow
@pytest.mark.parametrize("name", slow_but(("silence",), ("silence", "hum", "music")))
def test_nor_of_ten_minutes_of_it(tiny: Recognizer, name: str) -> None:
    recording = encode_flac(np.round(not_speech(name, 600) * 32767).astype(np.int16))

    assert transcribe(tiny, io.BytesIO(recording), target_sec=300).utterances == ()


@pytest.mark.slow
@pytest.mark.parametrize("name", slow_but(("silence",), ("silence", "hum", "noise", "music")))
def test_a_long_break_neither_costs_nor_adds_words(tiny: Recognizer, name: str) -> None:
    spoken = sound("speech/jfk-1961.flac")
    alone = tiny.recognize(speech_in(spoken), language="en", vocabulary=())
    rest = not_speech(name, 40)

    around = tiny.recognize(
        speech_in(np.concatenate((spoken, rest, spoken))),
        language="en",
        vocabulary=("inauguration",),
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


@pytest.mark.slow
def test_a_piece_is_heard_from_its_first_sample_wherever_it_is_in_the_segment(
    tiny: Recognizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Such ends of pieces are just below a sample once they were seconds.
    first, second = (
        next(n for n in range(low, 2 * low) if int(n / SAMPLE_RATE * SAMPLE_RATE) < n)
        for low in (256_000, 512_000)
    )
    spoken = sound("lectures/economics.ogg")[: second + 300_000]
    regions = (Region(0, first), Region(first, second), Region(second, len(spoken)))
    heard: list[Sound] = []
    features = FeatureExtractor.__call__

    def listen(extractor: object, waveform: Sound) -> object:
        heard.append(waveform)
        return features(extractor, waveform)

    monkeypatch.setattr(FeatureExtractor, "__call__", listen)
    tiny.recognize(Speech(spoken, regions), language="en", vocabulary=())

    for region, waveform in zip(regions, heard[:3], strict=True):
        np.testing.assert_array_equal(waveform, spoken[region.start : region.end])


@pytest.mark.selection
def test_a_hint_corrects_the_spelling_of_a_term(base: Recognizer) -> None:
    lecture = sound("lectures/hashing-2.ogg")[155 * SAMPLE_RATE : 175 * SAMPLE_RATE]

    def heard(*vocabulary: str) -> str:
        found = base.recognize(speech_in(lecture), language="en", vocabulary=vocabulary)
        return " ".join(word.text for word in found.words).lower()

    assert "cuckoo hashing" not in heard()
    assert "cuckoo hashing" in heard("cuckoo hashing")


@pytest.mark.slow
def test_the_language_is_told_from_the_speech(base: Recognizer) -> None:
    found = base.recognize(speech_in(sound("speech/jfk-1961.flac")), language=None, vocabulary=())

    assert found.language == "en"
    assert found.language_probability > 0.9
    assert base.detect_language(speech_in(sound("speech/jfk-1961.flac"))).language == "en"
    assert base.detect_language(speech_in(np.zeros(SAMPLE_RATE, np.float32))).language == "und"


def text_of(found: Recognition) -> str:
    return " ".join(word.text for word in found.words).lower()


@pytest.mark.selection
def test_what_is_surely_in_another_language_is_recognized_in_its_own_unless_strict(
    base: Recognizer,
) -> None:
    german = speech_in(sound("speech/vulkane-de.ogg")[: 18 * SAMPLE_RATE])

    told = base.recognize(german, language="en", vocabulary=())
    ordered = base.recognize(german, language="en", vocabulary=(), strict=True)

    assert (told.language, ordered.language) == ("de", "en")
    assert {"und", "heute"} <= set(plain(text_of(told)))
    # How much of it Whisper turns into English differs between processors; some it always does.
    assert ordered.languages == ()
    assert text_of(ordered) != text_of(told)


@pytest.mark.slow
def test_each_stretch_of_a_lecture_is_recognized_in_its_own_language(base: Recognizer) -> None:
    first = sound("lectures/economics.ogg")[: 42 * SAMPLE_RATE]
    german = sound("speech/vulkane-de.ogg")
    last = sound("lectures/photosynthesis.ogg")[30 * SAMPLE_RATE : 75 * SAMPLE_RATE]

    found = base.recognize(
        speech_in(np.concatenate((first, german, last))), language="en", vocabulary=()
    )

    assert [each.language for each in found.languages] == ["en", "de", "en"]
    changes = [each.start_sec for each in found.languages[1:]]
    # A window of speech at most that has both.
    assert changes == pytest.approx([42, 42 + len(german) / SAMPLE_RATE], abs=8)
    assert "the supply curve answers the opposite question" in text_of(found)
    assert {"magma", "und", "heute", "die"} <= set(plain(text_of(found)))
    assert "the carbon in the wood was once carbon dioxide" in text_of(found)
    assert found.language == "en"


@pytest.mark.slow
def test_an_english_model_withholds_and_counts_what_is_not_english(tiny: Recognizer) -> None:
    english = sound("lectures/economics.ogg")[: 20 * SAMPLE_RATE]
    german = sound("speech/vulkane-de.ogg")

    found = tiny.recognize(
        speech_in(np.concatenate((english, german))), language=None, vocabulary=()
    )

    assert "the price of coffee" in text_of(found)
    invented = [word for word in found.words if word.start_sec > 24]
    assert len(invented) < 20 or found.uncertain_sec >= 10


@pytest.mark.slow
def test_a_sentence_that_is_said_ten_times_is_there_ten_times(base: Recognizer) -> None:
    lecture = sound("lectures/economics.ogg")
    sentence = lecture[20 * SAMPLE_RATE : round(23.6 * SAMPLE_RATE)]
    drill = [lecture[: 19 * SAMPLE_RATE], *[sentence] * 10, lecture[28 * SAMPLE_RATE :][:320_000]]

    found = base.recognize(speech_in(np.concatenate(drill)), language="en", vocabulary=())

    assert text_of(found).count("how much would people like to buy") == 10
    assert "let us get started" in text_of(found)


def test_a_language_the_model_does_not_know_is_refused(base: Recognizer) -> None:
    with pytest.raises(ModelUnavailableError, match="xx"):
        base.recognize(speech_in(sound("speech/jfk-1961.flac")), language="xx", vocabulary=())


def test_an_english_model_hears_english_whatever_it_is_asked_for(tiny: Recognizer) -> None:
    found = tiny.recognize(speech_in(sound("speech/jfk-1961.flac")), language="de", vocabulary=())

    assert found.language == "en"
    assert "country" in [word.text.strip(",.").lower() for word in found.words]


@pytest.mark.parametrize("length", [0, 1, 100, 511, 8_000])
def test_a_segment_of_next_to_nothing_is_no_error(tiny: Recognizer, length: int) -> None:
    found = tiny.recognize(speech_in(np.zeros(length, np.float32)), language=None, vocabulary=())

    assert found.words == ()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["economics", "hashing-1"])
def test_where_noise_drowns_the_speaker_no_phrase_is_repeated_endlessly(
    tiny: Recognizer, name: str
) -> None:
    spoken = sound(f"lectures/{name}.ogg")[: 60 * SAMPLE_RATE]
    level = float(np.sqrt(np.square(spoken).mean()))
    noise = np.random.default_rng(1).normal(0, 2 * level, len(spoken))

    found = tiny.recognize(
        speech_in((spoken + noise).astype(np.float32)), language=None, vocabulary=()
    )

    text = " ".join(word.text for word in found.words).encode()
    # Plain speech of this length has 2.1, and what is sampled varies from run to run. Left
    # alone, the model says one phrase a hundred times: 4.5 and more.
    assert len(text) / len(zlib.compress(text)) < 3.5


def test_joined_weights_are_the_published_ones_and_made_anew_when_a_byte_has_changed(
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

    packaged_recognizer("base", tmp_path)

    with (copy / "model.bin").open("rb") as weights:
        assert hashlib.file_digest(weights, "sha256").hexdigest() == PUBLISHED["base"].sha256

"""Recordings that people have reported to tools like this one: what is said in them is heard.

Each is made of a test lecture's speech, is decoded with its tracks chosen, cut, recognized and
joined, and compared with what is heard in the undamaged speech.
"""

import io
import itertools
import re
import zipfile
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass
from difflib import SequenceMatcher
from fractions import Fraction
from functools import cache

import av
import numpy as np
import pytest
from av.audio.frame import AudioFrame

from functions.export.formats.captions.cutting import captions
from functions.transcribe.audio import SAMPLE_RATE, Samples, as_float
from functions.transcribe.audio.recording import decoded_recording
from functions.transcribe.audio.report import DecodingReport
from functions.transcribe.audio.warnings import warnings_of
from functions.transcribe.recognizers.base import Recognizer
from functions.transcribe.speech.cutting import cut
from shared.documents.transcript import Transcript
from shared.documents.warnings import WarningCode
from shared.errors import NotAudioError, RecordingIncompleteError
from tests.support.sound.audio import Track, as_file, from_channels, with_tracks
from tests.support.sound.recognizers import packaged_recognizer
from tests.support.sound.sounds import not_speech, recorded, silence
from tests.support.sound.speech import transcribe_segments

SPOKEN_SEC = 25
FIRST_WORD_SEC = 0.4
LEFT_ON_SEC = 900, 330
SEGMENT_SEC = 300
ALIKE = 0.93
"""Words in common with those of the undamaged speech, whatever a codec changes."""


@dataclass(frozen=True)
class Heard:
    transcript: Transcript
    warnings: frozenset[str]

    @property
    def words(self) -> list[str]:
        return words(self.transcript)

    @property
    def first_sec(self) -> float:
        return self.transcript.utterances[0].words[0].start_sec


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Recognizer:
    return packaged_recognizer("tiny.en", tmp_path_factory.mktemp("weights"), threads=2)


@pytest.fixture(scope="module")
def said(tiny: Recognizer) -> list[str]:
    """What is heard in the undamaged speech."""
    return hear(tiny, as_file(speech(), container="wav", codec="pcm_s16le")).words


@cache
def speech(seconds: float = SPOKEN_SEC, lecture: str = "economics") -> Samples:
    return recorded(f"lectures/{lecture}.ogg")[: round(seconds * SAMPLE_RATE)]


def hear(recognizer: Recognizer, file: bytes, *, language: str | None = None) -> Heard:
    report = DecodingReport()
    with decoded_recording(
        lambda: nullcontext(io.BytesIO(file)), language=language, report=report
    ) as blocks:
        transcript = transcribe_segments(recognizer, cut(blocks, target_sec=SEGMENT_SEC))
    return Heard(transcript, frozenset(each.code for each in warnings_of(report)))


def words(transcript: Transcript) -> list[str]:
    return re.sub(r"[^a-z ]", " ", transcript.text.lower()).split()


def alike(found: list[str], expected: list[str]) -> float:
    return SequenceMatcher(None, found, expected, autojunk=False).ratio()


def stereo(left: float, right: float, *, codec: str = "flac", container: str = "flac") -> bytes:
    mono = as_float(speech())
    channels = np.vstack([left * mono, right * mono])
    return from_channels(channels, codec=codec, container=container, rate=SAMPLE_RATE)


def louder(decibels: float, *, codec: str, container: str = "wav") -> bytes:
    """What the codec's samples cannot hold is cut off."""
    mono = as_float(speech()) * 10 ** (decibels / 20)
    if codec != "pcm_f32le":
        mono = np.clip(mono, -1, 1)
    return from_channels(mono.reshape(1, -1), codec=codec, container=container, rate=SAMPLE_RATE)


# --- channels and levels ---


@pytest.mark.slow
@pytest.mark.parametrize(
    "file",
    [
        pytest.param(lambda: stereo(1, -1), id="opposite"),
        pytest.param(
            lambda: stereo(1, -0.89, codec="aac", container="mp4"),
            id="opposite and weaker, lossy",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_channels_of_opposite_phase(
    tiny: Recognizer, said: list[str], file: Callable[[], bytes]
) -> None:
    heard = hear(tiny, file())

    assert alike(heard.words, said) > ALIKE
    assert heard.warnings == {WarningCode.OPPOSITE_PHASE}


@pytest.mark.slow
@pytest.mark.parametrize(("left", "right"), [(0, 0.5), (0.5, 0)])
def test_speech_in_one_channel_only(
    tiny: Recognizer, said: list[str], left: float, right: float
) -> None:
    heard = hear(tiny, stereo(left, right, codec="aac", container="mp4"))

    assert alike(heard.words, said) > ALIKE
    assert not heard.warnings


@pytest.mark.slow
def test_a_very_quiet_recording(tiny: Recognizer, said: list[str]) -> None:
    heard = hear(tiny, louder(-52, codec="pcm_s24le"))

    assert alike(heard.words, said) > ALIKE


@pytest.mark.slow
def test_a_float_recording_far_beyond_full_scale(tiny: Recognizer, said: list[str]) -> None:
    heard = hear(tiny, louder(30, codec="pcm_f32le"))

    assert alike(heard.words, said) > ALIKE
    assert heard.warnings == {WarningCode.BEYOND_FULL_SCALE}


@pytest.mark.slow
@pytest.mark.parametrize(("codec", "container"), [("pcm_s16le", "wav"), ("mp3", "mp3")])
def test_a_clipped_recording(tiny: Recognizer, said: list[str], codec: str, container: str) -> None:
    heard = hear(tiny, louder(30, codec=codec, container=container))

    # What is cut off is lost: words, not all of them.
    assert alike(heard.words, said) > 0.6
    assert heard.warnings & {WarningCode.CLIPPED, WarningCode.BEYOND_FULL_SCALE}


# --- tracks and times ---


@pytest.mark.slow
@pytest.mark.parametrize("container", [pytest.param("matroska", marks=pytest.mark.slow), "mp4"])
def test_a_second_track_that_carries_the_speech(
    tiny: Recognizer, said: list[str], container: str
) -> None:
    tracks = [Track(silence(SPOKEN_SEC)), Track(speech())]

    heard = hear(tiny, with_tracks(tracks, container=container))

    assert alike(heard.words, said) > ALIKE
    assert heard.warnings == {WarningCode.SEVERAL_TRACKS}


@pytest.mark.slow
@pytest.mark.parametrize("container", ["matroska", "mp4"])
@pytest.mark.parametrize("late_sec", [5, 12])
def test_sound_that_begins_after_the_picture(
    tiny: Recognizer, said: list[str], container: str, late_sec: int
) -> None:
    file = with_tracks(
        [Track(speech(), start_sec=late_sec)],
        container=container,
        picture_sec=SPOKEN_SEC + late_sec + 5,
    )

    heard = hear(tiny, file)

    assert alike(heard.words, said) > ALIKE
    assert heard.first_sec == pytest.approx(late_sec + FIRST_WORD_SEC, abs=0.4)
    assert captions(heard.transcript)[0].start_ms / 1000 == pytest.approx(
        late_sec + FIRST_WORD_SEC, abs=0.5
    )


# --- long silence, speed, music ---


@pytest.mark.slow
def test_a_recorder_that_was_left_on(tiny: Recognizer) -> None:
    """A quarter of an hour of faint noise, a minute of speech, five of noise, a minute of speech.

    Each stretch of noise is longer than a segment, so that there are segments without speech.
    """
    first, second = speech(60), speech(60, "photosynthesis")
    before, between = LEFT_ON_SEC
    noise = np.random.default_rng(8).normal(0, 12, (before + between) * SAMPLE_RATE)
    faint = noise.astype(np.int16)
    sound = np.concatenate(
        (faint[: before * SAMPLE_RATE], first, faint[before * SAMPLE_RATE :], second)
    )

    heard = hear(tiny, as_file(sound, container="ogg", codec="libopus", rate=48_000))

    starts = [utterance.start_sec for utterance in heard.transcript.utterances]
    again = before + 60 + between
    assert starts[0] == pytest.approx(before + 0.5, abs=0.6)
    assert min(start for start in starts if start > before + 100) == pytest.approx(
        again + 0.5, abs=1
    )
    assert not [start for start in starts if before + 62 < start < again - 1]
    assert captions(heard.transcript)[0].start_ms >= before * 1_000


def faster(samples: Samples, speed: float) -> Samples:
    """The same pitch at another speed (FFmpeg's `atempo`)."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(
        sample_rate=SAMPLE_RATE, format="s16", layout="mono", time_base=Fraction(1, SAMPLE_RATE)
    )
    tempo, sink = graph.add("atempo", str(speed)), graph.add("abuffersink")
    source.link_to(tempo)
    tempo.link_to(sink)
    graph.configure()
    frame = AudioFrame.from_ndarray(samples.reshape(1, -1), "s16", "mono")
    frame.sample_rate, frame.pts = SAMPLE_RATE, 0
    graph.push(frame)
    graph.push(None)
    pieces = []
    while True:
        try:
            pieces.append(graph.pull().to_ndarray().reshape(-1))
        except (av.BlockingIOError, av.EOFError):
            return np.concatenate(pieces)


@pytest.mark.slow
def test_captions_of_fast_speech_have_their_length(tiny: Recognizer) -> None:
    spoken = faster(speech(120, "hashing-1"), 1.9)
    assert len(spoken) / SAMPLE_RATE == pytest.approx(120 / 1.9, rel=0.02)

    found = captions(
        hear(tiny, as_file(spoken, container="ogg", codec="libopus", rate=48_000)).transcript
    )

    assert len(found) > 10
    times = [(each.start_ms, each.end_ms) for each in found]
    assert all(start < end for start, end in times)
    assert all(end <= start for (_, end), (start, _) in itertools.pairwise(times))
    assert sum(end - start < 833 for start, end in times) <= len(times) / 20


@pytest.mark.slow
def test_words_are_heard_over_music_and_none_in_it(tiny: Recognizer, said: list[str]) -> None:
    music = not_speech("music", 25 + SPOKEN_SEC) * 0.35
    music[25 * SAMPLE_RATE :] += as_float(speech())
    file = from_channels(
        np.clip(music, -1, 1).reshape(1, -1), codec="aac", container="mp4", rate=SAMPLE_RATE
    )

    heard = hear(tiny, file)

    assert heard.first_sec >= 25
    assert alike(heard.words, said) > 0.8


# --- files as recorders leave them ---


def unfinished(data: bytes, *, named: int = 0) -> bytes:
    """A WAV whose header was last written when it had `named` bytes of sound."""
    at = data.index(b"data")
    riff = (named + at if named else 0).to_bytes(4, "little")
    return data[:4] + riff + data[8 : at + 4] + named.to_bytes(4, "little") + data[at + 8 :]


def chained(container: str, *forms: tuple[str, int, str]) -> bytes:
    """The speech in parts of different form, joined by copying one behind the other."""
    parts = np.array_split(speech(), len(forms))
    return b"".join(
        as_file(part, container=container, codec=codec, rate=rate, layout=layout)
        for part, (codec, rate, layout) in zip(parts, forms, strict=True)
    )


FILES = {
    "a WAV whose header names no sound": lambda: unfinished(
        as_file(speech(), container="wav", codec="pcm_s16le", rate=44_100)
    ),
    "a WAV whose header names five seconds": lambda: unfinished(
        as_file(speech(), container="wav", codec="pcm_s16le"), named=5 * 32_000
    ),
    "telephone": lambda: as_file(speech(), container="wav", codec="pcm_mulaw", rate=8_000),
    "Ogg chained in rate and channels": lambda: chained(
        "ogg", ("vorbis", 44_100, "stereo"), ("vorbis", 16_000, "stereo")
    ),
    "Ogg chained in rate": lambda: chained(
        "ogg", ("vorbis", 22_050, "stereo"), ("vorbis", 44_100, "stereo")
    ),
    "Opus chained in channels": lambda: chained(
        "ogg", ("libopus", 48_000, "mono"), ("libopus", 48_000, "stereo")
    ),
}
LEAST_ALIKE = {"telephone": 0.85}


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=() if "five seconds" in name else pytest.mark.slow)
        for name in FILES
    ],
)
def test_all_of_the_speech_is_heard(tiny: Recognizer, said: list[str], name: str) -> None:
    heard = hear(tiny, FILES[name]())

    assert heard.transcript.duration_sec == pytest.approx(SPOKEN_SEC, abs=0.3)
    # A word at the joint of two parts may suffer.
    assert alike(heard.words, said) > LEAST_ALIKE.get(name, 0.9)
    assert heard.warnings == ({WarningCode.SEVERAL_RECORDINGS} if "chained" in name else set())


def test_an_mp4_without_its_index_says_what_to_do(tiny: Recognizer) -> None:
    file = as_file(speech(), container="mp4", codec="aac")

    with pytest.raises(RecordingIncompleteError, match="export it again"):
        hear(tiny, file[: len(file) * 7 // 10])


def test_an_archive_is_refused_as_one(tiny: Recognizer) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("t.m4a", as_file(speech(), container="mp4", codec="aac"))

    with pytest.raises(NotAudioError, match="archive"):
        hear(tiny, data.getvalue())

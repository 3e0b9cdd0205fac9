import io
import struct
import subprocess
import sys
import wave
import zipfile
from pathlib import Path

import av
import numpy as np
import pytest

from functions.ingest.uploads.probe import probe
from functions.transcribe.audio import decode
from shared.errors import NotAudioError, TransientError, UploadTooLongError
from tests.support.hostile.requests import impossible_headers, mp4_listing
from tests.support.sound.audio import as_file, claiming, video_only, without_webm_duration
from tests.support.sound.sounds import tone
from tests.support.sound.speech import LECTURES
from tests.unit.transcribe.audio.test_audio import FailingStorage

pytestmark = pytest.mark.heavy


def test_a_recording_is_described() -> None:
    with (LECTURES / "economics.ogg").open("rb") as stream:
        found = probe(stream)

    assert (found.container, found.codec, found.sample_rate, found.channels) == (
        "ogg",
        "opus",
        48_000,
        1,
    )
    assert found.duration_sec == pytest.approx(196.9, abs=0.1)


def test_a_live_recording_has_no_duration_yet() -> None:
    data = as_file(tone(3), container="webm", codec="libopus", rate=48_000)
    live = without_webm_duration(data)

    assert probe(io.BytesIO(live)).duration_sec is None


def test_only_the_beginning_is_read() -> None:
    class Counting(io.BytesIO):
        total = 0

        def read(self, size: int | None = -1) -> bytes:
            data = super().read(size)
            self.total += len(data)
            return data

    noise = np.random.default_rng(0).integers(-9000, 9000, 600 * 16_000).astype(np.int16)
    stream = Counting(as_file(noise, container="flac", codec="flac"))

    assert probe(stream).duration_sec == pytest.approx(600)
    assert stream.total < len(stream.getvalue()) / 4


def test_a_recording_that_begins_with_rubbish_is_still_a_recording() -> None:
    data = as_file(tone(20), container="mp3", codec="mp3", rate=44_100)

    assert probe(io.BytesIO(data[4000:])).codec.startswith("mp3")


def _zip() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("lecture.wav", as_file(tone(3), container="wav", codec="pcm_s16le"))
    return file.getvalue()


def _image() -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="image2pipe") as output:
        stream = output.add_stream("png", rate=1)
        stream.width, stream.height, stream.pix_fmt = 64, 64, "rgb24"
        output.mux(stream.encode(av.VideoFrame(64, 64, "rgb24")))
        output.mux(stream.encode(None))
    return file.getvalue()


NOT_RECORDINGS = {
    "nothing": (b"", "empty"),
    "text": (b"Today we will talk about photosynthesis.\n" * 500, "not a recording"),
    "noise bytes": (np.random.default_rng(3).bytes(200_000), "not a recording"),
    "image": (_image(), "an image"),
    "zip": (_zip(), "zip archive"),
    "pdf": (b"%PDF-1.7\n" + b"x" * 5000, "PDF"),
    "web page": (b"<!DOCTYPE html><html><body>hello</body></html>", "web page"),
    "silent video": (video_only(2), "video without sound"),
    "playlist": (b"#EXTM3U\n#EXTINF:10,\nhttps://example.org/lecture.ts\n", "playlist"),
    "stream description": (
        b"v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n"
        b"m=audio 5004 RTP/AVP 0\r\n",
        "stream description",
    ),
    "dash manifest": (
        b'<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"'
        b' profiles="urn:mpeg:dash:profile:isoff-on-demand:2011"></MPD>',
        "not a recording",
    ),
}


@pytest.mark.parametrize("name", NOT_RECORDINGS)
def test_what_is_no_recording_is_refused_with_a_reason(name: str) -> None:
    data, reason = NOT_RECORDINGS[name]

    with pytest.raises(NotAudioError, match=reason):
        probe(io.BytesIO(data))
    with pytest.raises(NotAudioError, match=reason):
        list(decode(io.BytesIO(data)))


@pytest.mark.parametrize(
    "script",
    [
        "ffconcat version 1.0\nfile {name}\n",
        "ffconcat version 1.0\nfile file:{path}\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nfile://{path}\n#EXT-X-ENDLIST\n",
        "#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nconcat:{path}\n#EXT-X-ENDLIST\n",
    ],
)
def test_an_upload_cannot_make_the_server_open_another_file(
    script: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret.wav"
    with wave.open(str(secret), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16_000)
        file.writeframes(tone(9).tobytes())
    monkeypatch.chdir(tmp_path)
    upload = script.format(name=secret.name, path=secret).encode()
    if "{name}" in script:
        # FFmpeg left to itself does open this one.
        with av.open(io.BytesIO(upload), "r") as unguarded:
            assert next(unguarded.decode(audio=0)).samples

    with pytest.raises(NotAudioError):
        probe(io.BytesIO(upload))
    with pytest.raises(NotAudioError):
        list(decode(io.BytesIO(upload)))


@pytest.mark.parametrize("reads", [0, 1])
def test_a_storage_outage_is_not_blamed_on_the_upload(reads: int) -> None:
    data = as_file(tone(60), container="wav", codec="pcm_s16le")

    with pytest.raises(TransientError):
        probe(FailingStorage(data, reads=reads))


KINDS = {
    "wav": ("wav", "pcm_s16le", 16_000),
    "flac": ("flac", "flac", 16_000),
    "ogg": ("ogg", "libopus", 48_000),
    "mp3": ("mp3", "mp3", 44_100),
    "mp4": ("mp4", "aac", 44_100),
    "webm": ("webm", "libopus", 48_000),
    "aac": ("adts", "aac", 44_100),
    "mpegts": ("mpegts", "aac", 44_100),
}


@pytest.mark.parametrize("kind", KINDS)
def test_what_a_header_claims_beyond_the_limit_is_counted(kind: str) -> None:
    container, codec, rate = KINDS[kind]
    data = as_file(tone(5), container=container, codec=codec, rate=rate)

    with pytest.raises(UploadTooLongError, match="hours"):
        probe(io.BytesIO(data), max_sec=4.0)
    assert probe(io.BytesIO(data), max_sec=5.5).duration_sec == pytest.approx(5, abs=0.1)


def test_a_header_that_exaggerates_does_not_cost_the_student_the_upload() -> None:
    data = claiming(as_file(tone(5), container="flac", codec="flac"), hours=300)

    assert probe(io.BytesIO(data)).duration_sec == pytest.approx(300 * 3600)
    assert probe(io.BytesIO(data), max_sec=60).duration_sec == pytest.approx(5)


def test_a_header_that_says_nothing_is_not_counted_up() -> None:
    data = as_file(tone(5), container="webm", codec="libopus", rate=48_000)

    assert probe(io.BytesIO(without_webm_duration(data)), max_sec=1).duration_sec is None


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_a_small_file_that_lists_a_billion_packets_takes_no_memory() -> None:
    data = mp4_listing(as_file(tone(2), container="mp4", codec="aac", rate=44_100), 80_000_000)
    script = (
        "import io, re, sys\n"
        "from functions.ingest.uploads.probe import probe\n"
        "from shared.errors import NotAudioError\n"
        "try: probe(io.BytesIO(sys.stdin.buffer.read()))\n"
        # Not `ru_maxrss`: a child starts with that of the process it was forked from.
        "except NotAudioError: print(re.search(r'VmHWM:\\s+(\\d+)',\n"
        "                            open('/proc/self/status').read())[1])\n"
    )

    ran = subprocess.run(
        [sys.executable, "-c", script], input=data, capture_output=True, check=True
    )

    assert int(ran.stdout) < 400_000  # KiB


def test_tags_in_another_encoding_than_utf8_do_not_refuse_a_recording() -> None:
    """Recorders and phones of some makers write Latin-1 or Shift JIS."""
    title = "Vorlesung \u00fcber Str\u00f6mung".encode("latin-1")
    chunk = b"INAM" + struct.pack("<I", len(title)) + title + b"\0" * (len(title) % 2)
    info = b"LIST" + struct.pack("<I", 4 + len(chunk)) + b"INFO" + chunk
    sound = as_file(tone(1), container="wav", codec="pcm_s16le")
    body = sound[8:12] + info + sound[12:]
    tagged = b"RIFF" + struct.pack("<I", len(body)) + body

    assert probe(io.BytesIO(tagged)).codec == "pcm_s16le"
    assert sum(len(block) for block in decode(io.BytesIO(tagged))) == 16_000


def test_sound_that_cannot_be_made_one_channel_is_no_recording() -> None:
    data = impossible_headers()["64 channels"]

    with pytest.raises(NotAudioError, match="form"):
        probe(io.BytesIO(data))
    with pytest.raises(NotAudioError, match="form"):
        list(decode(io.BytesIO(data)))

"""What is relied on of PyAV and FFmpeg beyond the signatures that PyAV's stubs declare."""

import ctypes
import io
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
from av.audio.fifo import AudioFifo
from av.audio.frame import AudioFrame
from av.audio.layout import AudioLayout
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.stream import Disposition

from functions.transcribe.audio import SAMPLE_RATE
from functions.transcribe.audio.flac import encode_flac
from shared.containers import opening as audio_container
from shared.containers.opening import CONTAINERS, LARGEST_ALLOCATION_BYTES
from tests.support.sound.audio import as_file, video_only
from tests.support.sound.sounds import tone


class BareStream:
    """No more than the four methods that PyAV is given of a stored object."""

    def __init__(self, data: bytes) -> None:
        self._file = io.BytesIO(data)

    def read(self, size: int) -> bytes:
        return self._file.read(size)

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()

    def seekable(self) -> bool:
        return True


@contextmanager
def opened(data: bytes, **arguments: Any) -> Iterator[InputContainer]:
    container = av.open(BareStream(data), "r", **arguments)
    with container:
        yield container


def sound_file() -> bytes:
    return encode_flac(tone(2))


def frames_of(container: InputContainer) -> list[AudioFrame]:
    return list(container.decode(audio=0))


def test_open_reads_an_object_with_read_seek_tell_and_seekable() -> None:
    with opened(sound_file()) as container:
        assert sum(frame.samples for frame in frames_of(container)) == 2 * SAMPLE_RATE


def test_open_takes_the_arguments_of_an_upload() -> None:
    with audio_container.open_audio(io.BytesIO(sound_file())) as (container, track):
        assert isinstance(container, InputContainer)
        assert isinstance(track, AudioStream)


@pytest.mark.parametrize("name", CONTAINERS)
def test_ffmpeg_has_the_demuxer_of_each_allowed_container(name: str) -> None:
    demuxers = {alias for found in av.formats_available for alias in found.split(",")}

    assert name in demuxers


def test_format_whitelist_keeps_other_demuxers_out() -> None:
    with (
        pytest.raises(av.FFmpegError),
        opened(sound_file(), options={"format_whitelist": "wav,mp3"}),
    ):
        pass


@pytest.mark.parametrize("container", ["matroska", "mp4", "mpegts"])
def test_max_streams_bounds_the_tracks_of_a_file(container: str) -> None:
    film = as_file(tone(1), container=container, codec="aac", video=True)

    try:
        with opened(film, options={"max_streams": "1"}) as found:
            assert len(found.streams) == 1
    except av.FFmpegError as refused:
        assert isinstance(refused, MemoryError)


def test_io_open_is_asked_for_a_second_file_and_its_refusal_propagates() -> None:
    asked: list[str] = []

    def refuse(url: str, flags: int, options: dict[str, str]) -> Any:
        asked.append(url)
        raise PermissionError(url)

    playlist = b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nother.ts\n#EXT-X-ENDLIST\n"
    with pytest.raises(PermissionError), opened(playlist, format="hls", io_open=refuse):
        pass

    assert asked == ["other.ts"]


def test_an_exception_of_the_stream_propagates_or_becomes_an_ffmpeg_error() -> None:
    class Broken(BareStream):
        def read(self, size: int) -> bytes:
            raise ConnectionResetError

    with pytest.raises((ConnectionResetError, av.FFmpegError)):
        av.open(Broken(b""), "r")


def test_undecodable_tags_do_not_prevent_opening() -> None:
    chunk = b"INAM" + struct.pack("<I", 4) + b"\xfc\xf6\xe4\xff"
    info = b"LIST" + struct.pack("<I", 4 + len(chunk)) + b"INFO" + chunk
    sound = as_file(tone(1), container="wav", codec="pcm_s16le")
    body = sound[8:12] + info + sound[12:]
    tagged = b"RIFF" + struct.pack("<I", len(body)) + body

    with opened(tagged, **audio_container.METADATA_OPTIONS) as container:
        assert container.metadata["title"].encode(errors="surrogateescape") == b"\xfc\xf6\xe4\xff"


def test_libavutil_is_where_its_allocations_are_bounded() -> None:
    """Without the library the bound would silently be missing."""
    libraries = audio_container.avutil_libraries(Path(av.__file__).parent)

    assert len(libraries) == 1
    loaded = ctypes.CDLL(str(libraries[0]))
    loaded.av_malloc.restype = ctypes.c_void_p
    assert loaded.av_malloc(ctypes.c_size_t(LARGEST_ALLOCATION_BYTES + 1)) is None
    loaded.av_free(ctypes.c_void_p(loaded.av_malloc(ctypes.c_size_t(1024))))


@pytest.mark.parametrize("place", ["av.libs/libavutil-5.so.60", "av/.dylibs/libavutil.60.dylib"])
def test_libavutil_is_found_in_the_layout_of_linux_and_of_macos(tmp_path: Path, place: str) -> None:
    library = tmp_path / place
    library.parent.mkdir(parents=True)
    library.touch()

    assert audio_container.avutil_libraries(tmp_path / "av") == [library]


def test_best_is_none_without_a_track_of_that_kind() -> None:
    with opened(video_only(1)) as container:
        assert container.streams.best("audio") is None
        assert len(container.streams.video) == 1


def test_a_track_without_a_decoder_has_no_codec_context() -> None:
    sound = bytearray(as_file(tone(1), container="wav", codec="pcm_s16le"))
    sound[20:22] = b"\xfe\x7f"  # a format tag that no codec has

    with opened(bytes(sound)) as container:
        track = container.streams.best("audio")
        assert isinstance(track, AudioStream)
        assert track.codec_context is None


def test_a_cover_is_marked_as_attached_picture() -> None:
    assert Disposition.attached_pic
    film = as_file(tone(1), container="matroska", codec="flac", video=True)
    with opened(film) as container:
        assert not container.streams.video[0].disposition & Disposition.attached_pic


def test_durations_are_in_the_tracks_and_the_containers_time_base() -> None:
    with opened(sound_file()) as container:
        track = container.streams.audio[0]
        assert track.duration is not None
        assert track.time_base is not None
        assert float(track.duration * track.time_base) == pytest.approx(2)
        assert container.duration is not None
        assert container.duration / av.time_base == pytest.approx(2)


def test_a_packet_has_size_duration_and_time_stamp() -> None:
    with opened(sound_file()) as container:
        track = container.streams.audio[0]
        assert track.time_base is not None
        packets = [packet for packet in container.demux(track) if packet.size]
        lengths = [packet.duration or 0 for packet in packets]
        assert float(sum(lengths) * track.time_base) == pytest.approx(2)
        assert all(packet.pts is not None for packet in packets)


def test_a_frame_has_its_time_in_seconds() -> None:
    with opened(sound_file()) as container:
        first, second, *_ = frames_of(container)
    assert first.time == 0
    assert second.time == pytest.approx(first.samples / first.sample_rate)


def test_fifo_collects_frames_without_time_stamps_and_gives_none_when_empty() -> None:
    fifo = AudioFifo()
    for _ in range(2):
        frame = AudioFrame.from_ndarray(np.zeros((1, 100), np.int16), "s16", "mono")
        frame.sample_rate = SAMPLE_RATE
        frame.pts = None
        fifo.write(frame)
    assert fifo.samples == 200

    joined = fifo.read()

    assert joined is not None
    assert joined.samples == 200
    assert fifo.samples == 0
    assert fifo.read() is None


def test_resampler_returns_what_it_still_held_for_none() -> None:
    resampler = AudioResampler(format="s16", layout="mono", rate=SAMPLE_RATE)
    frame = AudioFrame.from_ndarray(np.zeros((1, 44_100), np.int16), "s16", "mono")
    frame.sample_rate = 44_100

    pieces = [*resampler.resample(frame), *resampler.resample(None)]

    assert sum(piece.samples for piece in pieces if piece is not None) == SAMPLE_RATE


@pytest.mark.parametrize("layout", ["mono", "stereo", "7.1", "22.2"])
def test_packed_frame_has_one_plane_whatever_its_channels(layout: str) -> None:
    """Of a planar frame with eight or more, PyAV lists planes that are not there."""
    count = AudioLayout(layout).nb_channels
    frame = AudioFrame.from_ndarray(np.zeros((1, 100 * count), np.float32), "flt", layout)
    frame.sample_rate = SAMPLE_RATE

    (same,) = AudioResampler(format="flt", layout=layout, rate=SAMPLE_RATE).resample(frame)

    assert (len(frame.planes), len(same.planes)) == (1, 1)
    assert same.to_ndarray().shape == (1, 100 * count)


def test_bitexact_flac_keeps_comments_and_names_no_version() -> None:
    first, second = (encode_flac(tone(1), comments={"SPEECH": "[]"}) for _ in range(2))

    assert first == second
    assert b"Lavf6" not in first
    with opened(first) as container:
        assert container.metadata["SPEECH"] == "[]"

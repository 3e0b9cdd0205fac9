"""Recordings to upload."""

import io
import math
import struct
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from av.audio.stream import AudioStream
from av.stream import Disposition
from av.video.frame import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from functions.transcribe.audio import SAMPLE_RATE, Samples

Channels = NDArray[np.floating]
"""One row per channel, -1 to 1."""

LAYOUTS = {
    1: "mono",
    2: "stereo",
    4: "quad",
    6: "5.1",
    8: "7.1",
    16: "hexadecagonal",
    24: "22.2",
}


@cache
def tone(seconds: float = 1.0, *, rate: int = 16_000, hertz: float = 440.0) -> bytes:
    """A WAV file, mono, 16 bit."""
    samples = (
        int(8000 * math.sin(2 * math.pi * hertz * i / rate)) for i in range(int(seconds * rate))
    )
    data = b"".join(struct.pack("<h", sample) for sample in samples)
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(data)
    return buffer.getvalue()


def saying(text: str, *, seconds: int = 140) -> bytes:
    """A WAV file of a tone that has a text for a comment, by which its bytes are found again."""
    time = np.arange(seconds * 4000) / 4000
    buffer = io.BytesIO()
    with wave.open(buffer, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(4000)
        file.writeframes((8000 * np.sin(2 * np.pi * 440 * time)).astype("<i2").tobytes())
    comment = text.encode() + b"\0" * (2 - len(text.encode()) % 2)
    chunk = b"INFOICMT" + struct.pack("<I", len(comment)) + comment
    data = buffer.getvalue() + b"LIST" + struct.pack("<I", len(chunk)) + chunk
    return data[:4] + struct.pack("<I", len(data) - 8) + data[8:]


def as_file(
    samples: Samples,
    *,
    container: str,
    codec: str,
    rate: int = 16_000,
    layout: str = "mono",
    video: bool = False,
    options: dict[str, str] | None = None,
) -> bytes:
    """`options` are the muxer's."""
    if video:
        options = {"max_interleave_delta": "0", **(options or {})}  # else all the video comes first
    file = io.BytesIO()
    with av.open(file, "w", format=container, options=options) as output:
        picture = output.add_stream("mpeg4", rate=10) if video else None
        # FFmpeg counts its own Vorbis encoder among the experimental ones.
        stream = output.add_stream(codec, rate=rate, layout=layout, options={"strict": "-2"})
        assert isinstance(stream, AudioStream)
        stream.bit_rate = 96_000
        if isinstance(picture, VideoStream):
            picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv420p"
            for index in range(len(samples) * 10 // SAMPLE_RATE):
                image = VideoFrame(64, 64, "yuv420p")
                image.pts = index
                output.mux(picture.encode(image))
            output.mux(picture.encode(None))
        resampler = AudioResampler(
            format=stream.format,
            layout=layout,
            rate=rate,
            frame_size=stream.codec_context.frame_size or 1024,
        )
        # A minute at a time: FFmpeg does not take more than 2 GiB in one frame.
        for start in range(0, len(samples), 60 * SAMPLE_RATE):
            part = samples[start : start + 60 * SAMPLE_RATE]
            frame = AudioFrame.from_ndarray(part.reshape(1, -1), "s16", "mono")
            frame.sample_rate, frame.pts = SAMPLE_RATE, start
            for piece in resampler.resample(frame):
                output.mux(stream.encode(piece))
        for piece in resampler.resample(None):
            output.mux(stream.encode(piece))
        output.mux(stream.encode(None))
    return file.getvalue()


def fragmented(samples: Samples, *, codec: str, rate: int, fragment_sec: float = 1) -> bytes:
    """An MP4 without a table of all its sound, as a recorder writes that may be interrupted."""
    flags = "frag_keyframe+empty_moov+default_base_moof"
    duration = str(round(fragment_sec * 1_000_000))
    options = {"movflags": flags, "frag_duration": duration}
    return as_file(samples, container="mp4", codec=codec, rate=rate, options=options)


def from_channels(
    channels: Channels, *, codec: str = "pcm_s16le", container: str = "wav", rate: int = 48_000
) -> bytes:
    """Rows of floats as a file whose samples are stored in the codec's own form."""
    file = io.BytesIO()
    layout = LAYOUTS[len(channels)]
    with av.open(file, "w", format=container) as output:
        stream = output.add_stream(codec, rate=rate, layout=layout)
        assert isinstance(stream, AudioStream)
        packed = AudioFrame.from_ndarray(
            np.ascontiguousarray(channels.T, np.float32).reshape(1, -1), "flt", layout
        )
        packed.sample_rate, packed.pts = rate, 0
        resampler = AudioResampler(
            format=stream.format,
            layout=layout,
            rate=rate,
            frame_size=stream.codec_context.frame_size or 4096,
        )
        for frame in [*resampler.resample(packed), *resampler.resample(None)]:
            output.mux(stream.encode(frame))
        output.mux(stream.encode(None))
    return file.getvalue()


def video_only(seconds: int) -> bytes:
    file = io.BytesIO()
    with av.open(file, "w", format="mp4") as output:
        picture = output.add_stream("mpeg4", rate=10)
        assert isinstance(picture, VideoStream)
        picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv420p"
        for index in range(seconds * 10):
            image = VideoFrame(64, 64, "yuv420p")
            image.pts = index
            output.mux(picture.encode(image))
        output.mux(picture.encode(None))
    return file.getvalue()


def without_packets(data: bytes, *, container: str, first: int, count: int) -> bytes:
    """The same file with some of its packets gone and all time stamps kept."""
    target = io.BytesIO()
    with av.open(io.BytesIO(data), "r") as source, av.open(target, "w", format=container) as output:
        track = source.streams.audio[0]
        copy = output.add_stream_from_template(track)
        for index, packet in enumerate(source.demux(track)):
            if packet.dts is None or first <= index < first + count:
                continue
            packet.stream = copy
            output.mux(packet)
    return target.getvalue()


def without_webm_duration(data: bytes) -> bytes:
    """Overwrite the Duration element (id 4489, 8 bytes) with a Void element (id EC)."""
    at = data.index(b"\x44\x89\x88")
    return data[:at] + b"\xec\x89" + bytes(9) + data[at + 11 :]


def claiming(data: bytes, *, hours: float) -> bytes:
    """A FLAC file whose header (the last 36 bits of bytes 18 to 25) gives another length."""
    layout = int.from_bytes(data[18:26], "big") >> 36 << 36
    samples = round(hours * 3600) * (layout >> 44)
    return data[:18] + (layout | samples).to_bytes(8, "big") + data[26:]


@dataclass(frozen=True)
class Track:
    samples: Samples
    start_sec: float = 0
    language: str | None = None
    disposition: Disposition | None = None


def with_tracks(
    tracks: Sequence[Track],
    *,
    container: str = "mp4",
    codec: str = "aac",
    rate: int = 48_000,
    picture_sec: int = 0,
) -> bytes:
    """Several tracks side by side, each from its own second on, beside a picture from 0."""
    file = io.BytesIO()
    with av.open(file, "w", format=container) as output:
        picture = output.add_stream("mpeg4", rate=10) if picture_sec else None
        streams = []
        for track in tracks:
            stream = output.add_stream(codec, rate=rate, layout="mono")
            assert isinstance(stream, AudioStream)
            stream.bit_rate = 96_000
            if track.language is not None:
                stream.metadata["language"] = track.language
            if track.disposition is not None:
                stream.disposition = track.disposition
            streams.append(stream)
        if isinstance(picture, VideoStream):
            picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv420p"
            for index in range(picture_sec * 10):
                image = VideoFrame(64, 64, "yuv420p")
                image.pts = index
                output.mux(picture.encode(image))
            output.mux(picture.encode(None))
        for track, stream in zip(tracks, streams, strict=True):
            resampler = AudioResampler(
                format=stream.format,
                layout="mono",
                rate=rate,
                frame_size=stream.codec_context.frame_size or 1024,
            )
            frame = AudioFrame.from_ndarray(track.samples.reshape(1, -1), "s16", "mono")
            frame.sample_rate = SAMPLE_RATE
            frame.pts = 0
            for piece in [*resampler.resample(frame), *resampler.resample(None)]:
                assert piece.pts is not None
                piece.pts += round(track.start_sec * rate)
                output.mux(stream.encode(piece))
            output.mux(stream.encode(None))
    return file.getvalue()

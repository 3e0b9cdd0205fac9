"""Samples to FLAC and back: half the size, and lossless."""

import io
from collections.abc import Mapping

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream

from functions.transcribe.audio import SAMPLE_RATE, Samples, decode
from shared.containers.opening import open_audio

_FRAME = 4096
"""Samples; the block size FLAC's reference encoder uses."""


def encode_flac(samples: Samples, *, comments: Mapping[str, str] | None = None) -> bytes:
    """int16 mono samples at 16 kHz as a FLAC file; the same samples give the same bytes.

    `comments` are Vorbis comments, by names in capitals.
    """
    file = io.BytesIO()
    with av.open(file, "w", format="flac", options={"fflags": "bitexact"}) as container:
        container.metadata.update(comments or {})
        stream = container.add_stream("flac", rate=SAMPLE_RATE, layout="mono", format="s16")
        assert isinstance(stream, AudioStream)  # noqa: S101  # narrows the type for mypy
        for start in range(0, len(samples), _FRAME):
            piece = samples[start : start + _FRAME].reshape(1, -1)
            frame = AudioFrame.from_ndarray(np.ascontiguousarray(piece), "s16", "mono")
            frame.sample_rate = SAMPLE_RATE
            frame.pts = start
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    return file.getvalue()


def decode_flac(data: bytes) -> Samples:
    """The samples that were encoded, exactly.

    Raises NotAudioError if the bytes are not audio.
    """
    return np.concatenate(list(decode(io.BytesIO(data))))


def read_comment(data: bytes, name: str) -> str | None:
    """A Vorbis comment of a FLAC file, None if it has none of that name.

    Raises NotAudioError if the bytes are not audio.
    """
    with open_audio(io.BytesIO(data)) as (container, _):
        return container.metadata.get(name)

"""Samples to FLAC and back: how a segment travels to its worker, at half the size and lossless."""

import io

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream

from functions.transcribe.audio import SAMPLE_RATE, Samples, decode

_FRAME = 4096
"""Samples; the block size FLAC's reference encoder uses."""


def encode_flac(samples: Samples) -> bytes:
    """int16 mono samples at 16 kHz as a FLAC file; the same samples give the same bytes."""
    file = io.BytesIO()
    with av.open(file, "w", format="flac", options={"fflags": "bitexact"}) as container:
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

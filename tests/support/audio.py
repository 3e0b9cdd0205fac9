"""Recordings to upload."""

import io
import math
import struct
import wave


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

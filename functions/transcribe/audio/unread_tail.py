"""What lies behind the last packet that could be decoded.

Of a fragmented MP4 FFmpeg reads as far as its boxes can be followed, of a transport stream and a
live WebM as far as there are packets, and reports no error.
"""

from collections.abc import Callable
from typing import IO

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from shared.containers import matroska, mp4, mpegts

Tail = Callable[[], float]
"""Bytes behind what was read, against those that were read."""


class UnreadTail:
    """Of one recording, in any container."""

    def __init__(self, container: InputContainer, stream: IO[bytes], size: int) -> None:
        self._stream, self._size = stream, size
        tails: dict[str, Tail] = {
            "mov": self._of_mp4,
            "mpegts": self._of_transport_stream,
            "matroska": self._of_matroska,
        }
        self._tail = tails.get(container.format.name.partition(",")[0])
        self._last: int | None = None
        self._behind = 0
        self._undecoded_sec = 0.0

    def took(self, packet: "Packet[AudioStream]", *, decoded: bool) -> None:
        if packet.pos is None or packet.size == 0:
            return
        self._last, self._behind = packet.pos, max(self._behind, packet.pos + packet.size)
        if decoded:
            self._undecoded_sec = 0.0
        else:
            self._undecoded_sec += float((packet.duration or 0) * (packet.time_base or 0))

    def lost_sec(self, *, decoded_sec: float, damaged_sec: float) -> float:
        """About how long the sound is that follows the last that could be decoded.

        `damaged_sec` is what is known to be missing before, and not part of `decoded_sec`.
        """
        tail = self._tail() if self._tail is not None and self._last is not None else 0.0
        return tail * (decoded_sec + damaged_sec) + self._undecoded_sec

    def _of_mp4(self) -> float:
        return mp4.missing_fragments(self._stream, self._size)

    def _of_transport_stream(self) -> float:
        return self._share(mpegts.unread_tail(self._stream, self._last or 0, self._size))

    def _of_matroska(self) -> float:
        return self._share(matroska.unread_tail(self._stream, self._behind, self._size))

    def _share(self, unread: int) -> float:
        return unread / (self._size - unread)

"""How much of a file could not be decoded, by its bytes.

MP3, AAC and AMR files, and those in Ogg, state no length, or one that FFmpeg has estimated from the
size. What is damaged in them is passed over without an error, and so it is in Matroska, where a
jump in time may also be silence that was not sent.
"""

from typing import IO

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from shared.containers.mp3 import id3_length

_CONTIGUOUS = frozenset({"mp3", "aac", "amr", "ogg"})

_LARGEST_HEADER = 512
"""Bytes between two packets of Matroska and WebM: the headers of a block and of a cluster."""

_PAGE_HEADER = 27
"""Bytes of an Ogg page, beside a byte for each 255 bytes of a packet (RFC 3533, 6)."""

_TAIL_TAG = b"APETAGEX"
_TAIL_BYTES = 160
"""At the end of a file, before an ID3v1 tag of 128 bytes, the last 32 of an APE tag."""

SMALLEST_SHARE = 0.02
"""Of the bytes: below that it is tags."""


class UnreadBytes:
    """Counts them for one recording; of a container with other overhead there are none."""

    def __init__(self, container: InputContainer, stream: IO[bytes], size: int) -> None:
        self._ogg = container.format.name == "ogg"
        sounds = [each for each in container.streams if each.type in {"audio", "video"}]
        pictures = [each for each in sounds if not isinstance(each, AudioStream)]
        single = len(sounds) == 1 or (not self._ogg and len(sounds) - len(pictures) == 1)
        self._counts = container.format.name in _CONTIGUOUS and single
        self._has_headers = container.format.name.startswith("matroska") and len(sounds) == 1
        self._behind: int | None = None
        self._stream, self._size = stream, size
        self._first: int | None = None
        self._page: int | None = None
        self._read = 0
        self._tags = 0
        self._tag_end = 0
        self._end = 0

    def skips_to(self, packet: "Packet[AudioStream]") -> bool:
        """Whether more lies between the packet and the one before than belongs there."""
        if not self._has_headers or packet.pos is None or packet.size == 0:
            return False
        skips = self._behind is not None and packet.pos > self._behind + _LARGEST_HEADER
        self._behind = packet.pos + packet.size
        return skips

    def took(self, packet: "Packet[AudioStream]", *, decoded: bool) -> None:
        if not self._counts or packet.pos is None or packet.size == 0:
            return
        if self._first is None:
            self._first = self._end = packet.pos
        if not self._ogg and (packet.pos > self._end or not decoded):
            self._pass_tag(min(packet.pos, self._end))
        self._end = packet.pos + packet.size
        if decoded:
            self._read += packet.size
            if self._ogg:
                self._read += packet.size // 255 + 1
                self._read += _PAGE_HEADER if packet.pos != self._page else 0
                self._page = packet.pos

    def lost_sec(self, decoded_sec: float) -> float:
        """About how long what was not read would have lasted."""
        if self._first is None or not self._read:
            return 0.0
        unread = self._size - self._first - self._read - self._tags - self._tail()
        if unread < SMALLEST_SHARE * (self._size - self._first):
            return 0.0
        return unread * decoded_sec / self._read

    def _pass_tag(self, place: int) -> None:
        """Where recordings were joined a tag may lie between two, of which FFmpeg makes packets."""
        if place < self._tag_end:
            return
        position = self._stream.tell()
        self._stream.seek(place)
        length = id3_length(self._stream.read(10))
        self._stream.seek(position)
        self._tags += length
        self._tag_end = place + length

    def _tail(self) -> int:
        self._stream.seek(max(0, self._size - _TAIL_BYTES))
        tail = self._stream.read(_TAIL_BYTES)
        at = tail.rfind(_TAIL_TAG)
        return int.from_bytes(tail[at + 12 : at + 16], "little") + 160 if at >= 0 else 0

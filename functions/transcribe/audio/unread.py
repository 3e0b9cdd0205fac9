"""How much of a file could not be decoded, by its bytes.

MP3, AAC and AMR files, and those in Ogg, state no length, or one that FFmpeg has estimated from the
size. What is damaged in them is passed over without an error. In other containers only what lies
behind the last packet is looked for (unread_tail.py).
"""

from typing import IO

from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from functions.transcribe.audio.unread_tail import UnreadTail
from shared.containers import ogg
from shared.containers.mp3 import id3_length

_CONTIGUOUS = frozenset({"mp3", "aac", "amr", "ogg"})

_PAGE_HEADER = 27
"""Bytes of an Ogg page, beside a byte for each 255 bytes of a packet (RFC 3533, 6)."""

_TAIL_TAG = b"APETAGEX"
_TAIL_BYTES = 160
"""At the end of a file, before an ID3v1 tag of 128 bytes, the last 32 of an APE tag."""

SMALLEST_SHARE = 0.02
"""Of the bytes: below that it is tags."""


def unread_in(
    container: InputContainer, stream: IO[bytes], size: int
) -> "UnreadBytes | UnreadTail":
    is_ogg = container.format.name == "ogg"
    sounds = [each for each in container.streams if each.type in {"audio", "video"}]
    pictures = [each for each in sounds if not isinstance(each, AudioStream)]
    single = len(sounds) == 1 or (not is_ogg and len(sounds) - len(pictures) == 1)
    if single and container.format.name in _CONTIGUOUS:
        return UnreadBytes(stream, size, is_ogg=is_ogg)
    return UnreadTail(container, stream, size)


class UnreadBytes:
    """Counts them for one recording in a container with hardly any other bytes than sound."""

    def __init__(self, stream: IO[bytes], size: int, *, is_ogg: bool) -> None:
        self._stream, self._size, self._ogg = stream, size, is_ogg
        self._first: int | None = None
        self._page: int | None = None
        self._read = 0
        self._tags = 0
        self._tag_end = 0
        self._end = 0

    def took(self, packet: "Packet[AudioStream]", *, decoded: bool) -> None:
        if packet.pos is None or packet.size == 0:
            return
        if self._first is None:
            self._first = self._end = self._beginning(packet.pos)
        if not self._ogg and (packet.pos > self._end or not decoded):
            self._pass_tag(min(packet.pos, self._end))
        self._end = packet.pos + packet.size
        if decoded:
            self._read += packet.size
            if self._ogg:
                self._read += packet.size // 255 + 1
                self._read += _PAGE_HEADER if packet.pos != self._page else 0
                self._page = packet.pos

    def lost_sec(self, *, decoded_sec: float, damaged_sec: float) -> float:
        """About how long what was not read would have lasted, beside `damaged_sec`, for which there
        is silence. `decoded_sec` is without that."""
        if self._first is None or not self._read:
            return 0.0
        unread = self._size - self._first - self._read - self._tags - self._tail()
        if unread < SMALLEST_SHARE * (self._size - self._first):
            return 0.0
        return unread * decoded_sec / self._read - damaged_sec

    def _beginning(self, place: int) -> int:
        """Where sound began that ought to precede the first packet."""
        if not self._ogg:
            return place
        position = self._stream.tell()
        followed = ogg.followed_to(self._stream, 0, place)
        self._stream.seek(position)
        return followed

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

"""The packets of an MPEG transport stream, which are counted for each track (ISO/IEC 13818-1,
section 2.4.3)."""

from collections.abc import Iterator
from typing import IO

_SYNC = 0x47
_SIZES = (188, 192, 204)
"""Bytes of a packet: as it is broadcast, with a time stamp, and with error correction."""
_AT_ONCE = 5_000
_LONGEST_BYTES = 64 << 20


def is_continuous(stream: IO[bytes], first: int, last: int, pid: int) -> bool:
    """Whether no packet of a track is missing from the one at `first` to the one at `last`.

    The stream's position is not kept.
    """
    counter: int | None = None
    for packet in _packets(stream, first, last):
        if len(packet) < 4 or packet[0] != _SYNC:
            return False
        if (packet[1] & 0x1F) << 8 | packet[2] != pid or not packet[3] & 0x10:
            continue
        announced = packet[3] & 0x20 and packet[4] > 0 and packet[5] & 0x80
        expected = {counter, None if counter is None else (counter + 1) & 0xF}
        if None not in expected and not announced and packet[3] & 0xF not in expected:
            return False  # a packet may be sent twice
        counter = packet[3] & 0xF
    return True


def unread_tail(stream: IO[bytes], after: int, end: int) -> int:
    """Bytes behind the packet at `after` that are no packets."""
    size = _packet_size(stream, after)
    stream.seek(after)
    tail = stream.read(min(end - after, _LONGEST_BYTES))
    known = sum(byte == _SYNC for byte in tail[::size])
    return max(0, end - after - known * size)


def _packets(stream: IO[bytes], first: int, last: int) -> Iterator[bytes]:
    size = _packet_size(stream, first)
    for start in range(first, min(last, first + _LONGEST_BYTES) + 1, size * _AT_ONCE):
        stream.seek(start)
        block = stream.read(min(size * _AT_ONCE, last + size - start))
        for at in range(0, len(block), size):
            yield block[at : at + size]


def _packet_size(stream: IO[bytes], at: int) -> int:
    stream.seek(at)
    head = stream.read(max(_SIZES) + 1)
    return next((size for size in _SIZES if head[size : size + 1] == bytes([_SYNC])), _SIZES[0])

"""The pages of an Ogg file, which are numbered (RFC 3533, section 6)."""

from typing import IO

_HEADER = 27


def followed_to(stream: IO[bytes], first: int, last: int) -> int:
    """Where the pages from `first` on can be followed to: `last` unless bytes or pages of the
    page's own stream are missing in between, else the end of what was followed.

    `first` and `last` are where pages begin. The stream's position is not kept.
    """
    at = first
    numbers: dict[bytes, int] = {}
    while True:
        stream.seek(at)
        head = stream.read(_HEADER)
        if len(head) < _HEADER or not head.startswith(b"OggS"):
            return at
        serial, number = head[14:18], int.from_bytes(head[18:22], "little")
        if number != numbers.get(serial, number - 1) + 1:
            return at
        if at == last:
            return last
        numbers[serial] = number
        behind = at + _HEADER + head[26] + sum(stream.read(head[26]))
        if behind > last:
            return at  # its end is missing
        at = behind

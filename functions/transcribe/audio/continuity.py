"""Whether sound is missing between two packets of a track, or was only not sent.

FFmpeg passes over what it cannot read in these containers without an error. A jump in time
may be that, or silence for which an encoder sends nothing.
"""

from collections.abc import Callable
from typing import IO, Any

from av.audio.frame import AudioFrame
from av.audio.stream import AudioStream
from av.container import InputContainer
from av.packet import Packet

from functions.transcribe.audio.timeline import SMALLEST_JUMP_SEC
from shared.containers import mpegts, ogg

_LARGEST_HEADER = 512
"""Bytes between two packets of Matroska and WebM: the headers of a block and of a cluster."""

_WHOLE = 0.6
"""Of a packet's stated length. Rounding in a container takes up to a twentieth of it."""

Gap = Callable[[int, int], bool]
"""Whether something is missing between the packets at two places of the file."""


class Continuity:
    """Watches the packets of a recording in the order of the file."""

    def __init__(self, container: InputContainer, track: AudioStream, stream: IO[bytes]) -> None:
        name = container.format.name
        self._stream = stream
        self._pid = track.id
        self._unit_sec = float(track.time_base or 0)
        self.watches_all = name.startswith("matroska")
        """Whether packets of all tracks are wanted: in Matroska each byte belongs to one."""
        self._is_gap: Gap | None = {
            "ogg": self._lacks_pages,
            "mpegts": self._lacks_packets,
            # Silence is sent in these as other sound is.
            "asf": lambda before, now: True,
            "avi": lambda before, now: True,
            "flac": lambda before, now: True,
        }.get(name)
        self._places: tuple[int | None, int | None] = (None, None)
        """Of the last packet and of the one that precedes it elsewhere: after a gap FFmpeg dates
        an Ogg page's packets by the page before, so that the jump is one page late."""
        self._expected_sec: float | None = None
        self._behind: int | None = None
        self._skipped = False

    def pass_other(self, packet: "Packet[Any]") -> None:
        """A packet of another track."""
        self._skipped = self._skips_to(packet) or self._skipped

    def breaks_before(self, packet: "Packet[AudioStream]") -> bool:
        """Whether something is missing between this packet of the track and the one before."""
        if packet.pos is None or packet.size == 0:
            return False
        if self.watches_all:
            skipped, self._skipped = self._skips_to(packet) or self._skipped, False
            return skipped
        jumps = self._jumps_to(packet)
        before, last = self._places
        if last != packet.pos:
            self._places = last, packet.pos
        place = last if before is None else before
        if not jumps or place is None or self._is_gap is None:
            return False
        position = self._stream.tell()
        found = self._is_gap(place, packet.pos)
        self._stream.seek(position)
        return found

    def falls_short(self, packet: "Packet[AudioStream]", frame: AudioFrame) -> bool:
        """Whether less was decoded than the container states, as of Opus packets of zeros."""
        stated_sec = (packet.duration or 0) * self._unit_sec
        return frame.samples < _WHOLE * stated_sec * frame.sample_rate

    def _skips_to(self, packet: "Packet[Any]") -> bool:
        if packet.pos is None or packet.size == 0:
            return False
        skips = self._behind is not None and packet.pos > self._behind + _LARGEST_HEADER
        self._behind = packet.pos + packet.size
        return skips

    def _jumps_to(self, packet: "Packet[AudioStream]") -> bool:
        if packet.pts is None:
            return False
        start_sec = packet.pts * self._unit_sec
        expected_sec = self._expected_sec
        self._expected_sec = start_sec + (packet.duration or 0) * self._unit_sec
        return expected_sec is not None and start_sec > expected_sec + SMALLEST_JUMP_SEC

    def _lacks_pages(self, before: int, now: int) -> bool:
        return ogg.followed_to(self._stream, before, now) != now

    def _lacks_packets(self, before: int, now: int) -> bool:
        return not mpegts.is_continuous(self._stream, before, now, self._pid)

"""What was lost or repaired while a recording was decoded."""

from dataclasses import dataclass

CERTAIN_LOSS_SEC = 2.0
LOSS_SHARE = 0.02
"""Less than this of what the header promises is the rounding of containers, and padding."""


@dataclass
class DecodingReport:
    """Seconds of sound, over all recordings of a file."""

    decoded_sec: float = 0.0
    damaged_sec: float = 0.0
    """Silence in place of what did not decode."""
    missing_sec: float = 0.0
    """Promised by a header and not there: the file breaks off, or the rest cannot be read."""
    inverted_sec: float = 0.0
    """Channels of opposite polarity, which were turned round."""
    scaled_sec: float = 0.0
    """Samples clearly beyond full scale, which were made quieter."""
    clipped_sec: float = 0.0
    """Whole seconds in which much of the sound is cut off at full scale."""
    parts: int = 0
    """Recordings that follow each other in the file."""
    tracks: int = 1
    tracks_decoded: tuple[int, ...] = (1,)
    """Places among the file's audio tracks, from 1."""

    def end_part(
        self, *, decoded_sec: float, claimed_sec: float | None, unread_sec: float = 0.0
    ) -> None:
        """One recording of the file is decoded; `claimed_sec` is None if no header states it,
        `unread_sec` is about how long the bytes would last that became no sound."""
        self.parts += 1
        self.decoded_sec += decoded_sec
        lost_sec = max(unread_sec, (claimed_sec or 0.0) - decoded_sec)
        if lost_sec > max(CERTAIN_LOSS_SEC, LOSS_SHARE * (decoded_sec + lost_sec)):
            self.missing_sec += lost_sec

    def absorb(self, other: "DecodingReport") -> None:
        """`other` is about a track that is mixed with this one: what is lost of either counts."""
        for loss in ("damaged_sec", "missing_sec", "inverted_sec", "scaled_sec", "clipped_sec"):
            setattr(self, loss, max(getattr(self, loss), getattr(other, loss)))

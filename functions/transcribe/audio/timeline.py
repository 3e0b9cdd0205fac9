"""Timestamps of a recording with gaps, or whose sound begins late.

Lost packets and silence that an encoder did not send (Opus DTX) show as a jump
between the time stamps of consecutive frames, and sound that begins later than the
picture as a first time stamp behind the file's start. Without the missing time every
later word would be dated too early, by a player's clock.
"""

from av.audio.frame import AudioFrame

SMALLEST_JUMP_SEC = 0.1
"""Below this a jump is the rounding and jitter that containers have without any loss."""

LARGEST_DRIFT_SEC = 0.25
"""What such jumps may add up to. A browser that is busy drops packets of some 0.02 s, and an
hour of those would be seconds."""

LARGEST_UNEARNED_SEC = 600
"""Silence added in all may exceed the sound decoded so far by this much: a broken or
hostile clock must not turn a small file into days of silence."""


class Timeline:
    """Compares each frame's time stamp with the end of the frame before.

    Jumps too small to count are added up, those backwards subtracted, so that jitter adds
    nothing and the times of a clock that runs faster than the samples stay those of a player.
    """

    def __init__(self, *, start_sec: float | None = None) -> None:
        """`start_sec` is the time stamp that players show as 0, None if the file has none."""
        self._rate: int | None = None
        self._expected_sec = start_sec
        self._decoded_sec = 0.0
        self._added_sec = 0.0
        self._drift_sec = 0.0

    def gap_before(self, frame: AudioFrame, *, damaged: bool) -> float:
        """Seconds of silence to add before this frame; `damaged` if a packet was lost there."""
        length_sec = frame.samples / frame.sample_rate
        self._rate = self._rate or frame.sample_rate
        # Stamps count in the track's first sample rate; in recordings of several rates
        # that were joined into one file they are wrong from the second on.
        is_stamped = frame.sample_rate == self._rate
        # Right after damage a frame may have no stamp: it follows the one before.
        start_sec = (
            (self._expected_sec if frame.time is None else frame.time) if is_stamped else None
        )
        gap_sec = 0.0
        if start_sec is not None and self._expected_sec is not None:
            gap_sec = self._gap(start_sec - self._expected_sec, damaged=damaged)
        self._expected_sec = None if start_sec is None else start_sec + length_sec
        self._decoded_sec += length_sec
        self._added_sec += gap_sec
        return gap_sec

    def _gap(self, jump_sec: float, *, damaged: bool) -> float:
        if abs(jump_sec) <= SMALLEST_JUMP_SEC and not damaged:
            self._drift_sec += jump_sec
            if self._drift_sec <= LARGEST_DRIFT_SEC:
                return 0.0
            jump_sec = self._drift_sec
        self._drift_sec = 0.0
        return jump_sec if jump_sec > 0 and self._credible(jump_sec) else 0.0

    def _credible(self, jump_sec: float) -> bool:
        return self._added_sec + jump_sec <= self._decoded_sec + LARGEST_UNEARNED_SEC

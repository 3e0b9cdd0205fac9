"""A mono mix without its artifacts: opposite polarity, and samples beyond full scale.

FFmpeg's mix is the weighted mean of the channels, cut off at full scale. A microphone whose
wires are swapped delivers the second channel inverted, and the mean of both is silence; a
float recording may exceed full scale without any loss, until the mix clips it.
"""

from dataclasses import dataclass, field
from typing import Any

import av
import numpy as np
from av.audio.frame import AudioFrame
from av.audio.resampler import AudioResampler
from numpy.typing import NDArray

from functions.transcribe.audio.level import Level

Channels = NDArray[Any]
"""One row per channel, in the numbers of the recording."""

Signs = NDArray[np.float32]
"""1 or -1 for each channel."""

JUDGED_SEC = 1.0
"""A stretch that one decision holds for."""

CANCELLING = 0.2
"""Power of the mean against the power it would have if the channels had nothing in common.
Independent channels give 1, equal ones give their number, one inverted pair gives 0; 0.2 is
a correlation of -0.8."""

ADDING_UP = 0.5
"""Above this a mix that was corrected is left to FFmpeg again. Between the two the last
decision stands, so that a pause does not change it."""

SHORTEST_JUDGED_SEC = 0.25
"""Less sound than this does not change a decision."""

NOTED_GAIN = 0.8
"""From here down lowering the level is reported. Lossy codecs overshoot full scale by some
percent in any loud recording."""

MOST_PLANES = 7
"""PyAV looks for the end of a frame's list of planes where FFmpeg writes none: it takes whatever
follows the eighth for further planes, and reads there (tests/unit/contracts/test_pyav.py)."""

_STRIDE = 5
"""Every fifth sample suffices to judge power and correlation."""


@dataclass
class Mixdown:
    """Treats groups of consecutive frames of one recording, in order."""

    inverted_sec: float = 0.0
    """Seconds in which channels of opposite polarity were turned round."""
    scaled_sec: float = 0.0
    """Seconds whose samples clearly exceeded full scale and were made quieter."""
    _signs: Signs | None = None
    """Polarity of each channel while the mix is corrected, None while it is FFmpeg's."""
    _level: Level = field(default_factory=Level)

    @property
    def garbled_sec(self) -> float:
        """Seconds whose samples are no sound and were made silent."""
        return self._level.garbled_sec

    def treat(self, frame: AudioFrame) -> AudioFrame:
        """The same frame where FFmpeg's mix does no harm, else one that it can mix safely.

        What is returned may have another format and layout, and always the same length and
        rate.
        """
        is_float = frame.format.name.startswith(("flt", "dbl"))
        if frame.layout.nb_channels == 1 and not is_float:
            return frame
        decoded = _channels(frame)
        if decoded is None:
            return frame
        rate = frame.sample_rate
        channels = self._level.sound_of(decoded, rate) if is_float else decoded
        signs = self._polarities(channels, rate)
        gain = self._level.gain_of(channels, rate) if is_float else 1.0
        turned = any(each is not None for each in signs)
        if not turned and gain == 1 and channels is decoded:
            return frame
        self.scaled_sec += frame.samples / rate if gain < NOTED_GAIN else 0.0
        safe = _in_unit_scale(channels) * np.float32(gain)
        if turned:
            return _frame(_mono(safe, signs, frame.sample_rate), "mono", frame)
        return _frame(safe, frame.layout.name, frame)

    def _polarities(self, channels: Channels, rate: int) -> list[Signs | None]:
        """One for each stretch of `JUDGED_SEC`, of which the last may be shorter."""
        if len(channels) == 1:
            return []
        signs = []
        for stretch in _stretches(channels, rate):
            signs.append(self._polarity(stretch, rate))
            self.inverted_sec += stretch.shape[1] / rate if signs[-1] is not None else 0.0
        return signs

    def _polarity(self, channels: Channels, rate: int) -> Signs | None:
        count, length = channels.shape
        if length < SHORTEST_JUDGED_SEC * rate:
            return self._matching(channels)
        # Differences of neighbours, since hum and an offset that all channels share would
        # hide the rest.
        later, earlier = channels[:, 1::_STRIDE], channels[:, : length - 1 : _STRIDE]
        steps = later.astype(np.float32) - earlier.astype(np.float32)
        independent = float(np.square(steps).sum()) / count**2
        if independent > 0:
            ratio = float(np.square(steps.mean(axis=0)).sum()) / independent
            if ratio < CANCELLING:
                loudest = steps[int(np.argmax(np.square(steps).sum(axis=1)))]
                self._signs = np.where(steps @ loudest < 0, -1, 1).astype(np.float32)
            elif ratio > ADDING_UP:
                self._signs = None
        return self._matching(channels)

    def _matching(self, channels: Channels) -> Signs | None:
        """The decision that stands, unless the number of channels has changed since."""
        if self._signs is not None and len(self._signs) != len(channels):
            self._signs = None
        return self._signs


def _channels(frame: AudioFrame) -> Channels | None:
    """One row per channel, in the frame's own scale; None for a format without an array type."""
    count = frame.layout.nb_channels
    try:
        packed = _packed(frame) if frame.format.is_planar and count > MOST_PLANES else frame
        array = packed.to_ndarray()
    except (av.FFmpegError, ValueError, KeyError):
        return None
    return array if packed.format.is_planar else array.reshape(-1, count).T


def _packed(frame: AudioFrame) -> AudioFrame:
    """The same samples, those of all channels beside each other."""
    resampler = AudioResampler(
        format=frame.format.packed, layout=frame.layout, rate=frame.sample_rate
    )
    (packed,) = resampler.resample(frame)
    return packed


def _stretches(channels: Channels, rate: int) -> list[Channels]:
    size = round(JUDGED_SEC * rate)
    return [channels[:, at : at + size] for at in range(0, channels.shape[1], size)]


def _mono(channels: NDArray[np.float32], signs: list[Signs | None], rate: int) -> Channels:
    mixed = [
        stretch.mean(axis=0) if sign is None else (sign / np.float32(len(sign))) @ stretch
        for stretch, sign in zip(_stretches(channels, rate), signs, strict=True)
    ]
    return np.concatenate(mixed).reshape(1, -1)


def _in_unit_scale(channels: Channels) -> NDArray[np.float32]:
    floats = channels.astype(np.float32)
    match channels.dtype.kind:
        case "u":
            return floats / np.float32(128) - np.float32(1)
        case "i":
            return floats / np.float32(2 ** (8 * channels.dtype.itemsize - 1))
        case _:
            return floats


def _frame(channels: NDArray[np.float32], layout: str, like: AudioFrame) -> AudioFrame:
    packed = np.ascontiguousarray(channels.T).reshape(1, -1)
    try:
        frame = AudioFrame.from_ndarray(packed, "flt", layout)
    except ValueError:
        return like  # a layout that has no name
    frame.sample_rate = like.sample_rate
    return frame

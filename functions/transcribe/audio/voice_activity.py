"""Voice activity, as a stream: how likely each 32 ms of sound is speech.

Silero's network keeps a state from window to window. faster-whisper, which ships
it, starts again with each call and needs 1.1 GB for an hour in one call; carrying
the state over here gives the same probabilities in constant memory.
"""

import numpy as np
from faster_whisper.vad import get_vad_model
from numpy.typing import NDArray

from functions.transcribe.audio import Samples, as_float

WINDOW = 512
"""Samples; the window that Silero was trained with at 16 kHz."""

_CONTEXT = 64
"""Samples of the window before that Silero is shown again."""

_STATE = (1, 1, 128)

_AT_ONCE = 5 * 16_000 // WINDOW
"""Windows that the network is given in one call: more take more memory and are no faster."""

SPEECH = 0.35
"""Below this a window is silence: the threshold at which Silero's own post-processing
lets go of running speech (0.5 - 0.15)."""


def voice_activity(sound: NDArray[np.float32]) -> NDArray[np.float32]:
    """Speech probabilities, 0 to 1, of all windows of a sound (mono, 16 kHz, -1 to 1).

    The last window is filled up with silence.
    """
    return VoiceActivity().add_windows(np.pad(sound, (0, -len(sound) % WINDOW)))


class VoiceActivity:
    """Takes samples in any portions; the answer does not depend on how they are portioned."""

    def __init__(self) -> None:
        self._session = get_vad_model().session
        self._hidden = np.zeros(_STATE, np.float32)
        self._cell = np.zeros(_STATE, np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)
        self._rest = np.zeros(0, np.int16)

    def add(self, samples: Samples) -> NDArray[np.float32]:
        """Speech probabilities, 0 to 1, of the windows that are now complete."""
        waiting = np.concatenate((self._rest, samples))
        whole = len(waiting) - len(waiting) % WINDOW
        self._rest = waiting[whole:]
        return self.add_windows(as_float(waiting[:whole]))

    def finish(self) -> NDArray[np.float32]:
        """The probability of the last window, filled up with silence, if there is one."""
        if not len(self._rest):
            return np.zeros(0, np.float32)
        return self.add(np.zeros(WINDOW - len(self._rest), np.int16))

    def add_windows(self, samples: NDArray[np.float32]) -> NDArray[np.float32]:
        """The same for whole windows of samples in -1 to 1."""
        windows = samples.reshape(-1, WINDOW)
        portions = [windows[i : i + _AT_ONCE] for i in range(0, len(windows), _AT_ONCE)]
        return np.concatenate([np.zeros(0, np.float32), *map(self._run, portions)])

    def _run(self, windows: NDArray[np.float32]) -> NDArray[np.float32]:
        contexts = np.vstack((self._context, windows[:-1, -_CONTEXT:]))
        self._context = windows[-1, -_CONTEXT:]
        probabilities, self._hidden, self._cell = self._session.run(
            None,
            {"input": np.hstack((contexts, windows)), "h": self._hidden, "c": self._cell},
        )
        return np.asarray(probabilities, np.float32).reshape(-1)

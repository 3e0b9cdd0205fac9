"""Voice activity, as a stream: how likely each 32 ms of sound is speech.

Silero's network keeps a state from window to window. faster-whisper, which ships
it, starts again with each call and needs 1.1 GB for an hour in one call; carrying
the state over here gives the same probabilities in constant memory.

That state adapts to what is no speech. After 40 s of music, of a hum or of a crowd the network
noticed speech up to 5.6 s late, and missed half of the ten seconds that followed. So a second
network listens in a long pause, which has heard the last seconds only. Where it hears speech
for half a second, or for longer than the first one, it takes the place of the first.
"""

from copy import copy

import numpy as np
from faster_whisper.vad import get_vad_model
from numpy.typing import NDArray

from functions.transcribe.audio import SAMPLE_RATE, Samples, as_float

WINDOW = 512
"""Samples; the window that Silero was trained with at 16 kHz."""

BEGINS = 0.5
"""Probability at which speech begins; it continues as long as it is `SPEECH`, which is less."""

SPEECH = 0.35
"""Below this a window is silence: the threshold at which Silero's own post-processing
lets go of running speech (0.5 - 0.15)."""

PAUSE = round(0.16 * SAMPLE_RATE)
"""Silence that ends speech, in samples: less than this is kept within a sentence."""

LONG_PAUSE = 5 * SAMPLE_RATE // (2 * WINDOW)
"""Windows without speech after which a second network listens as well."""

REMEMBERED = 2 * SAMPLE_RATE // WINDOW
"""Windows that the second network has heard before its answers count: a new one takes the
end of a note for speech."""

RENEWED = 4 * SAMPLE_RATE // WINDOW
"""Windows after which the second network is itself replaced by one that has heard
`REMEMBERED`."""

CERTAIN = SAMPLE_RATE // 2 // WINDOW
"""Windows of speech to the second network which show that the first one misses it."""

LATE = SAMPLE_RATE // 8 // WINDOW
"""Windows by which the first network may notice speech later than the second one, as in a
pause of silence: it goes on then."""

_CONTEXT = 64
"""Samples of the window before that Silero is shown again."""

_STATE = (1, 1, 128)

_AT_ONCE = 5 * SAMPLE_RATE // WINDOW
"""Windows that the network is given in one call: more take more memory and are no faster."""

Windows = NDArray[np.float32]
"""n x `WINDOW` samples in -1 to 1."""
Probabilities = NDArray[np.float32]
"""Of speech in each window, 0 to 1."""

_NONE: Probabilities = np.zeros(0, np.float32)


def voice_activity(sound: NDArray[np.float32]) -> Probabilities:
    """Of all windows of a sound (mono, 16 kHz, -1 to 1); the last is filled up with silence."""
    voice = VoiceActivity()
    known = voice.add_windows(np.pad(sound, (0, -len(sound) % WINDOW)))
    return np.concatenate((known, voice.finish()))


class VoiceActivity:
    """Takes samples in any portions; the answer does not depend on how they are portioned."""

    def __init__(self) -> None:
        self._network = _Network()
        self._second: _SecondNetwork | None = None
        """There in a long pause."""
        self._silent = 0
        """Windows since the last in which speech began or went on, up to `LONG_PAUSE`."""
        self._recent: Windows = np.zeros((0, WINDOW), np.float32)
        """The last `REMEMBERED` windows and the one before them."""
        self._rest = np.zeros(0, np.int16)

    def add(self, samples: Samples) -> Probabilities:
        """Of the windows that are now certain: in a long pause up to `CERTAIN` are not yet."""
        waiting = np.concatenate((self._rest, samples))
        whole = len(waiting) - len(waiting) % WINDOW
        self._rest = waiting[whole:]
        return self.add_windows(as_float(waiting[:whole]))

    def finish(self) -> Probabilities:
        """Of the windows that are left; the last is filled up with silence."""
        known = _NONE
        if len(self._rest):
            known = self.add(np.zeros(WINDOW - len(self._rest), np.int16))
        if self._second is not None:
            known = np.concatenate((known, self._second.release(0)))
        return known

    def add_windows(self, samples: NDArray[np.float32]) -> Probabilities:
        """The same for whole windows of samples in -1 to 1."""
        windows = samples.reshape(-1, WINDOW)
        known = [_NONE]
        while len(windows):
            if self._second is None:
                count, probabilities = self._hear(windows)
            else:
                count, probabilities = self._hear_in_pause(windows, self._second)
            known.append(probabilities)
            self._recent = np.vstack((self._recent, windows[:count]))[-REMEMBERED - 1 :]
            windows = windows[count:]
            if self._second is None and self._silent == LONG_PAUSE:
                self._second = _SecondNetwork(self._recent)
            elif self._second is not None and self._second.heard == RENEWED:
                self._second.renew(self._recent)
        return np.concatenate(known)

    def _hear(self, windows: Windows) -> tuple[int, Probabilities]:
        """How many windows were heard, and what is certain by that."""
        taken = windows[: min(_AT_ONCE, LONG_PAUSE - self._silent)]
        probabilities = self._network.hear(taken)
        spoken = np.flatnonzero(probabilities >= BEGINS)
        self._silent = len(taken) - 1 - spoken[-1] if len(spoken) else self._silent + len(taken)
        return len(taken), probabilities

    def _hear_in_pause(
        self, windows: Windows, second: "_SecondNetwork"
    ) -> tuple[int, Probabilities]:
        """The same. The pause ends where either network hears speech."""
        taken = windows[: min(CERTAIN, RENEWED - second.heard)]
        first, other = copy(self._network), copy(second.network)
        count, ended = second.add(first.hear(taken), other.hear(taken))
        if count < len(taken):
            # Their states after the window that ended the pause.
            first, other = copy(self._network), copy(second.network)
            first.hear(taken[:count])
            other.hear(taken[:count])
        self._network, second.network = first, other
        if not ended:
            return count, second.release(CERTAIN)
        if second.is_ahead:
            self._network = other
        self._second, self._silent = None, 0
        return count, second.release(0)


class _SecondNetwork:
    """Listens in a long pause, with what both networks say of the windows not yet certain."""

    def __init__(self, recent: Windows) -> None:
        self._own: list[float] = []
        self._others: list[float] = []
        self._quiet = 0
        self._speech = 0
        """Windows since speech began, as this network hears it; 0 where it hears none."""
        self.renew(recent)

    @property
    def is_ahead(self) -> bool:
        """Whether it has heard speech that the first network missed."""
        return self._speech > LATE

    def renew(self, recent: Windows) -> None:
        """Forget what was before `recent`: `REMEMBERED` windows and the one before."""
        self.network = _Network.after(recent)
        self.heard = 0
        """Windows since."""

    def add(self, own: Probabilities, others: Probabilities) -> tuple[int, bool]:
        """What the first and this network say. How many count, and whether they end the pause."""
        for count, (first, other) in enumerate(zip(own.tolist(), others.tolist(), strict=True), 1):
            self.heard += 1
            self._own.append(first)
            self._others.append(other)
            self._follow(other)
            if first >= BEGINS or self._speech == CERTAIN:
                return count, True
        return len(own), False

    def release(self, kept: int) -> Probabilities:
        """All but the last `kept`; those of speech that the first missed as this network heard
        them."""
        certain = max(0, len(self._own) - kept)
        before = len(self._own) - (self._speech if self.is_ahead else 0)
        known = (self._own[:before] + self._others[before:])[:certain]
        del self._own[:certain], self._others[:certain]
        return np.asarray(known, np.float32)

    def _follow(self, probability: float) -> None:
        """Speech begins and ends as in a region (`SpeechRegions`)."""
        self._quiet = self._quiet + 1 if probability < SPEECH else 0
        if probability >= BEGINS or self._speech:
            self._speech += 1
        if self._quiet * WINDOW > PAUSE:
            self._speech = 0


class _Network:
    """Silero's, with the state that it carries from window to window."""

    def __init__(self) -> None:
        self._session = get_vad_model().session
        self._hidden = np.zeros(_STATE, np.float32)
        self._cell = np.zeros(_STATE, np.float32)
        self._context = np.zeros(_CONTEXT, np.float32)

    @classmethod
    def after(cls, windows: Windows) -> "_Network":
        """One that has heard these, but for the first, which is their context."""
        network = cls()
        network._context = windows[0, -_CONTEXT:]
        network.hear(windows[1:])
        return network

    def hear(self, windows: Windows) -> Probabilities:
        """Of the windows that follow."""
        portions = [windows[i : i + _AT_ONCE] for i in range(0, len(windows), _AT_ONCE)]
        return np.concatenate([_NONE, *map(self._run, portions)])

    def _run(self, windows: Windows) -> Probabilities:
        contexts = np.vstack((self._context, windows[:-1, -_CONTEXT:]))
        self._context = windows[-1, -_CONTEXT:]
        probabilities, self._hidden, self._cell = self._session.run(
            None,
            {"input": np.hstack((contexts, windows)), "h": self._hidden, "c": self._cell},
        )
        return np.asarray(probabilities, np.float32).reshape(-1)

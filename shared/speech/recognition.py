"""A recognizer's result for one segment, as stored in the bucket until the join."""

from shared.documents.transcript import Word
from shared.schema import Schema

UNDETERMINED = "und"
"""ISO 639-2 for a language that cannot be determined, as where there is no speech."""


class SpokenIn(Schema):
    """A stretch of a segment, in seconds from its start, that is in one language."""

    language: str
    """ISO 639-1."""
    start_sec: float
    end_sec: float


class Recognition(Schema):
    """What was said in one segment."""

    language: str
    """ISO 639-1, of most of the speech; `und` where nothing was said and no language was asked
    for."""
    language_probability: float
    """0 to 1; 1 for a language that was asked for, 0 where a recognizer does not say."""
    words: tuple[Word, ...]
    """Times are seconds from the start of the *segment*: they lie inside it, in order,
    and do not overlap."""
    withheld: int
    """Stretches of up to half a minute that sound like speech and of which nothing
    believable could be made (functions/transcribe/recognizers/whisper/confidence.py)."""
    withheld_sec: float = 0.0
    """How much speech they have."""
    uncertain_sec: float = 0.0
    """Speech of which the language is uncertain: too unlike each one, or not English to a model
    that knows English alone."""
    languages: tuple[SpokenIn, ...] = ()
    """Where which language is spoken, in order; empty if all is in one."""
    billed_calls: int = 0
    """How often a hosted service was called."""
    billed_sec: float = 0.0
    """Seconds of audio that it takes money for."""
    provider: str = ""
    """Of the recognizer; empty in recognitions that earlier releases have stored."""
    model: str = ""
    """The same."""

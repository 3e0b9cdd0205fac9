"""Whether a lecture's transcript has a term with high confidence."""

from collections.abc import Sequence
from functools import lru_cache

from functions.transcribe.vocabulary.hinting import occurrences
from shared.documents.transcript import Transcript, Word
from shared.errors import ObjectMissingError
from shared.storage.bucket import ObjectStore

HIGH = 0.7
"""Probability of each word of the term, in one place at least."""
_KEPT_TRANSCRIPTS = 4
"""Parsed, for the segments of a lecture ask for the same ones: some megabytes each."""


def has_surely(store: ObjectStore, name: str, term: str) -> bool:
    """False if the transcript has been deleted meanwhile."""
    try:
        words = _words(store, name)
    except ObjectMissingError:
        return False
    return is_sure(words, term)


def is_sure(words: Sequence[Word], term: str) -> bool:
    """Whether the term stands somewhere with high confidence."""
    return any(
        min(word.probability for word in words[span.start : span.stop]) >= HIGH
        for span in occurrences(words, term)
    )


@lru_cache(maxsize=_KEPT_TRANSCRIPTS)
def _words(store: ObjectStore, name: str) -> tuple[Word, ...]:
    """The same for ever: transcripts are written once."""
    transcript = Transcript.model_validate_json(store.read(name))
    return tuple(word for utterance in transcript.utterances for word in utterance.words)

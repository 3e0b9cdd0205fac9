"""A transcript with some of its utterances corrected, and what is to be learnt from that."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from functions.ingest.correcting.respelling import respell
from functions.ingest.correcting.terms import bare, terms
from shared.errors import UtteranceUnknownError
from shared.transcript import Transcript, Utterance


@dataclass(frozen=True)
class Corrected:
    transcript: Transcript
    utterances: int
    """How many are not as they were."""
    put_in: frozenset[str]
    """Terms that are there because of the correction."""
    taken_out: frozenset[str]


def correct(transcript: Transcript, texts: Mapping[int, str]) -> Corrected:
    """Give utterances, by their id, another text. Raises UtteranceUnknownError."""
    known = {utterance.id: utterance for utterance in transcript.utterances}
    if unknown := sorted(texts.keys() - known.keys()):
        raise UtteranceUnknownError(f"There is no utterance {unknown[0]} in the transcript.")
    written = {key: " ".join(text.split()) for key, text in texts.items()}
    differing = {key: text for key, text in written.items() if known[key].text != text}
    elsewhere = _bare_words(each for key, each in known.items() if key not in differing)
    changed: dict[int, Utterance] = {}
    put_in: set[str] = set()
    taken_out: set[str] = set()
    for key, text in differing.items():
        before, respelled = known[key], respell(known[key], text)
        changed[key] = respelled.utterance
        for utterance, runs, found in (
            (respelled.utterance, respelled.aligned.put_in, put_in),
            (before, respelled.aligned.taken_out, taken_out),
        ):
            words = [word.text for word in utterance.words]
            for run in runs:
                found.update(terms(words, run, elsewhere=elsewhere, language=transcript.language))
    return Corrected(
        transcript=transcript.model_copy(
            update={
                "utterances": tuple(changed.get(each.id, each) for each in transcript.utterances)
            }
        ),
        utterances=len(changed),
        put_in=frozenset(put_in),
        taken_out=frozenset(taken_out),
    )


def _bare_words(utterances: Iterable[Utterance]) -> frozenset[str]:
    return frozenset(bare(word) for each in utterances for word in each.text.split())

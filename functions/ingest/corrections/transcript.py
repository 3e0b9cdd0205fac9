"""A transcript with some of its utterances corrected, or as it was before, and the terms to learn
from that."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from functions.ingest.corrections.respelling import CERTAIN, respell
from functions.ingest.corrections.terms import bare, terms
from shared.documents.transcript import Transcript, Utterance
from shared.errors import TranscriptEmptyError, UtteranceUnknownError


@dataclass(frozen=True)
class Corrected:
    transcript: Transcript
    utterances: int
    """How many are not as they were, or gone."""
    put_in: frozenset[str]
    """Terms that are there because of the correction."""
    taken_out: frozenset[str]


def correct(transcript: Transcript, texts: Mapping[int, str | None]) -> Corrected:
    """Give utterances, by their id, another text, or remove them where it is None.

    An utterance's id is its position, so those behind a removed one are numbered again.
    Raises UtteranceUnknownError, TranscriptEmptyError.
    """
    known = {utterance.id: utterance for utterance in transcript.utterances}
    if unknown := sorted(texts.keys() - known.keys()):
        raise UtteranceUnknownError(f"There is no utterance {unknown[0]} in the transcript.")
    removed = {key for key, text in texts.items() if text is None}
    if len(removed) == len(known):
        raise TranscriptEmptyError()
    written = {key: " ".join(text.split()) for key, text in texts.items() if text is not None}
    differing = {key: text for key, text in written.items() if known[key].text != text}
    untouched = [each for key, each in known.items() if key not in differing and key not in removed]
    elsewhere = _bare_words(untouched)
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
    kept = [changed.get(each.id, each) for each in transcript.utterances if each.id not in removed]
    corrected = transcript.model_copy(
        update={
            "utterances": tuple(
                each.model_copy(update={"id": position}) for position, each in enumerate(kept)
            )
        }
    )
    gone = _terms_of(
        [known[key] for key in removed], elsewhere=elsewhere, language=transcript.language
    )
    taken_out |= {term for term in gone if term not in corrected.text}
    return Corrected(
        transcript=corrected,
        utterances=len(changed) + len(removed),
        put_in=frozenset(put_in),
        taken_out=frozenset(taken_out),
    )


def restore(current: Transcript, earlier: Transcript) -> Corrected:
    """The earlier transcript in place of the current one, with the words and times it had.

    What both have and differs counts as a correction of the current one. Of its words only those
    that a person wrote are terms to learn: the others may be misheard.
    """
    before = dict(_pairs(current.utterances, earlier.utterances))
    texts = {
        each.id: before[each.id].text if each.id in before else None
        for each in current.utterances
        if each.id not in before or before[each.id].text != each.text
    }
    back = len(earlier.utterances) - len(before)
    terms = correct(current, texts) if before else None
    written = {
        bare(word.text)
        for utterance in earlier.utterances
        for word in utterance.words
        if word.probability == CERTAIN
    }
    return Corrected(
        transcript=earlier,
        utterances=len(texts) + back,
        put_in=frozenset(
            term
            for term in (terms.put_in if terms else ())
            if written.issuperset(map(bare, term.split()))
        ),
        taken_out=terms.taken_out if terms else frozenset(),
    )


def _pairs(
    current: Sequence[Utterance], earlier: Sequence[Utterance]
) -> Iterator[tuple[int, Utterance]]:
    """The same utterances in two transcripts of a recording, by the id in the current one.

    Ids are positions, which removals change, and a correction may begin later or end sooner than
    what it replaces. So two are the same if they overlap.
    """
    i = j = 0
    while i < len(current) and j < len(earlier):
        now, then = current[i], earlier[j]
        if now.start_sec != then.start_sec and now.end_sec <= then.start_sec:
            i += 1
        elif now.start_sec != then.start_sec and then.end_sec <= now.start_sec:
            j += 1
        else:
            yield now.id, then
            i, j = i + 1, j + 1


def _terms_of(
    utterances: Iterable[Utterance], *, elsewhere: Collection[str], language: str
) -> set[str]:
    found: set[str] = set()
    for utterance in utterances:
        words = [word.text for word in utterance.words]
        found.update(terms(words, range(len(words)), elsewhere=elsewhere, language=language))
    return found


def _bare_words(utterances: Iterable[Utterance]) -> frozenset[str]:
    return frozenset(bare(word) for each in utterances for word in each.text.split())

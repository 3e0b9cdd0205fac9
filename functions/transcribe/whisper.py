"""Whisper through faster-whisper: voice activity, batches, a retry for doubtful passages.

The way that was measured to lose the fewest words and to invent none: speech alone in
pieces of up to 30 s, decoded in batches with beam 5, a time for every word. A doubtful
piece is decoded again at rising temperature unless nobody seems to speak, and what stays
unbelievable is withheld. A piece in which a term of the course seems misheard is decoded again
with it as a hint (hinting.py). Speech that was passed over is decoded once more on its own.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain, pairwise
from pathlib import Path
from typing import Any

import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel

from functions.transcribe.audio import SAMPLE_RATE
from functions.transcribe.confidence import Passage, believable, doubtful, nothing_said
from functions.transcribe.hinting import resembled, with_terms
from functions.transcribe.recognizer import DetectedLanguage
from functions.transcribe.repetition import said_only
from functions.transcribe.speech_only import Piece, Speech, speech_pieces
from functions.transcribe.unheard import filled, stretches
from functions.transcribe.vocabulary import as_hint, terms_of
from functions.transcribe.words import RawWord, whole_words
from shared.errors import ModelUnavailableError
from shared.speech.recognition import UNDETERMINED, Recognition
from shared.speech.seams import Heard, joined
from shared.speech.times import settle
from shared.text import one_line
from shared.transcript import Word

BEAM = 5
TEMPERATURES = (0.2, 0.4, 0.6, 0.8, 1.0)
"""Of OpenAI's reference implementation, after the first pass at 0."""

_LANGUAGE_PIECES = 4
"""Half-minute pieces that the language is told from; the first sure one decides."""
_LANGUAGE_SURE = 0.7


class WhisperRecognizer:
    """One loaded model. Building it takes about a second and 300 MB with `base`."""

    provider = "whisper"

    def __init__(
        self,
        directory: Path,
        *,
        name: str,
        device: str,
        compute_type: str,
        threads: int,
        batch_size: int,
    ) -> None:
        self.model = name
        self._batch_size = batch_size
        self._whisper = WhisperModel(
            str(directory), device=device, compute_type=compute_type, cpu_threads=threads
        )

    def recognize(
        self,
        speech: Speech,
        *,
        language: str | None,
        vocabulary: Sequence[str],
    ) -> Recognition:
        language = self._spoken(language)
        pieces = speech_pieces(speech)
        if not pieces:
            return Recognition(
                language=language or UNDETERMINED,
                language_probability=1.0 if language else 0.0,
                words=(),
                withheld=0,
            )
        spoken = self._detect(pieces) if language is None else _certainly(language)
        passages = [
            self._looked_into(piece, first, spoken.language)
            for piece, first in zip(
                pieces, self._batched(pieces, spoken.language, None), strict=True
            )
        ]
        passages = self._with_terms(pieces, passages, spoken.language, terms_of(vocabulary))
        heard: list[Heard] = []
        believed: list[Piece] = []
        for piece, passage in zip(pieces, passages, strict=True):
            if passage.words and believable(passage):
                heard.append(Heard(piece.start_sec, piece.end_sec, passage.words))
                believed.append(piece)
        words = joined(heard)
        missing = stretches(speech, believed, words)
        if missing:
            words = filled(words, self._batched(missing, spoken.language, None))
        return Recognition(
            language=spoken.language,
            language_probability=spoken.probability,
            words=settle(words, speech.duration_sec),
            withheld=len(pieces) - len(believed),
        )

    def detect_language(self, speech: Speech) -> DetectedLanguage:
        if (only := self._spoken(None)) is not None:
            return _certainly(only)
        pieces = speech_pieces(speech)
        if not pieces:
            return DetectedLanguage(language=UNDETERMINED, probability=0.0)
        return self._detect(pieces)

    def _spoken(self, language: str | None) -> str | None:
        """What to decode: an English-only model hears English whatever it is asked for."""
        if not self._whisper.model.is_multilingual:
            return "en"
        if language is not None and language not in self._whisper.supported_languages:
            raise ModelUnavailableError(
                f"the speech model {self.model} does not know the language {language!r}"
            )
        return language

    def _detect(self, pieces: Sequence[Piece]) -> DetectedLanguage:
        language, probability, _ = self._whisper.detect_language(
            np.concatenate([piece.samples for piece in pieces[:_LANGUAGE_PIECES]]),
            language_detection_segments=_LANGUAGE_PIECES,
            language_detection_threshold=_LANGUAGE_SURE,
        )
        return DetectedLanguage(language=language, probability=min(1.0, float(probability)))

    def _batched(self, pieces: Sequence[Piece], language: str, hint: str | None) -> list[Passage]:
        # In the middle of a sample: faster-whisper truncates the product of these seconds and
        # the rate, and an edge just below a sample would give the piece another first sample.
        edges = (np.cumsum([0] + [len(piece.samples) for piece in pieces]) + 0.5) / SAMPLE_RATE
        # A pipeline of its own for each call: it keeps a time between calls.
        results, _ = BatchedInferencePipeline(self._whisper).transcribe(
            np.concatenate([piece.samples for piece in pieces]),
            language=language,
            beam_size=BEAM,
            batch_size=self._batch_size,
            word_timestamps=True,
            hotwords=hint,
            clip_timestamps=[
                {"start": start, "end": end} for start, end in pairwise(edges.tolist())
            ],
        )
        found: list[list[Any]] = [[] for _ in pieces]
        for result in results:
            # `seek` is the start of the piece in hundredths of a second, rounded down.
            piece = int(np.searchsorted(edges, result.seek / 100 + 0.011, "right")) - 1
            found[piece].append(result)
        return [
            _passage(of_piece, piece, of_piece[0].seek / 100 if of_piece else 0.0)
            for of_piece, piece in zip(found, pieces, strict=True)
        ]

    def _looked_into(self, piece: Piece, passage: Passage, language: str) -> Passage:
        """The passage itself if it is beyond doubt, else the best that can be had."""
        if doubtful(passage) and not nothing_said(passage):
            passage = self._sampled(piece, language)
        return passage

    def _with_terms(
        self,
        pieces: Sequence[Piece],
        passages: Sequence[Passage],
        language: str,
        terms: Sequence[str],
    ) -> list[Passage]:
        """The passages with the terms that were misheard; none is recognized again without need."""
        wanted = [
            resembled(passage.words, terms) if passage.words and believable(passage) else []
            for passage in passages
        ]
        again = [at for at, resembling in enumerate(wanted) if resembling]
        if not again:
            return list(passages)
        hint = as_hint(list(dict.fromkeys(chain.from_iterable(wanted))))
        hinted = self._batched([pieces[at] for at in again], language, hint)
        result = list(passages)
        for at, other in zip(again, hinted, strict=True):
            words = with_terms(passages[at].words, other.words, wanted[at])
            result[at] = replace(passages[at], words=words)
        return result

    def _sampled(self, piece: Piece, language: str) -> Passage:
        results, _ = self._whisper.transcribe(
            piece.samples,
            language=language,
            beam_size=BEAM,
            temperature=TEMPERATURES,
            best_of=1,  # of 5, a minute of murmur costs a minute and more
            without_timestamps=True,
            condition_on_previous_text=False,
            word_timestamps=True,
        )
        return _passage(list(results), piece, 0.0)


def _certainly(language: str) -> DetectedLanguage:
    return DetectedLanguage(language=language, probability=1.0)


def _passage(results: Sequence[Any], piece: Piece, offset_sec: float) -> Passage:
    """faster-whisper's segments of one piece; `offset_sec` is where its clock has the piece."""
    words = whole_words(
        RawWord(
            text=word.word,
            start_sec=word.start - offset_sec,
            end_sec=word.end - offset_sec,
            probability=float(word.probability),
        )
        for result in results
        for word in result.words or ()
    )
    written = [_placed(word, piece) for word in words]
    said = said_only(written)
    tokens = [len(result.tokens) for result in results]
    return Passage(
        words=said,
        invented=len(written) - len(said),
        speech_sec=len(piece.samples) / SAMPLE_RATE,
        average_log_probability=_mean([r.avg_logprob for r in results], tokens),
        no_speech_probability=_mean([r.no_speech_prob for r in results], tokens),
        compression_ratio=max((r.compression_ratio for r in results), default=0.0),
    )


def _placed(word: RawWord, piece: Piece) -> Word:
    start_sec, end_sec = piece.place(word.start_sec, word.end_sec)
    return Word(
        text=one_line(word.text),
        start_sec=start_sec,
        end_sec=end_sec,
        probability=word.probability,
    )


def _mean(values: Sequence[float], weights: Iterable[int]) -> float:
    return float(np.average(values, weights=[weight + 1 for weight in weights])) if values else 0.0

"""Whisper through faster-whisper: voice activity, batches, a retry for doubtful passages.

The way that was measured to lose the fewest words and to invent none: speech alone in
pieces of up to 30 s, decoded in batches with beam 5, a time for every word. What is surely in
another language than the lecture is decoded again in its own (own_languages.py). A doubtful
piece is decoded again at rising temperature unless it seems to hold no speech, and what stays
implausible is withheld. A piece in which a term of the course seems misheard is decoded again
with it as a hint (hinting.py). Speech that was passed over is decoded once more on its own.
"""

from collections.abc import Sequence
from dataclasses import replace
from itertools import chain
from pathlib import Path

from faster_whisper import WhisperModel

from functions.transcribe.recognizers.base import DetectedLanguage
from functions.transcribe.recognizers.whisper.confidence import (
    Passage,
    believable,
    doubtful,
    nothing_said,
)
from functions.transcribe.recognizers.whisper.decoding import Decoder
from functions.transcribe.recognizers.whisper.language_changes import detected
from functions.transcribe.recognizers.whisper.missed_speech import filled, stretches
from functions.transcribe.recognizers.whisper.own_languages import (
    Part,
    in_own_languages,
    in_place,
    spoken_in,
    uncertain_sec,
)
from functions.transcribe.speech.pieces import Piece, Speech, speech_pieces
from functions.transcribe.vocabulary.hinting import resembled, with_terms
from functions.transcribe.vocabulary.terms import as_hint, terms_of
from shared.documents.transcript import Word
from shared.errors import ModelUnavailableError
from shared.speech.recognition import UNDETERMINED, Recognition
from shared.speech.seams import Heard, joined
from shared.speech.times import settle

_LANGUAGE_PIECES = 4
"""Half-minute pieces used for language detection."""


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
    ) -> None:
        self.model = name
        self._whisper = WhisperModel(
            str(directory), device=device, compute_type=compute_type, cpu_threads=threads
        )
        self._decoder = Decoder(self._whisper)

    def recognize(
        self,
        speech: Speech,
        *,
        language: str | None,
        vocabulary: Sequence[str],
        strict: bool = False,
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
        expected = self._detect(pieces) if language is None else _certainly(language)
        parts = [
            Part(piece, expected.language, passage)
            for piece, passage in zip(
                pieces, self._decoder.batched(pieces, expected.language, None), strict=True
            )
        ]
        if self._whisper.model.is_multilingual and not strict:
            parts = in_own_languages(self._decoder, speech, parts, expected.language)
        parts = [self._looked_into(part) for part in parts]
        believed = [
            part for part in in_place(parts) if part.passage.words and believable(part.passage)
        ]
        believed = self._with_terms(believed, expected.language, terms_of(vocabulary))
        words = joined(
            Heard(part.piece.start_sec, part.piece.end_sec, part.passage.words) for part in believed
        )
        main, spoken = spoken_in(believed, expected.language)
        return Recognition(
            language=main,
            language_probability=expected.probability if main == expected.language else 0.0,
            words=settle(self._filled(speech, believed, words), speech.duration_sec),
            withheld=len(parts) - len(believed),
            withheld_sec=round(
                sum(part.passage.speech_sec for part in parts)
                - sum(part.passage.speech_sec for part in believed),
                3,
            ),
            uncertain_sec=0.0 if strict else round(uncertain_sec(parts), 3),
            languages=spoken,
        )

    def detect_language(self, speech: Speech) -> DetectedLanguage:
        if (only := self._spoken(None)) is not None:
            return _certainly(only)
        pieces = speech_pieces(speech)
        if not pieces:
            return DetectedLanguage(language=UNDETERMINED, probability=0.0)
        return self._detect(pieces)

    def _spoken(self, language: str | None) -> str | None:
        """What to decode: an English-only model decodes English, whatever the request."""
        if not self._whisper.model.is_multilingual:
            return "en"
        if language is not None and language not in self._whisper.supported_languages:
            raise ModelUnavailableError(
                f"the speech model {self.model} does not know the language {language!r}"
            )
        return language

    def _detect(self, pieces: Sequence[Piece]) -> DetectedLanguage:
        # One at a time: mostly the first is sure.
        told = (next(self._decoder.languages([piece])) for piece in pieces[:_LANGUAGE_PIECES])
        language, probability = detected(told)
        return DetectedLanguage(language=language, probability=min(1.0, probability))

    def _looked_into(self, part: Part) -> Part:
        """The part itself if it is beyond doubt, else the best available."""
        if doubtful(part.passage) and not nothing_said(part.passage):
            return replace(part, passage=self._decoder.sampled(part.piece, part.language))
        return part

    def _with_terms(self, parts: Sequence[Part], language: str, terms: Sequence[str]) -> list[Part]:
        """The parts with the terms that were misheard; none is recognized again without need."""
        result = list(parts)
        wanted = {
            at: resembling
            for at, part in enumerate(parts)
            if part.language == language and (resembling := resembled(part.passage.words, terms))
        }
        if not wanted:
            return result
        hint = as_hint(list(dict.fromkeys(chain.from_iterable(wanted.values()))))
        hinted = self._decoder.batched([parts[at].piece for at in wanted], language, hint)
        for at, other in zip(wanted, hinted, strict=True):
            part = parts[at]
            words = with_terms(part.passage.words, other.words, wanted[at])
            result[at] = replace(part, passage=replace(part.passage, words=words))
        return result

    def _filled(
        self, speech: Speech, parts: Sequence[Part], words: Sequence[Word]
    ) -> Sequence[Word]:
        """The words with what was passed over, each stretch in the language around it."""
        found: list[Passage] = []
        for language in dict.fromkeys(part.language for part in parts):
            pieces = [part.piece for part in parts if part.language == language]
            if missing := stretches(speech, pieces, words):
                found += self._decoder.batched(missing, language, None)
        return filled(words, found)


def _certainly(language: str) -> DetectedLanguage:
    return DetectedLanguage(language=language, probability=1.0)

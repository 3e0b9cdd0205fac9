"""A service that speaks OpenAI's transcription API, given one segment's speech at a time.

Like the recognizer of one's own it is shown speech alone: what is paused is neither paid for
nor has words invented for it.
"""

import math
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any

import numpy as np
import openai
from numpy.typing import NDArray

from functions.transcribe.audio import SAMPLE_RATE
from functions.transcribe.audio.flac import encode_flac
from functions.transcribe.recognizers.base import DetectedLanguage
from functions.transcribe.recognizers.hosted.answers import WireAnswer, passages, timed_words
from functions.transcribe.recognizers.whisper.confidence import believable
from functions.transcribe.speech.pieces import Piece, Speech, speech_pieces
from functions.transcribe.vocabulary.hinting import lost_punctuation
from functions.transcribe.vocabulary.terms import as_hint, terms_of
from shared.documents.transcript import Word
from shared.errors import ModelUnavailableError, TransientError
from shared.speech.languages import iso_639_1
from shared.speech.recognition import UNDETERMINED, Recognition
from shared.speech.seams import Heard, joined
from shared.speech.times import settle
from shared.vendors.openai_errors import PASSING, UNREADABLE, in_brief, raise_if_exhausted

LARGEST_BYTES = 25_000_000
"""Of one upload, as OpenAI documents it."""
MOST_SAMPLES = int(LARGEST_BYTES * 0.96) // 2
"""12.5 minutes. FLAC never takes much more than the two bytes a sample has."""
MAX_RETRIES = 4
"""Of one call, by the client, for 408, 409, 429, 5xx and silence; it waits as long as the service
asks for, up to a minute. After that the segment is tried again as a whole."""


class HostedRecognizer:
    provider = "openai"

    def __init__(self, client: openai.OpenAI, *, model: str) -> None:
        """The client carries address, key, time limit and retries."""
        self.model = model
        self._client = client

    def close(self) -> None:
        """Let go of the connections to the service."""
        self._client.close()

    def recognize(
        self,
        speech: Speech,
        *,
        language: str | None,
        vocabulary: Sequence[str],
        strict: bool = False,
    ) -> Recognition:
        told: str | None = None
        parts: list[Heard] = []
        withheld, withheld_sec = 0, 0.0
        billed_calls, billed_sec = 0, 0.0
        hint = as_hint(terms_of(vocabulary))
        for upload in _uploads(speech_pieces(speech)):
            duration_sec = len(upload.samples) / SAMPLE_RATE
            answer = self._ask(upload, language, hint)
            billed_calls += 1
            billed_sec += _billed_sec(answer, duration_sec)
            heard = timed_words(answer, duration_sec)
            if hint is not None and lost_punctuation(heard):
                plain = self._ask(upload, language, None)
                billed_calls += 1
                billed_sec += _billed_sec(plain, duration_sec)
                unhinted = timed_words(plain, duration_sec)
                if not lost_punctuation(unhinted):
                    answer, heard = plain, unhinted
            if heard and told is None:
                told = iso_639_1(answer.language)
            words: list[Word] = []
            for passage, figures in passages(answer, heard, duration_sec):
                if figures is None or believable(figures):
                    words += (_placed(word, upload) for word in passage)
                else:
                    withheld += 1
                    withheld_sec += figures.speech_sec
            parts.append(Heard(upload.start_sec, upload.end_sec, words))
        return Recognition(
            language=language or told or UNDETERMINED,
            language_probability=1.0 if language else 0.0,
            words=settle(joined(parts), speech.duration_sec),
            withheld=withheld,
            withheld_sec=round(withheld_sec, 3),
            billed_calls=billed_calls,
            billed_sec=billed_sec,
        )

    def detect_language(self, speech: Speech) -> DetectedLanguage:
        """From half a minute: each second is paid for. The service does not say how sure it is."""
        for piece in speech_pieces(speech)[:1]:
            answer = self._ask(piece, None, None)
            told = iso_639_1(answer.language) if answer.text.strip() else None
            if told is not None:
                return DetectedLanguage(language=told, probability=0.0)
        return DetectedLanguage(language=UNDETERMINED, probability=0.0)

    def _ask(self, upload: Piece, language: str | None, hint: str | None) -> WireAnswer:
        optional: dict[str, Any] = {}
        if language is not None:
            optional["language"] = language
        if hint is not None:
            optional["prompt"] = hint
        sound = _as_flac(upload.samples)
        try:
            raw = self._client.audio.transcriptions.with_raw_response.create(
                model=self.model,
                file=("speech.flac", sound, "audio/flac"),
                response_format="verbose_json",
                timestamp_granularities=["word", "segment"],
                temperature=0,
                **optional,
            )
            # Read by ourselves: the library takes whatever comes for what was asked for.
            return WireAnswer.model_validate_json(raw.content)
        except UNREADABLE as error:
            raise TransientError("the transcription service's answer cannot be read") from error
        except PASSING as error:
            raise_if_exhausted(error)
            raise TransientError(f"transcription service: {type(error).__name__}") from error
        except openai.APIStatusError as error:
            raise_if_exhausted(error)
            raise ModelUnavailableError(
                f"the transcription service answered {in_brief(error)}"
            ) from error


def _uploads(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Pieces in a row as one, as many as one request may hold and do not overlap."""
    group: list[Piece] = []
    for piece in pieces:
        full = sum(len(each.samples) for each in (*group, piece)) > MOST_SAMPLES
        if group and (full or piece.start_sec < group[-1].end_sec):
            yield _joined(group)
            group = []
        group.append(piece)
    if group:
        yield _joined(group)


def _joined(pieces: Sequence[Piece]) -> Piece:
    return Piece(
        regions=tuple(chain.from_iterable(piece.regions for piece in pieces)),
        samples=np.concatenate([piece.samples for piece in pieces]),
    )


def _placed(word: Word, upload: Piece) -> Word:
    start_sec, end_sec = upload.place(word.start_sec, word.end_sec)
    return word.model_copy(update={"start_sec": start_sec, "end_sec": end_sec})


def _as_flac(samples: NDArray[np.float32]) -> bytes:
    scaled = np.clip(np.round(samples * 32768), -32768, 32767)
    return encode_flac(scaled.astype(np.int16))


def _billed_sec(answer: WireAnswer, sent_sec: float) -> float:
    told = answer.usage.seconds if answer.usage else None
    return float(math.ceil(sent_sec)) if told is None else told

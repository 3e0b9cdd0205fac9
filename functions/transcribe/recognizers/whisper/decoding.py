"""Whisper's decoding of pieces of speech, through faster-whisper."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from faster_whisper import BatchedInferencePipeline, WhisperModel
from faster_whisper.audio import pad_or_trim
from faster_whisper.transcribe import get_ctranslate2_storage

from functions.transcribe.audio import SAMPLE_RATE
from functions.transcribe.recognizers.whisper.confidence import Passage
from functions.transcribe.recognizers.whisper.onsets import from_onsets
from functions.transcribe.recognizers.whisper.repetition import said_only
from functions.transcribe.recognizers.whisper.words import RawWord, whole_words
from functions.transcribe.speech.pieces import Piece
from shared.documents.transcript import Word
from shared.text import one_line

BEAM = 5
TEMPERATURES = (0.2, 0.4, 0.6, 0.8, 1.0)
"""Of OpenAI's reference implementation, after the first pass at 0."""

CLEAN_LOG_PROBABILITY = -0.15
"""Of clean speech in the right language it is -0.03 to -0.12; of what is forced into another -0.26
and less."""
FEW_TOKENS = 50
"""Of half a minute in which not much is said, or much was passed over."""

BATCH_SIZE = 4
"""Half-minute pieces decoded together: memory grows with it, and beyond 8 speed does not."""

Languages = Mapping[str, float]
"""How likely a sound is speech in each language, by ISO 639-1; empty where it was not asked."""


class Decoder:
    """One loaded model and its decoding options."""

    def __init__(self, whisper: WhisperModel) -> None:
        self._whisper = whisper

    def batched(self, pieces: Sequence[Piece], language: str, hint: str | None) -> list[Passage]:
        """What is said in each piece.

        A multilingual model also returns how likely its languages are, from the encoder's output
        that decoding needs in any case: of one piece of each batch, and of all of a batch in which
        something does not look like clean speech in the language.
        """
        # In the middle of a sample: faster-whisper truncates the product of these seconds and
        # the rate, and an edge just below a sample would give the piece another first sample.
        edges = (np.cumsum([0] + [len(piece.samples) for piece in pieces]) + 0.5) / SAMPLE_RATE
        # A pipeline of its own for each call: it keeps a time between calls.
        pipeline = _Pipeline(self._whisper)
        results, _ = pipeline.transcribe(
            np.concatenate([piece.samples for piece in pieces]),
            language=language,
            beam_size=BEAM,
            batch_size=BATCH_SIZE,
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
        languages = pipeline.languages or [{}] * len(pieces)
        return [
            _passage(of_piece, piece, of_piece[0].seek / 100 if of_piece else 0.0, spoken)
            for of_piece, piece, spoken in zip(found, pieces, languages, strict=True)
        ]

    def sampled(self, piece: Piece, language: str) -> Passage:
        """The same of one piece at rising temperature, until it is good enough."""
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
        return _passage(list(results), piece, 0.0, {language: 1.0})

    def languages(self, pieces: Sequence[Piece]) -> Iterator[Languages]:
        """How likely the languages of each piece are: an encoder's pass for each."""
        extract = self._whisper.feature_extractor
        for first in range(0, len(pieces), BATCH_SIZE):
            some = pieces[first : first + BATCH_SIZE]
            features = [pad_or_trim(extract(piece.samples)[..., :-1]) for piece in some]
            yield from _languages(self._whisper, self._whisper.encode(np.stack(features)))


class _Pipeline(BatchedInferencePipeline):  # type: ignore[misc]  # the library has no types
    """faster-whisper's, that keeps what the encoder's output says of languages."""

    def __init__(self, model: WhisperModel) -> None:
        super().__init__(model)
        self.languages: list[Languages] = []

    def generate_segment_batched(self, features: Any, tokenizer: Any, options: Any) -> Any:
        encoded, outputs = super().generate_segment_batched(features, tokenizer, options)
        if self.model.model.is_multilingual:
            self.languages += self._told(encoded, outputs, tokenizer.language_code)
        return encoded, outputs

    def _told(
        self, encoded: Any, outputs: Sequence[Mapping[str, Any]], language: str
    ) -> list[Languages]:
        clean = all(
            output["avg_logprob"] >= CLEAN_LOG_PROBABILITY and len(output["tokens"]) >= FEW_TOKENS
            for output in outputs
        )
        # Of all pieces it is 2 % of the work. On another device than this the output stays there.
        if clean and self.model.model.device == "cpu":
            first = get_ctranslate2_storage(np.asarray(encoded)[:1])
            [told] = _languages(self.model, first)
            if max(told, key=lambda each: told[each]) == language:
                return [told, *({} for _ in outputs[1:])]
        return _languages(self.model, encoded)


def _languages(whisper: WhisperModel, encoded: Any) -> list[Languages]:
    return [
        {token[2:-2]: float(probability) for token, probability in of_piece}
        for of_piece in whisper.model.detect_language(encoded)
    ]


def _passage(
    results: Sequence[Any], piece: Piece, offset_sec: float, languages: Languages
) -> Passage:
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
    said = from_onsets(said_only(written), piece.regions)
    tokens = [len(result.tokens) for result in results]
    return Passage(
        words=said,
        invented=len(written) - len(said),
        speech_sec=len(piece.samples) / SAMPLE_RATE,
        average_log_probability=_mean([r.avg_logprob for r in results], tokens),
        no_speech_probability=_mean([r.no_speech_prob for r in results], tokens),
        compression_ratio=max((r.compression_ratio for r in results), default=0.0),
        languages=languages,
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

"""Pieces in their own languages, with a decoder whose ears are the samples themselves: each region
holds one number, which stands for its language."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pytest

from functions.transcribe.audio import SAMPLE_RATE
from functions.transcribe.recognizers.whisper.confidence import Passage
from functions.transcribe.recognizers.whisper.own_languages import (
    Part,
    in_own_languages,
    in_place,
    spoken_in,
    uncertain_sec,
)
from functions.transcribe.speech.pieces import Piece, Speech, speech_pieces
from functions.transcribe.speech.regions import Region
from shared.documents.transcript import Word

REGION_SEC = 5
CODES = {"en": 1.0, "de": 2.0}
VOICE, UNKNOWN = 3.0, 4.0
"""A German voice that is like German only in ten seconds and more, and one like no language."""


class Ears:
    """Tells and writes down what is asked of it."""

    def __init__(self) -> None:
        self.decoded: list[tuple[str, int]] = []
        self.windows = 0

    def batched(self, pieces: Sequence[Piece], language: str, hint: str | None) -> list[Passage]:
        assert hint is None
        self.decoded.append((language, len(pieces)))
        return [passage(piece, language) for piece in pieces]

    def languages(self, pieces: Sequence[Piece]) -> Iterator[Mapping[str, float]]:
        self.windows += len(pieces)
        return map(likely, pieces)


def likely(piece: Piece) -> dict[str, float]:
    if np.all(piece.samples == VOICE):
        is_long = len(piece.samples) > 2 * REGION_SEC * SAMPLE_RATE
        return {"de": 0.9} if is_long else {"la": 0.4, "nn": 0.2, "de": 0.1, "en": 0.05}
    if np.all(piece.samples == UNKNOWN):
        return {"la": 0.5, "th": 0.2, "cy": 0.1, "en": 0.03, "de": 0.02}
    shares = {each: float(np.mean(piece.samples == code)) for each, code in CODES.items()}
    return {language: 0.98 * share for language, share in shares.items()}


def spoken(piece: Piece) -> str | None:
    """What most of a piece is in, "?" if it reads as poorly in any language; None for several."""
    codes = (*CODES.items(), ("de", VOICE), ("?", UNKNOWN))
    return next((each for each, code in codes if np.mean(piece.samples == code) > 0.5), None)


def passage(piece: Piece, language: str) -> Passage:
    """A word for each region in the language; the others are passed over."""
    words = tuple(
        Word(
            text=language,
            start_sec=region.start / SAMPLE_RATE,
            end_sec=region.end / SAMPLE_RATE,
            probability=0.9,
        )
        for at, region in enumerate(piece.regions)
        if spoken(piece.part(at, at + 1)) in (language, "?")
    )
    return Passage(
        words=words,
        speech_sec=len(piece.samples) / SAMPLE_RATE,
        average_log_probability=-0.1 if spoken(piece) in (language, None) else -0.8,
        no_speech_probability=0.1,
        compression_ratio=1.5,
        languages=likely(piece),
    )


def heard(voices: str, *, expected: str = "en") -> tuple[str, Ears, list[Part]]:
    """What is written of regions in these languages."""
    length = REGION_SEC * SAMPLE_RATE
    codes = {**CODES, "voice": VOICE, "unknown": UNKNOWN}
    samples = np.concatenate([np.full(length, codes[each], np.float32) for each in voices.split()])
    regions = tuple(Region(at, at + length) for at in range(0, len(samples), length))
    speech = Speech(samples, regions)
    pieces = speech_pieces(speech)
    first = [Part(piece, expected, passage(piece, expected)) for piece in pieces]
    ears = Ears()
    parts = in_own_languages(ears, speech, first, expected)  # type: ignore[arg-type]
    words = [word.text for part in parts for word in part.passage.words]
    return " ".join(words), ears, parts


def test_a_lecture_in_its_language_is_neither_decoded_nor_looked_at_again() -> None:
    spoken = " ".join(["en"] * 30)

    text, ears, parts = heard(spoken)

    assert text == spoken
    assert (ears.decoded, ears.windows) == ([], 0)
    assert spoken_in(parts, "en") == ("en", ())


def test_one_in_another_language_is_decoded_in_that_without_a_closer_look() -> None:
    spoken = " ".join(["de"] * 30)

    text, ears, parts = heard(spoken)

    assert text == spoken
    assert (ears.decoded, ears.windows) == ([("de", 5)], 0)
    assert spoken_in(parts, "en") == ("de", ())


def test_a_change_within_a_piece_is_found_and_each_side_decoded_in_its_own() -> None:
    spoken = " ".join(["en"] * 8 + ["de"] * 7 + ["en"] * 9)

    text, ears, parts = heard(spoken)

    assert text == spoken
    assert {language for language, _ in ears.decoded} == {"en", "de"}
    main, languages = spoken_in(parts, "en")
    assert main == "en"
    assert [(each.language, each.start_sec, each.end_sec) for each in languages] == [
        ("en", 0, 40),
        ("de", 40, 75),
        ("en", 75, 120),
    ]


def test_a_welcome_in_another_language_does_not_name_the_lecture() -> None:
    text, _, parts = heard(" ".join(["en"] * 8 + ["de"] * 16))

    assert text == " ".join(["en"] * 8 + ["de"] * 16)
    assert spoken_in(parts, "en")[0] == "de"


def test_noise_is_glanced_at_and_not_looked_into() -> None:
    regions = tuple(Region(at, at + 80_000) for at in range(0, 480_000, 80_000))
    # Two samples of three are English, the rest like nothing.
    noisy = np.tile(np.array([1, 1, 9], np.float32), 160_000)
    speech = Speech(noisy, regions)
    (piece,) = speech_pieces(speech)
    ears = Ears()

    [part] = in_own_languages(ears, speech, [Part(piece, "en", passage(piece, "en"))], "en")  # type: ignore[arg-type]

    assert (part.language, ears.decoded, ears.windows) == ("en", [], 3)


def test_a_voice_that_is_like_its_language_only_as_a_whole_is_found() -> None:
    text, _, parts = heard(" ".join(["en"] * 8 + ["voice"] * 4 + ["en"] * 8))

    assert text == " ".join(["en"] * 8 + ["de"] * 4 + ["en"] * 8)
    assert [each.language for each in spoken_in(parts, "en")[1]] == ["en", "de", "en"]
    assert all(part.is_supported for part in parts)


def test_what_is_like_no_language_is_withheld_and_not_written_in_the_expected_one() -> None:
    _, _, parts = heard(" ".join(["en"] * 8 + ["unknown"] * 4 + ["en"] * 8))

    kept = in_place(parts)

    assert [word.text for part in kept for word in part.passage.words] == ["en"] * 16
    assert sum(part.passage.speech_sec for part in parts) == 20 * REGION_SEC


def test_two_languages_beside_each_other_are_told_apart_by_what_they_are_like() -> None:
    _, _, parts = heard(" ".join(["en"] * 8 + ["unknown"] * 3 + ["voice"] * 3 + ["en"] * 8))

    kept = in_place(parts)

    assert [word.text for part in kept for word in part.passage.words] == (
        ["en"] * 8 + ["de"] * 3 + ["en"] * 8
    )


def test_an_unknown_sentence_between_two_languages_belongs_to_one_of_them() -> None:
    _, _, parts = heard(" ".join(["en"] * 8 + ["unknown"] + ["de"] * 9))

    assert {part.language for part in parts} == {"en", "de"}
    assert in_place(parts) == parts


def test_a_lecture_that_nowhere_sounds_like_its_language_is_written_in_it() -> None:
    text, _, parts = heard(" ".join(["unknown"] * 12))

    assert text == " ".join(["en"] * 12)
    assert in_place(parts) == parts


@pytest.mark.parametrize("sentence", ["de", "voice", "unknown"])
def test_a_quoted_sentence_stays_with_the_language_around_it(sentence: str) -> None:
    _, ears, parts = heard(" ".join(["en"] * 9 + [sentence] + ["en"] * 8))

    assert {part.language for part in parts} == {"en"}
    assert ears.decoded == []


def test_what_fits_no_language_is_counted() -> None:
    sure, unsure = (
        Part(piece, "en", passage(piece, "en"))
        for piece in (
            Piece((Region(0, 80_000),), np.full(80_000, code, np.float32)) for code in (1.0, 9.0)
        )
    )

    assert uncertain_sec([sure, unsure]) == 5


def test_of_a_model_that_tells_no_language_only_what_it_is_unsure_of_is_counted() -> None:
    piece = Piece((Region(0, 80_000),), np.full(80_000, 1.0, np.float32))
    clear = replace(passage(piece, "en"), languages={})
    poor = replace(clear, average_log_probability=-0.6)

    assert uncertain_sec([Part(piece, "en", clear), Part(piece, "en", poor)]) == 5


def part(language: str, *, sec: float = 5.8, log_probability: float = -0.53) -> Part:
    region = Region(0, round(sec * SAMPLE_RATE))
    piece = Piece((region,), np.zeros(len(region), np.float32))
    made = replace(passage(piece, "en"), average_log_probability=log_probability)
    return Part(piece, language, made)


@pytest.mark.parametrize(
    ("parts", "kept"),
    [
        ([part("en"), part("th"), part("de")], "en de"),
        ([part("en"), part("th"), part("en")], "en en"),
        ([part("en"), part("th", sec=10), part("de")], "en th de"),
        ([part("en"), part("es", log_probability=-0.24), part("de")], "en es de"),
        ([part("en"), part("de"), part("de"), part("en")], "en de de en"),
        ([part("de"), part("en"), part("en")], "de en en"),
        ([part("en"), part("en"), part("de")], "en en de"),
        ([part("en")], "en"),
        ([], ""),
    ],
)
def test_a_short_poor_stretch_in_a_language_of_neither_side_is_withheld(
    parts: list[Part], kept: str
) -> None:
    assert " ".join(each.language for each in in_place(parts)) == kept

import numpy as np
import pytest

from functions.transcribe.audio import SAMPLE_RATE
from functions.transcribe.regions import Region
from functions.transcribe.speech_only import (
    OVERLAP_SEC,
    PIECE_SEC,
    SPAN_SEC,
    Grouping,
    Piece,
    speech_in,
    speech_pieces,
)
from functions.transcribe.voice import WINDOW


def pieces(monkeypatch: pytest.MonkeyPatch, *phrases: float) -> list[Piece]:
    """Of phrases so many seconds long, each with a second of silence behind it."""
    voice = [
        value
        for seconds in phrases
        for value, length in ((0.9, seconds), (0.0, 1.0))
        for _ in range(round(length * SAMPLE_RATE / WINDOW))
    ]
    monkeypatch.setattr(
        "functions.transcribe.speech_only.voice_activity",
        lambda _: np.asarray(voice, np.float32),
    )
    return speech_pieces(speech_in(np.arange(len(voice) * WINDOW, dtype=np.float32)))


def test_phrases_are_gathered_until_the_window_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    found = pieces(monkeypatch, *[8] * 12)

    assert all(len(piece.samples) <= PIECE_SEC * SAMPLE_RATE for piece in found)
    assert [len(piece.regions) for piece in found] == [3, 3, 3, 3]


def test_no_sound_of_speech_is_left_out_or_shown_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    found = pieces(monkeypatch, 3, 11, 29, 2, 2, 28, 7, 1, 1)
    shown = np.concatenate([piece.samples for piece in found])

    assert (np.diff(shown) > 0).all()
    assert len(shown) == sum(r.end - r.start for piece in found for r in piece.regions)
    assert shown[0] == found[0].regions[0].start


def test_where_nobody_speaks_there_is_no_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    assert pieces(monkeypatch, 0, 0, 0) == []


def test_where_nobody_pauses_pieces_share_some_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    _, first, second = pieces(monkeypatch, 3, 45, 7)

    assert first.end_sec - second.start_sec == pytest.approx(OVERLAP_SEC)


def test_what_is_said_minutes_apart_is_no_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    found = pieces(monkeypatch, 2, 2, *[0] * 60, 2, 2)

    assert [len(piece.regions) for piece in found] == [2, 2]


def test_a_piece_is_known_to_be_full_as_soon_as_nothing_fits() -> None:
    region, later = Region(0, SAMPLE_RATE), Region(2 * SAMPLE_RATE, 3 * SAMPLE_RATE)
    by_silence, by_speech = Grouping(10**6), Grouping(10**6)
    end = round(SPAN_SEC * SAMPLE_RATE)
    for grouping in (by_silence, by_speech):
        assert list(grouping.add(region)) == list(grouping.add(later)) == []

    assert list(by_silence.close_before(end - 1)) == []
    assert list(by_silence.close_before(end)) == [(region, later)]
    assert list(by_speech.add(Region(end, end + 1))) == [(region, later)]
    assert not by_silence.is_open
    assert by_speech.is_open

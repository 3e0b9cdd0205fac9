import numpy as np
import pytest

from functions.transcribe.audio import SAMPLE_RATE
from functions.transcribe.audio.voice_activity import WINDOW
from functions.transcribe.speech.pieces import (
    OVERLAP_SEC,
    PIECE_SEC,
    SPAN_SEC,
    Grouping,
    Piece,
    speech_in,
    speech_pieces,
)
from functions.transcribe.speech.regions import PAD, Region


def pieces(monkeypatch: pytest.MonkeyPatch, *phrases: float) -> list[Piece]:
    """Of phrases so many seconds long, each with a second of silence behind it."""
    voice = [
        value
        for seconds in phrases
        for value, length in ((0.9, seconds), (0.0, 1.0))
        for _ in range(round(length * SAMPLE_RATE / WINDOW))
    ]
    monkeypatch.setattr(
        "functions.transcribe.speech.pieces.voice_activity",
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


class TestPlace:
    """A pause of ten seconds between two phrases: voice from 0.4 to 2.6 s and from 13.4 s on."""

    FIRST = Region(0, 3 * SAMPLE_RATE, padded=round(0.4 * SAMPLE_RATE))
    SECOND = Region(13 * SAMPLE_RATE, 16 * SAMPLE_RATE, padded=round(0.4 * SAMPLE_RATE))

    def place(self, start_sec: float, end_sec: float) -> tuple[float, float]:
        piece = Piece((self.FIRST, self.SECOND), np.zeros(6 * SAMPLE_RATE, np.float32))
        return piece.place(start_sec, end_sec)

    def test_a_word_that_begins_where_the_one_before_the_pause_ended_starts_with_the_voice(
        self,
    ) -> None:
        assert self.place(2.5, 3.55) == pytest.approx((13.3, 13.55))

    def test_a_last_word_that_ends_where_the_next_begins_is_said_before_the_pause(self) -> None:
        assert self.place(2.2, 3.4) == pytest.approx((2.2, 3.0))

    def test_a_word_starts_no_earlier_than_the_voice(self) -> None:
        assert self.place(3.0, 3.6) == pytest.approx((13.3, 13.6))
        assert self.place(0.0, 0.5) == pytest.approx((0.3, 0.5))

    def test_what_lies_in_the_pause_alone_is_on_the_side_of_its_middle(self) -> None:
        assert self.place(2.7, 2.9) == pytest.approx((2.7, 2.9))
        assert self.place(3.1, 3.3) == pytest.approx((13.3, 13.3))

    @pytest.mark.parametrize("start", [-1.0, 0.0, 1.7, 2.9, 3.0, 5.9, 7.0])
    @pytest.mark.parametrize("length", [0.0, 0.3, 4.0])
    def test_whatever_the_times_they_lie_in_one_region(self, start: float, length: float) -> None:
        low, high = self.place(start, start + length)

        assert low <= high
        assert any(
            region.start <= low * SAMPLE_RATE and high * SAMPLE_RATE <= region.end
            for region in (self.FIRST, self.SECOND)
        )


def test_regions_know_where_the_voice_begins(monkeypatch: pytest.MonkeyPatch) -> None:
    (piece,) = pieces(monkeypatch, 0.2, 3, 4)

    # Nothing comes before the sound's own beginning.
    assert [region.padded for region in piece.regions] == [0, PAD, PAD]

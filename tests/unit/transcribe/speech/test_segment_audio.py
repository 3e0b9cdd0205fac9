import numpy as np
import pytest

from functions.transcribe.audio import as_float
from functions.transcribe.audio.flac import decode_flac, encode_flac
from functions.transcribe.speech.pieces import speech_in
from functions.transcribe.speech.regions import Region
from functions.transcribe.speech.segment_audio import read_segment, write_segment
from tests.support.sound.sounds import recorded, silence


def test_a_segment_is_read_as_it_was_written() -> None:
    samples = recorded("speech/jfk-1961.flac")
    regions = (Region(0, 17), Region(800, 16_000, padded=600), Region(15_000, len(samples)))

    speech = read_segment(write_segment(samples, regions))

    assert speech.regions == regions
    assert [region.padded for region in speech.regions] == [0, 600, 0]
    assert np.array_equal(speech.samples, as_float(samples))


def test_what_it_says_is_believed_even_where_it_says_nothing() -> None:
    assert read_segment(write_segment(recorded("speech/jfk-1961.flac"), ())).regions == ()


def test_a_segment_of_older_code_is_looked_through() -> None:
    samples = recorded("speech/jfk-1961.flac")

    speech = read_segment(encode_flac(samples))

    assert speech.regions == speech_in(as_float(samples)).regions
    assert len(speech.regions) > 2


def test_a_segment_that_older_code_wrote_does_not_say_where_the_voice_begins() -> None:
    samples = recorded("speech/jfk-1961.flac")

    (region,) = read_segment(encode_flac(samples, comments={"SPEECH": "[[800,16000]]"})).regions

    assert (region.start, region.end, region.padded) == (800, 16_000, 0)


@pytest.mark.slow
def test_hundreds_of_regions_are_no_burden() -> None:
    regions = tuple(Region(start, start + 700) for start in range(0, 25 * 60 * 16_000, 8_000))
    samples = silence(25 * 60)

    data = write_segment(samples, regions)

    assert read_segment(data).regions == regions
    assert data == write_segment(samples, regions)
    assert np.array_equal(decode_flac(data), samples)

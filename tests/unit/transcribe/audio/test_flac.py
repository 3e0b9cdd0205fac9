import numpy as np
import pytest

from functions.transcribe.audio.flac import decode_flac, encode_flac
from shared.errors import NotAudioError


@pytest.mark.parametrize("length", [1, 100, 4095, 4096, 4097, 50_000])
def test_a_segment_comes_out_of_flac_as_it_went_in(length: int) -> None:
    samples = np.random.default_rng(length).integers(-32768, 32768, length).astype(np.int16)

    assert np.array_equal(decode_flac(encode_flac(samples)), samples)


def test_the_same_samples_give_the_same_bytes() -> None:
    samples = np.random.default_rng(0).integers(-999, 999, 20_000).astype(np.int16)

    assert encode_flac(samples) == encode_flac(samples)


def test_bytes_that_are_no_flac_are_refused() -> None:
    with pytest.raises(NotAudioError):
        decode_flac(b"not a segment" * 100)

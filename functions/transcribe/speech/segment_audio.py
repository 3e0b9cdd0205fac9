"""A segment as sent to its worker: a FLAC file that carries its speech regions.

The cut has found that out for the whole lecture. Heard from the segment alone it would be a
little different at its edges, and the pieces that Whisper is shown with it.
"""

import json

from functions.transcribe.audio import Samples, as_float
from functions.transcribe.audio.flac import decode_flac, encode_flac, read_comment
from functions.transcribe.speech.pieces import Group, Speech, speech_in
from functions.transcribe.speech.regions import Region

_COMMENT = "SPEECH"
"""Of the Vorbis comments: pairs of samples, from and to."""
_PADDED = "SPEECH_PADDED"
"""One number for each pair: `Region.padded`."""


def write_segment(samples: Samples, regions: Group) -> bytes:
    """The same samples and regions give the same bytes."""
    pairs = [[region.start, region.end] for region in regions]
    padded = [region.padded for region in regions]
    return encode_flac(samples, comments={_COMMENT: _listed(pairs), _PADDED: _listed(padded)})


def read_segment(data: bytes) -> Speech:
    """What was written; of a segment that says nothing, as older code made them, it is found out.

    Raises NotAudioError if the bytes are not audio.
    """
    samples = as_float(decode_flac(data))
    pairs = read_comment(data, _COMMENT)
    if pairs is None:
        return speech_in(samples)
    spans: list[list[int]] = json.loads(pairs)
    padded = json.loads(read_comment(data, _PADDED) or "[]") or [0] * len(spans)
    return Speech(
        samples,
        tuple(
            Region(start, end, padded=before)
            for (start, end), before in zip(spans, padded, strict=True)
        ),
    )


def _listed(numbers: list[list[int]] | list[int]) -> str:
    return json.dumps(numbers, separators=(",", ":"))

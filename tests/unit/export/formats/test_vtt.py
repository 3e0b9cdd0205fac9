"""WebVTT: the same captions as SubRip, as another library reads them."""

import io
from dataclasses import replace

import pytest
import srt
import webvtt

from functions.export.formats.captions.srt import SrtFormat
from functions.export.formats.captions.vtt import VttFormat
from shared.errors import ExportFailedError
from tests.unit.export.documents import lecture
from tests.unit.export.hostile import HOSTILE


def cues(data: bytes) -> list[webvtt.Caption]:
    return list(webvtt.from_buffer(io.StringIO(data.decode())).captions)


@pytest.mark.parametrize("source", ["hashing-1", "economics"])
def test_the_captions_are_those_of_the_other_format(source: str) -> None:
    document = lecture(source)
    there = list(srt.parse(SrtFormat().render(document).decode()))
    here = cues(VttFormat().render(document))
    assert [cue.text for cue in here] == [caption.content for caption in there]
    assert [cue.start_in_seconds for cue in here] == [int(c.start.total_seconds()) for c in there]
    assert [cue.start.replace(".", ",") for cue in here] == [
        srt.timedelta_to_srt_timestamp(caption.start) for caption in there
    ]
    assert [cue.end.replace(".", ",") for cue in here] == [
        srt.timedelta_to_srt_timestamp(caption.end) for caption in there
    ]


@pytest.mark.parametrize("name", HOSTILE)
def test_no_text_is_read_as_a_tag_or_as_another_cue(name: str) -> None:
    hostile = lecture(wording=lambda said: HOSTILE[name])
    data = VttFormat().render(hostile).decode()
    blocks = data.strip().split("\n\n")
    assert blocks[0] == "WEBVTT"
    for block in blocks[1:]:
        times, *text = block.split("\n")
        assert times.count("-->") == 1
        assert 1 <= len(text) <= 2
        assert not {"<", ">"} & set("".join(text))
    assert len(cues(data.encode())) == len(blocks) - 1


def test_without_a_transcript_there_are_no_captions() -> None:
    with pytest.raises(ExportFailedError, match="no transcript"):
        VttFormat().render(replace(lecture(), transcript=None))

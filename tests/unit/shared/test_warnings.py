"""Warnings: stable codes, each with a sentence that its parameters complete."""

import json
from string import Formatter
from typing import get_args

import pytest

from shared.documents.transcript import Transcript
from shared.documents.warnings import _SENTENCES, LectureWarning, Param, WarningCode, read, stored

TRANSCRIPT = {
    "language": "en",
    "durationSec": 1.0,
    "provider": "whisper",
    "model": "tiny.en",
    "utterances": [],
}


@pytest.mark.parametrize("code", WarningCode)
def test_every_code_has_a_sentence_that_its_parameters_complete(code: WarningCode) -> None:
    names = [name for _, name, _, _ in Formatter().parse(_SENTENCES[code]) if name]

    message = LectureWarning.of(code, **dict.fromkeys(names, 7)).message

    assert message.endswith(".")
    assert message.count("7") == len(names)
    assert "{" not in message


def test_lists_and_measures_are_written_as_a_reader_expects() -> None:
    one = LectureWarning.of(WarningCode.SEVERAL_TRACKS, tracks=4, used=(2,))
    three = LectureWarning.of(WarningCode.SEVERAL_TRACKS, tracks=4, used=(1, 2, 4))
    long = LectureWarning.of(WarningCode.CLIPPED, seconds=12.4)

    assert one.message == "The file has 4 audio tracks. Used for the transcript: 2."
    assert three.message.endswith(": 1, 2 and 4.")
    assert "about 12 seconds" in long.message


@pytest.mark.parametrize("value", ["de", 3, 2.5, ("en", "de"), (1, 3), ()])
def test_what_is_stored_is_read_again(value: Param) -> None:
    warning = LectureWarning(code="several_languages", message="Two.", params={"given": value})

    assert read(json.loads(json.dumps(stored([warning])))) == (warning,)


def test_every_kind_of_parameter_is_covered_above() -> None:
    assert len(get_args(Param)) == 5


def test_a_transcript_stored_before_there_were_warnings_has_none() -> None:
    assert Transcript.model_validate(TRANSCRIPT).warnings == ()


def test_a_code_of_a_later_release_is_read() -> None:
    warning = {"code": "of_tomorrow", "message": "Something new.", "params": {"share": 0.5}}

    transcript = Transcript.model_validate({**TRANSCRIPT, "warnings": [warning]})

    assert json.loads(transcript.to_json())["warnings"] == [warning]

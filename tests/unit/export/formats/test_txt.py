"""The transcript as text to read."""

import re
from dataclasses import replace
from itertools import pairwise

import pytest

from functions.export.formats.txt import LONGEST_SEC, TxtFormat
from shared.errors import ExportFailedError
from tests.unit.export.documents import lecture
from tests.unit.export.hostile import HOSTILE


def paragraphs(text: str) -> list[tuple[float, str]]:
    found = re.findall(r"^\[(\d+):(\d\d)\] (.+)$", text, re.MULTILINE)
    return [(int(minute) * 60 + int(second), said) for minute, second, said in found]


@pytest.mark.parametrize("source", ["hashing-1", "photosynthesis"])
def test_every_word_is_there_once_and_in_order(source: str) -> None:
    document = lecture(source)
    assert document.transcript
    written = paragraphs(TxtFormat().render(document).decode())
    assert " ".join(said for _, said in written) == document.transcript.text


def test_a_paragraph_carries_the_time_it_begins_at_and_has_a_readable_length() -> None:
    document = lecture("economics")
    assert document.transcript
    starts = {int(utterance.start_sec) for utterance in document.transcript.utterances}
    times = [at for at, _ in paragraphs(TxtFormat().render(document).decode())]
    assert set(times) <= starts
    assert times == sorted(times)
    assert len(times) > 2
    longest = max(u.end_sec - u.start_sec for u in document.transcript.utterances)
    gaps = [after - before for before, after in pairwise(times)]
    assert all(gap <= LONGEST_SEC + longest + 2 for gap in gaps)


@pytest.mark.parametrize("name", HOSTILE)
def test_nothing_invisible_gets_into_it(name: str) -> None:
    text = TxtFormat().render(lecture(wording=lambda said: HOSTILE[name])).decode()
    assert all(char == "\n" or char.isprintable() or char in "\u200e\u200f" for char in text)


def test_without_a_transcript_there_is_no_text() -> None:
    with pytest.raises(ExportFailedError, match="no transcript"):
        TxtFormat().render(replace(lecture(), transcript=None))

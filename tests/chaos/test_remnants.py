"""A lecture that is deleted is recognized wherever a word of it, its name or its title is left."""

import io
import zipfile

import pytest

from tests.chaos.remnants import remnants
from tests.chaos.standins.marks import MARKS, mark, marks_in, recording
from tests.chaos.standins.recognizer import SUBJECTS, QuickRecognizer
from tests.support.lectures.remains import texts_of
from tests.support.sound.speech import transcribe

TARGET_SEC = 10
GONE, STAYS = mark(3), mark(4)


def zipped(text: str) -> bytes:
    inner, outer = io.BytesIO(), io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("word/document.xml", f"<p>Market <b>table{text}</b></p>")
    with zipfile.ZipFile(outer, "w") as archive:
        archive.writestr("notes.docx", inner.getvalue())
    return outer.getvalue()


@pytest.mark.parametrize("number", [0, MARKS - 1])
def test_words_of_a_marked_recording_have_its_mark(number: int) -> None:
    heard = transcribe(
        QuickRecognizer(),
        io.BytesIO(recording("hashing-1-20", number)),
        target_sec=TARGET_SEC,
    )

    words = [word for word in heard.text.replace(".", "").split() if word not in SUBJECTS]
    assert len(words) > 20
    assert all(word.endswith(mark(number)) for word in words)


def test_words_of_other_recordings_have_none() -> None:
    heard = transcribe(
        QuickRecognizer(), io.BytesIO(recording("hashing-1-20")), target_sec=TARGET_SEC
    )

    assert heard.utterances
    assert not marks_in([heard.text])


def test_marks_differ() -> None:
    assert len({mark(number) for number in range(MARKS)}) == MARKS


@pytest.mark.parametrize(
    "texts",
    [
        (f"(1,lecture-7-{GONE},ready)",),
        (f"Ledger {GONE.upper()}",),
        tuple(texts_of(zipped(GONE))),
        ("nothing", f"table{GONE} node{GONE}"),
    ],
)
def test_a_mark_of_what_was_deleted_is_found(texts: tuple[str, ...]) -> None:
    assert remnants([("here", texts), ("there", ["nothing"])], {GONE}) == [
        f"remains: here holds {GONE}"
    ]


def test_what_was_not_deleted_may_be_anywhere() -> None:
    assert remnants([("here", [f"table{STAYS}"])], {GONE}) == []

"""One lecture, from a phone's upload to the files a student keeps."""

import json
from difflib import SequenceMatcher
from pathlib import Path

import pypdfium2
import pytest
import srt
from anki.collection import Collection, ImportAnkiPackageOptions, ImportAnkiPackageRequest

from scripts.demo.client import ApiError
from shared.documents.artifacts import ArtifactType
from tests.support.processes.running_stack import RunningStack
from tests.support.sound.speech import LECTURES, clip, silence


def test_a_spoken_lecture_becomes_transcript_material_and_files(
    pegasus: RunningStack, tmp_path: Path
) -> None:
    audio = clip("photosynthesis", seconds=90)

    lecture = pegasus.hand_in(audio, lecture="whole", course="biology", break_once=True)
    end = pegasus.ended(lecture)

    assert end["overallStatus"] == "completed", end
    assert end["percent"] == 100
    pegasus.check_whole(lecture)
    segments = end["stages"][1]["segments"]
    assert len(segments) > 1, "the test means to see a fan-out"
    transcript = pegasus.client.get(f"/lectures/{lecture}/transcript")
    _assert_heard(transcript, "photosynthesis")
    records = pegasus.client.get(f"/lectures/{lecture}/artifacts")["artifacts"]
    assert {record["type"] for record in records} == set(ArtifactType)
    assert pegasus.client.get("/courses/biology/threads")["pagination"]["total"] > 0
    _assert_files_open(pegasus, lecture, transcript, tmp_path)


def _assert_heard(transcript: dict[str, object], lecture: str) -> None:
    """The words of the first 90 s, in order, at times that rise and stay inside."""
    utterances = transcript["utterances"]
    assert isinstance(utterances, list)
    words = [word for utterance in utterances for word in utterance["words"]]
    heard = [word["text"].strip(".,;:?!").lower() for word in words]
    spoken = (LECTURES / f"{lecture}.txt").read_text().lower().split()[: len(heard)]
    spoken = [word.strip(".,;:?!") for word in spoken]
    assert SequenceMatcher(a=heard, b=spoken, autojunk=False).ratio() > 0.9
    times = [time for word in words for time in (word["startSec"], word["endSec"])]
    assert times == sorted(times)
    assert times[-1] <= transcript["durationSec"] == pytest.approx(90)


def _assert_files_open(
    pegasus: RunningStack, lecture: str, transcript: dict[str, object], folder: Path
) -> None:
    files = {}
    for record in pegasus.client.get(f"/lectures/{lecture}/exports")["exports"]:
        files[record["type"]] = folder / record["fileName"]
        files[record["type"]].write_bytes(
            pegasus.client.download(f"/exports/{lecture}/{record['type']}")
        )
    assert set(files) == {
        *("markdown", "pdf", "docx", "anki", "anki-csv", "srt", "vtt", "txt", "json", "zip")
    }

    cards = pegasus.client.get(f"/lectures/{lecture}/artifacts/flashcards")["content"]["cards"]
    collection = Collection(str(folder / "collection.anki2"))
    try:
        collection.import_anki_package(
            ImportAnkiPackageRequest(
                package_path=str(files["anki"]), options=ImportAnkiPackageOptions()
            )
        )
        assert collection.note_count() == len(cards)
    finally:
        collection.close()

    document = pypdfium2.PdfDocument(files["pdf"])
    text = " ".join(page.get_textpage().get_text_bounded() for page in document)
    document.close()
    summary = pegasus.client.get(f"/lectures/{lecture}/summary")["content"]
    for section in summary["sections"]:
        assert section["title"].split()[0] in text

    cues = list(srt.parse(files["srt"].read_text()))
    said = " ".join(cue.content.replace("\n", " ") for cue in cues)
    utterances = transcript["utterances"]
    assert isinstance(utterances, list)
    assert said.split() == " ".join(u["text"] for u in utterances).split()
    assert json.loads(files["json"].read_text())
    assert files["markdown"].read_text().startswith("# ")


@pytest.mark.slow
def test_two_lectures_of_a_course_share_threads(pegasus: RunningStack) -> None:
    for name in ("hashing-1", "hashing-2"):
        pegasus.hand_in(clip(name, seconds=100), lecture=name, course="hashing")
    for name in ("hashing-1", "hashing-2"):
        assert pegasus.ended(name)["overallStatus"] == "completed"

    threads = pegasus.client.get("/courses/hashing/threads")["threads"]
    lectures = {
        thread["title"]: {occurrence["lectureId"] for occurrence in thread["occurrences"]}
        for thread in threads
    }
    assert {"hashing-1", "hashing-2"} in lectures.values(), lectures


@pytest.mark.parametrize(
    ("audio", "code"),
    [(silence(2), "no_speech"), (b"This is an essay, not a recording." * 50, "not_audio")],
)
def test_a_recording_that_gives_nothing_fails_with_a_reason(
    pegasus: RunningStack, audio: bytes, code: str
) -> None:
    lecture = pegasus.hand_in(audio, lecture=f"fails-{code.replace('_', '-')}")

    end = pegasus.ended(lecture)

    assert end["overallStatus"] == "failed"
    assert end["error"]["code"] == code
    with pytest.raises(ApiError, match="not_found"):
        pegasus.client.get(f"/lectures/{lecture}/transcript")

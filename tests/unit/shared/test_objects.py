"""Names say what an object is and who may have written it, and never collide."""

import uuid

from hypothesis import given
from hypothesis import strategies as st

from shared.storage.object_names import ObjectNames

LECTURE, JOB = uuid.UUID(int=1), uuid.UUID(int=2)
NAMES = ObjectNames()


def test_everything_lies_in_the_folder_of_its_kind() -> None:
    assert NAMES.raw(LECTURE, JOB, "wav") == f"raw/{LECTURE}/{JOB}.wav"
    assert NAMES.segment_audio(JOB, 7, (2.0, 3.5)) == f"segments/{JOB}/00007_2000-3500.flac"
    assert NAMES.transcript(LECTURE, JOB, 2) == f"transcripts/{LECTURE}/{JOB}-2.json"
    assert NAMES.folder("raw") == "raw/"
    assert NAMES.folder("transcripts", LECTURE) == f"transcripts/{LECTURE}/"


def test_a_prefix_holds_all_of_it() -> None:
    names = ObjectNames("stage/one")

    assert names.raw(LECTURE, JOB, "wav").startswith("stage/one/raw/")
    assert names.folder("exports").startswith("stage/one/")


def test_whose_an_object_is_stands_in_its_name() -> None:
    for names in (NAMES, ObjectNames("stage/one")):
        assert names.key_of(names.raw(LECTURE, JOB, "wav")) == LECTURE
        assert names.key_of(names.segment_transcript(JOB, 7, 1)) == JOB
        assert names.key_of(f"{names.folder('raw')}stray.wav") is None
        assert names.key_of(f"{names.folder('raw')}{str(LECTURE).replace('-', '')}/x") is None


def test_a_folder_is_not_the_beginning_of_another() -> None:
    assert not NAMES.segment_audio(JOB, 1, (0.0, 1.0)).startswith(NAMES.folder("segments", LECTURE))
    assert NAMES.segment_audio(JOB, 1, (0.0, 1.0)).startswith(NAMES.folder("segments", JOB))


@given(first=st.integers(1, 99), second=st.integers(1, 99))
def test_a_replaced_worker_writes_beside_its_successor(first: int, second: int) -> None:
    def written(attempt: int) -> set[str]:
        return {
            NAMES.segment_transcript(JOB, 0, attempt),
            NAMES.transcript(LECTURE, JOB, attempt),
            NAMES.artifact(LECTURE, JOB, attempt, "summary"),
            NAMES.export(LECTURE, JOB, attempt, "a.pdf"),
        }

    assert written(first).isdisjoint(written(second)) is (first != second)


def test_segments_are_listed_in_their_order() -> None:
    names = [NAMES.segment_audio(JOB, index, (0.0, 1.0)) for index in (0, 9, 10, 99, 100, 12_345)]

    assert names == sorted(names)

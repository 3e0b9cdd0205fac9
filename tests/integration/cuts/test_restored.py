"""A database of before a cut has the words again: after a restore they are taken out again."""

import pytest
from flask.testing import FlaskClient

from scripts.recovery.deletions import Deletion, delete_again, deletions_since
from shared.models import Lecture
from shared.runtime import Runtime
from tests.integration.cuts.conftest import ADDRESS, SAID, code_of, cut, states, texts
from tests.integration.material.test_corrections import found
from tests.support.clock import HeldClock
from tests.support.lectures.builders import enqueue, get_lecture


@pytest.fixture
def entry(runtime: Runtime, lecture: Lecture) -> Deletion:
    """As the audit of the latest state has it."""
    return Deletion(
        id=runtime.new_id(),
        subject=f"lecture:{lecture.id}",
        generation=None,
        lecture_id=lecture.id,
        actor="owner",
        outcome="cut: 10.000-19.000 s, 30.000-31.500 s",
        run_id=None,
        size=None,
        created_at=runtime.clock(),
    )


def test_the_audit_has_what_is_needed_to_repeat_it(
    client: FlaskClient, runtime: Runtime, clock: HeldClock
) -> None:
    cut(client)

    written = [each.outcome for each in deletions_since(runtime.database, clock())]
    assert "cut: 10.000-19.000 s" in written


def test_it_is_cut_again(client: FlaskClient, runtime: Runtime, entry: Deletion) -> None:
    assert delete_again(runtime, [entry]).cut == 1

    assert texts(client) == (SAID[0], SAID[2])
    assert states(client) == ["silencing", "silencing"]
    assert code_of(client.get(f"{ADDRESS}/audio")) == (409, "recording_withheld")


def test_a_transcription_of_the_restored_state_does_not_go_on(
    client: FlaskClient, runtime: Runtime, lecture: Lecture, entry: Deletion
) -> None:
    job = enqueue(runtime, lecture)

    delete_again(runtime, [entry])

    assert texts(client) == (SAID[0], SAID[2])
    assert client.get(f"/jobs/{job}").get_json()["error"]["code"] == "cancelled"


def test_of_a_transcript_that_is_not_in_the_bucket_no_word_is_left(
    client: FlaskClient, runtime: Runtime, lecture: Lecture, entry: Deletion
) -> None:
    """The cut had deleted the object."""
    runtime.store.delete(str(lecture.transcript_object))

    delete_again(runtime, [entry])

    assert get_lecture(runtime, lecture).transcript_object is None
    assert (found(client, "Miller"), found(client, "Euler")) == (0, 0)


def test_one_that_cannot_be_cut_is_restricted(
    client: FlaskClient, runtime: Runtime, entry: Deletion
) -> None:
    whole = entry.model_copy(update={"outcome": "cut: 0.000-60.000 s"})

    delete_again(runtime, [whole])

    assert code_of(client.get(f"{ADDRESS}/transcript")) == (409, "lecture_restricted")

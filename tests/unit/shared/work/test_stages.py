"""The table of stages, and the parameters of their jobs."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.models import JSON, JobType, Lecture
from shared.work.stages import FIRST, STAGES, Missing, TranscriptionParams

LECTURE = Lecture(preset_id="exam")

names = st.text(min_size=1, max_size=20)


def test_every_type_of_job_is_a_stage_and_each_follows_another() -> None:
    way, at = [FIRST], STAGES[FIRST].then
    while at is not None:
        way.append(at)
        at = STAGES[at].then

    assert way == list(STAGES) == list(JobType)


@pytest.mark.parametrize("type", JobType)
def test_parameters_know_their_stage(type: JobType) -> None:
    params = STAGES[type].params.defaults(LECTURE)

    assert params.type == type
    assert STAGES[type].params.of(params.to_json()) == params


@pytest.mark.parametrize(
    ("type", "stored"),
    [
        (JobType.TRANSCRIPTION, {"model": None, "language": None}),
        (JobType.GENERATION, {"preset_id": "exam"}),
        (JobType.EXPORT, {}),
    ],
)
def test_defaults_are_stored_as_earlier_releases_store_them(type: JobType, stored: JSON) -> None:
    assert STAGES[type].params.defaults(LECTURE).to_json() == stored


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "model": st.none() | names,
            "language": st.none() | names,
            "strict": st.just(value=True),
            "provider": names,
            "of_another_release": names,
        },
    )
)
def test_stored_parameters_are_read_with_what_is_left_out(stored: JSON) -> None:
    params = TranscriptionParams.of(stored)

    known = {name: value for name, value in stored.items() if name != "of_another_release"}
    assert params.to_json() == {"model": None, "language": None, **known}
    assert params.strict is stored.get("strict", False)


def test_parameters_of_another_stage_are_refused_if_they_lack_what_is_needed() -> None:
    with pytest.raises(ValueError, match="preset_id"):
        STAGES[JobType.GENERATION].params.of({"model": None})


def test_a_missing_input_is_described_with_its_reason() -> None:
    assert Missing("transcript", "generate from", deleted_by_retention=False).message == (
        "There is no transcript to generate from."
    )
    assert Missing("recording", "transcribe", deleted_by_retention=True).message == (
        "The recording has been deleted as retention promises."
    )

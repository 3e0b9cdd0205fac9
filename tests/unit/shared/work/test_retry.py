"""Whether failed work is tried again depends on the error and the attempt alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import errors
from shared.errors import PegasusError, PermanentError, TransientError
from shared.work.retry import Failure


def kinds(base: type[PegasusError]) -> list[type[PegasusError]]:
    return [base, *(kind for child in base.__subclasses__() for kind in kinds(child))]


@given(attempt=st.integers(1, 60), max_attempts=st.integers(1, 50))
def test_a_passing_trouble_ends_the_work_with_the_last_attempt(
    attempt: int, max_attempts: int
) -> None:
    failure = Failure.of(TransientError())

    assert failure.ends_work(attempt=attempt, max_attempts=max_attempts) is (
        attempt >= max_attempts
    )


@pytest.mark.parametrize("kind", kinds(PermanentError))
def test_a_permanent_one_ends_it_at_once(kind: type[PegasusError]) -> None:
    assert Failure.of(kind()).ends_work(attempt=1, max_attempts=50)


@pytest.mark.parametrize("error", [ValueError("secret"), OSError("secret"), KeyError("secret")])
def test_an_unforeseen_one_is_tried_again_and_not_quoted(error: Exception) -> None:
    failure = Failure.of(error)

    assert failure.to_json() == {
        "code": "internal",
        "message": f"An internal error ({type(error).__name__}).",
    }
    assert not failure.ends_work(attempt=1, max_attempts=2)


@pytest.mark.parametrize("kind", kinds(PegasusError))
def test_every_error_explains_itself(kind: type[PegasusError]) -> None:
    assert kind().message
    assert kind("because").message == "because"


def test_codes_are_stable_and_each_means_one_thing() -> None:
    declared = [kind for kind in vars(errors).values() if isinstance(kind, type)]
    own = [kind for kind in declared if issubclass(kind, PegasusError) and "code" in vars(kind)]
    codes = [kind.code for kind in own]

    assert len(codes) == len(set(codes))

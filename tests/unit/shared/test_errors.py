from collections.abc import Iterator

import pytest

from shared.errors import PegasusError


def _kinds(of: type[PegasusError]) -> Iterator[type[PegasusError]]:
    for kind in of.__subclasses__():
        yield kind
        yield from _kinds(kind)


@pytest.mark.parametrize("kind", list(_kinds(PegasusError)), ids=lambda kind: kind.__name__)
def test_what_an_error_says_by_itself_is_a_whole_sentence(kind: type[PegasusError]) -> None:
    told = str(kind())
    assert told.endswith((".", "?"))
    assert "\n" not in told

"""Outcomes in the audit of deletions."""

import pytest
from sqlalchemy.dialects import postgresql

from shared.deletion.audit import Conclusion, has_outcome
from shared.models import DeletionOutcome


@pytest.mark.parametrize("outcome", DeletionOutcome)
@pytest.mark.parametrize("detail", [None, "Forbidden", "held: 2 days"])
def test_an_outcome_is_told_from_all_others_by_its_text(
    outcome: DeletionOutcome, detail: str | None
) -> None:
    text = str(Conclusion(outcome, detail))

    assert text.startswith(outcome)
    others = [
        each for each in DeletionOutcome if each != outcome and f"{text}:".startswith(f"{each}:")
    ]
    assert others == []


@pytest.mark.parametrize(
    ("outcome", "condition"),
    [
        (DeletionOutcome.INTENDED, "outcome = 'intended'"),
        (DeletionOutcome.REFUSED, "outcome LIKE 'refused: ' || '%%'"),
    ],
)
def test_the_condition_compares_the_whole_text_unless_there_is_a_detail(
    outcome: DeletionOutcome, condition: str
) -> None:
    compiled = has_outcome(outcome).compile(
        dialect=postgresql.dialect(),  # type: ignore[no-untyped-call]
        compile_kwargs={"literal_binds": True},
    )

    assert str(compiled) == f"deletion_audit_events.{condition}"

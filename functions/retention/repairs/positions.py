"""How far a repair has come that examines everything page by page, and then rests."""

from datetime import timedelta

from sqlalchemy.dialects.postgresql import insert

from shared.models import SweepPosition
from shared.runtime import Runtime

END = "~"
"""All has been examined."""


def reached(rt: Runtime, name: str, *, again_after: timedelta) -> str | None:
    """Where to go on; empty at the beginning. None where all has been examined lately."""
    with rt.database.reading() as session:
        position = session.get(SweepPosition, name)
    if position is None:
        return ""
    if position.reached != END:
        return position.reached
    return None if position.updated_at > rt.clock() - again_after else ""


def go_on_from(rt: Runtime, name: str, reached: str) -> None:
    values = {"reached": reached, "updated_at": rt.clock()}
    with rt.transaction() as tx:
        tx.session.execute(
            insert(SweepPosition)
            .values(name=name, **values)
            .on_conflict_do_update(index_elements=[SweepPosition.name], set_=values)
        )
        tx.commit()

"""How many connections the functions may take of the database, as terraform/database.tf has it."""

from collections.abc import Mapping

from shared.topology import Topology

POOL_SIZE, RESERVE = 2, 12
"""Defaults of database_pool_size and connection_reserve in terraform/variables.tf."""
REVISIONS = 2
"""While a deployment is in progress, instances of the old one are there as well."""

ALLOWED = {
    1_024: 25,
    3_840: 50,
    6_144: 100,
    7_680: 200,
    15_360: 400,
    30_720: 500,
    61_440: 600,
    122_880: 800,
}
"""Below so many megabytes of memory, that many; from the last on, `MOST`."""
MOST = 1_000


def needed(topology: Topology, max_instances: Mapping[str, int] | None = None) -> int:
    """With instances as declared, but for those of `max_instances`."""
    counts = {name: each.max_instances for name, each in topology.functions.items()}
    counts.update(max_instances or {})
    return sum(counts.values()) * POOL_SIZE * REVISIONS + RESERVE


def allowed(megabytes: int) -> int:
    return next((most for below, most in ALLOWED.items() if megabytes < below), MOST)


def smallest_memory(connections: int) -> int | None:
    """Megabytes of the smallest database that allows so many; None where none does.

    Limits are as many as `allowed` steps; a database has at least 614.
    """
    steps = [614, *ALLOWED]
    return next((size for size in steps if allowed(size) >= connections), None)

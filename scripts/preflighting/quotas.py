"""Whether Cloud Run's quotas of the region hold as many instances as each function may have.

Cloud Run compares processors and memory of all instances that one service may have with what the
project may have in the region, and refuses the service if they are more: `CpuAllocPerProjectRegion`
in thousandths of a processor, `MemAllocPerProjectRegion` in bytes.
"""

from collections.abc import Mapping

from scripts.verifying.cloud import Check, Checks, Cloud, at
from shared.topology import Function, load_topology

UNITS = {
    "CpuAllocPerProjectRegion": lambda function: function.cpu * 1000,
    "MemAllocPerProjectRegion": lambda function: function.memory_mib << 20,
}
"""Of each quota, what one instance takes."""


def check_quotas(cloud: Cloud) -> Checks:
    allowed = {quota: _allowed(cloud, quota) for quota in UNITS}
    for quota, value in allowed.items():
        found = "not known for this region" if value is None else f"{value}"
        yield Check(f"quota {quota} in {cloud.region}", None if value is None else True, found)
    known = {quota: value for quota, value in allowed.items() if value is not None}
    for name, function in load_topology().functions.items():
        most = instances(function, known)
        fits = function.max_instances <= most
        found = f"{function.max_instances} instances"
        if not fits:
            found += f"; only {most} fit: max_instances = {{ {name} = {most} }}, or ask for more"
        yield Check(f"quotas hold {name}", fits, found)


def instances(function: Function, allowed: Mapping[str, int]) -> int:
    """How many of them the quotas hold."""
    held = [value // UNITS[quota](function) for quota, value in allowed.items()]
    return min(held, default=function.max_instances)


def _allowed(cloud: Cloud, quota: str) -> int | None:
    info = cloud.ask("beta", "quotas", "info", "describe", quota, "--service=run.googleapis.com")
    for dimension in at(info, "dimensionsInfos", []):
        places = at(dimension, "applicableLocations", [])
        if cloud.region in places or at(dimension, "dimensions.region") == cloud.region:
            value = at(dimension, "details.value")
            return None if value is None else int(value)
    return None

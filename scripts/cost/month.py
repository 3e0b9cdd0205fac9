"""The cost of a month without lectures."""

import re

from scripts.cost.lecture import Bases
from scripts.cost.lines import Line, request_line
from scripts.cost.plan import Plan

HOURS = 730.0
SECONDS = HOURS * 3600
SWEEPS = round(HOURS * 60)
"""One a minute, as shared/topology.json has it."""
SECRETS = 3
SHARED_CORE = {"db-f1-micro": "sql_f1_micro", "db-g1-small": "sql_g1_small"}


def idle_lines(plan: Plan, on: Bases) -> list[Line]:
    """Raises ValueError if the database's tier is none that terraform/database.tf takes."""
    prices, assumed, topology = on.prices, on.assumed, on.topology
    api = topology.functions["ingest-api"]
    sweep = topology.functions[topology.schedules["sweep"].function]
    kept = plan.kept_instances * SECONDS
    log = SWEEPS * on.measured.sweep_log.value / (1 << 20)
    jobs = len(topology.schedules)
    images = assumed.images.value
    lines = [
        Line(
            f"Cloud SQL, `{plan.database_tier}`{', with a standby' if plan.regional else ''}",
            f"{HOURS:.0f} h",
            database_usd(plan, on),
        ),
        Line(
            "its disk and backups",
            f"{assumed.database_disk.value:g} + {assumed.database_backups.value:g} GiB",
            assumed.database_disk.value * prices.sql_disk.usd * (2 if plan.regional else 1)
            + assumed.database_backups.value * prices.sql_backup.usd,
        ),
        Line(
            "`ingest-api`, kept warm",
            f"{plan.kept_instances} × instance",
            kept * api.cpu * prices.run_idle_cpu.usd
            + kept * api.memory_mib / 1024 * prices.run_idle_memory.usd,
        ),
        request_line(
            prices,
            topology.schedules["sweep"].function,
            sweep,
            SWEEPS * on.measured.sweep.value,
            requests=SWEEPS,
        ),
        Line("Cloud Scheduler", f"{jobs} jobs", jobs * prices.scheduler_job.usd),
        Line("Secret Manager", f"{SECRETS} versions", SECRETS * prices.secret_version.usd),
        Line("Images of the functions", f"{images:g} GiB", images * prices.image_data.usd),
        Line("Logging of the sweep", f"{log:.2f} GiB", log * prices.logging_data.usd),
    ]
    return [line for line in lines if line.usd > 0]


def database_usd(plan: Plan, on: Bases) -> float:
    copies = 2 if plan.regional else 1
    if plan.database_tier in SHARED_CORE:
        hour: float = getattr(on.prices, SHARED_CORE[plan.database_tier]).usd
        return hour * HOURS * copies
    match = re.fullmatch(r"db-custom-(\d+)-(\d+)", plan.database_tier)
    if match is None:
        raise ValueError(
            f"{plan.database_tier}: must be db-f1-micro, db-g1-small or db-custom-CPUS-MEGABYTES."
        )
    cpus, megabytes = map(int, match.groups())
    hour = cpus * on.prices.sql_cpu.usd + megabytes / 1024 * on.prices.sql_memory.usd
    return hour * HOURS * copies

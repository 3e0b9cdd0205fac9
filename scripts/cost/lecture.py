"""What one lecture costs, line by line.

Every function is reckoned to start cold once for it, and every segment worker too: that is
the expensive case, a lecture on its own. A request is billed from its arrival, the start included.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from functions.generate.providers.chat.prices import cost_usd
from functions.transcribe.speech.planning import segment_length
from scripts.cost.figures import (
    Assumptions,
    MeasuredFigures,
    Prices,
    Tokens,
    load_assumptions,
    load_measured,
    load_prices,
    setting,
)
from scripts.cost.lines import GIB, Line, request_line, request_usd
from scripts.cost.plan import Plan
from shared.topology import Topology, load_topology

MESSAGES = 5
"""Of a lecture's way: to uploads, transcribe and generate, and two to export."""
ARTIFACTS, KEPT_ANSWERS, FILES, EARLY_FILES = 5, 6, 10, 3
"""Objects of a lecture: artifacts, with a language model its answers, and the files, of which some
are made of the transcript alone before."""
API_REQUESTS = 120
"""Ingest, then progress every few seconds, then reading what was made."""
READS_PER_OBJECT = 3


@dataclass(frozen=True, eq=False)
class Bases:
    """Everything that a bill rests on. Equal to nothing but itself."""

    prices: Prices
    measured: MeasuredFigures
    assumed: Assumptions
    topology: Topology

    @classmethod
    def load(cls) -> "Bases":
        return cls(load_prices(), load_measured(), load_assumptions(), load_topology())


def segments(hours: float) -> int:
    """How many a lecture is cut into under the settings as they come."""
    length = segment_length(
        hours * 3600,
        workers=setting("plc_segment_workers"),
        longest_sec=setting("plc_segment_target_sec"),
    )
    return max(1, round(hours * 3600 / length))


def lecture_lines(plan: Plan, on: Bases) -> list[Line]:
    """What goes away when the lecture does; the database is not in it."""
    functions, measured, prices = on.topology.functions, on.measured, on.prices
    start = on.assumed.cold_start.value

    def line(name: str, seconds: float, *, requests: int = 1) -> Line:
        return request_line(prices, name, functions[name], seconds, requests=requests)

    material = generation_seconds(plan, on)
    return [
        line("ingest-api", API_REQUESTS * measured.api_request.value, requests=API_REQUESTS),
        line("ingest-on-upload", start + measured.upload_check.value),
        line("transcribe", start + plan.hours * measured.cutting.value),
        *recognition_lines(plan, on),
        line("generate", start + material),
        line("export", exporting_seconds(plan, on), requests=2),
        *_material_lines(plan, on),
        *_message_lines(plan, on),
        *_storage_lines(plan, on),
        Line(
            "Logging",
            f"{measured.log.value:.0f} KiB",
            measured.log.value * 1024 / GIB * prices.logging_data.usd,
        ),
    ]


def exporting_seconds(plan: Plan, on: Bases) -> float:
    """The files of the transcript, and later all."""
    measured = on.measured
    by_hour = measured.transcript_files.value + measured.exporting.value
    return 2 * on.assumed.cold_start.value + plan.hours * by_hour


def recognition_lines(plan: Plan, on: Bases) -> list[Line]:
    """Segment workers, on processors or on a graphics card."""
    name = on.topology.queues["segments"].function
    function, assumed, prices = on.topology.functions[name], on.assumed, on.prices
    count = segments(plan.hours)
    if plan.recognizer == "cpu":
        workers = min(count, function.max_instances)
        seconds = (
            plan.hours * on.measured.recognizing.value * assumed.cloud_slowdown.value
            + workers * (assumed.cold_start.value + on.measured.model_load.value)
            + on.measured.joining.value * plan.hours
        )
        return [request_line(prices, name, function, seconds, requests=count)]
    seconds = (
        plan.hours * assumed.gpu_recognizing.value
        + assumed.gpu_start.value
        + assumed.gpu_linger.value / assumed.gpu_lectures_per_start.value
    )
    cpu, memory = assumed.gpu_cpu.value, assumed.gpu_memory.value
    usd = seconds * (
        prices.run_l4.usd
        + cpu * prices.run_instance_cpu.usd
        + memory * prices.run_instance_memory.usd
    )
    used = f"{count} × request, {seconds:.0f} s of an L4, {cpu:g} vCPU and {memory:g} GiB"
    return [Line(f"`{name}` on a GPU", used, usd)]


def generation_seconds(plan: Plan, on: Bases) -> float:
    if plan.model is None:
        return plan.hours * on.measured.extractive.value
    tokens = material_tokens(on.measured.material_tokens, plan.hours)
    return on.assumed.model_wait.value + tokens.output / (
        on.assumed.model_speed.value * setting("plc_llm_concurrency")
    )


def material_tokens(rows: Sequence[Tokens], hours: float) -> Tokens:
    """Between two measured lengths as far along as the lecture is; beyond them, the nearest."""
    after = bisect_right([row.hours for row in rows], hours)
    if after in (0, len(rows)):
        nearest = rows[min(after, len(rows) - 1)]
        return nearest.model_copy(update={"hours": hours})
    low, high = rows[after - 1], rows[after]
    share = (hours - low.hours) / (high.hours - low.hours)
    return Tokens(
        hours=hours,
        input=round(low.input + share * (high.input - low.input)),
        output=round(low.output + share * (high.output - low.output)),
    )


def _material_lines(plan: Plan, on: Bases) -> list[Line]:
    if plan.model is None:
        return []
    tokens = material_tokens(on.measured.material_tokens, plan.hours)
    cached = round(tokens.input * 5 / 6) if plan.cached else 0
    usd = cost_usd(
        plan.model, input_tokens=tokens.input, cached_tokens=cached, output_tokens=tokens.output
    )
    if usd is None:
        raise ValueError(f"The price of {plan.model} is not known.")
    used = f"{tokens.input:,} tokens in, {tokens.output:,} out"
    return [Line(plan.model, used + (f"; {cached:,} read before" if cached else ""), usd)]


def _message_lines(plan: Plan, on: Bases) -> list[Line]:
    operations = 2 * segments(plan.hours)
    # Published, and pushed.
    data = 2 * MESSAGES * 1000
    return [
        Line(
            "Cloud Tasks",
            f"{operations} calls and deliveries",
            operations / 1e6 * on.prices.tasks_operations.usd,
        ),
        Line(
            "Pub/Sub",
            f"{MESSAGES} messages, {data / 1000:.0f} kB",
            data / (1 << 40) * on.prices.pubsub_data.usd,
        ),
    ]


def _storage_lines(plan: Plan, on: Bases) -> list[Line]:
    count = segments(plan.hours)
    answers = KEPT_ANSWERS if plan.model else 0
    written = 2 + 2 * count + 1 + ARTIFACTS + answers + FILES + EARLY_FILES
    read = READS_PER_OBJECT * written
    soft = setting("plc_bucket_soft_delete_days")
    days = {
        on.assumed.recording.value: setting("plc_retention_raw_audio_days") + soft,
        # Pieces go a day after the lecture's last work.
        on.measured.segments_audio.value: 1 + soft,
        # Files stay; a year is reckoned with.
        on.measured.results.value: 365,
    }
    gib_months = plan.hours * sum(size * 2**20 / GIB * kept / 30 for size, kept in days.items())
    fetched = plan.students * on.measured.results.value / FILES * 2**20 / GIB * plan.hours
    return [
        Line(
            "Cloud Storage, operations",
            f"{written} writes, {read} reads",
            written / 1000 * on.prices.storage_class_a.usd
            + read / 1000 * on.prices.storage_class_b.usd,
        ),
        Line(
            "Cloud Storage, kept",
            f"{gib_months:.3f} GiB-months",
            gib_months * on.prices.storage_data.usd,
        ),
        Line(
            "Sent to students",
            f"{plan.students} files, {fetched * 1024:.1f} MiB",
            fetched * on.prices.internet_data.usd,
        ),
    ]


def hosted_usd(hours: float, per_minute: float) -> float:
    return hours * 60 * per_minute


def recognition_usd(plan: Plan, on: Bases) -> float:
    """The segment workers and the cutting before them."""
    cutting = request_usd(
        on.prices,
        on.topology.functions["transcribe"],
        on.assumed.cold_start.value + plan.hours * on.measured.cutting.value,
    )
    return cutting + sum(line.usd for line in recognition_lines(plan, on))

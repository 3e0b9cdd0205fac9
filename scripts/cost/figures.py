"""The figures that cost and simulation reckon with: each with its unit and where it is from.

`measured.json` holds what was measured, here and on one machine; `assumed.json` what is taken
for granted of the cloud, and why; `prices.json` list prices. What the product itself decides
(instances, queues, leases, days) is read from the product.
"""

from functools import cache
from pathlib import Path
from typing import TypeVar

from pydantic import BaseModel

from shared.config import Settings
from shared.schema import Schema


class Measured(Schema):
    """A number that was measured."""

    value: float
    unit: str
    source: str


class Assumed(Schema):
    """A number that was not measured, and why it is assumed."""

    value: float
    unit: str
    why: str


class Price(Schema):
    """US dollars, before taxes, discounts and free tiers."""

    usd: float
    per: str
    source: str
    as_of: str


class Tokens(Schema):
    """What study material for one lecture takes, of a language model that reads 64,000 tokens."""

    hours: float
    input: int
    output: int


class MeasuredFigures(Schema):
    machine: str
    cutting: Measured
    recognizing: Measured
    model_load: Measured
    process_start: Measured
    upload_check: Measured
    joining: Measured
    extractive: Measured
    exporting: Measured
    transcript_files: Measured
    api_request: Measured
    sweep: Measured
    segments_audio: Measured
    results: Measured
    log: Measured
    sweep_log: Measured
    polling: Measured
    hour_by_two_workers: Measured
    busy_hour: Measured
    busy_share: Measured
    material_tokens: tuple[Tokens, ...]


class Assumptions(Schema):
    cloud_slowdown: Assumed
    service_spread: Assumed
    cold_start: Assumed
    idle_before_end: Assumed
    pending: Assumed
    hop: Assumed
    push_window_start: Assumed
    push_window_most: Assumed
    lecture_median: Assumed
    lecture_spread: Assumed
    arrival_window: Assumed
    kills: Assumed
    model_wait: Assumed
    model_speed: Assumed
    model_tokens_per_minute: Assumed
    model_refusals: Assumed
    gpu_recognizing: Assumed
    gpu_start: Assumed
    gpu_linger: Assumed
    gpu_lectures_per_start: Assumed
    gpu_cpu: Assumed
    gpu_memory: Assumed
    recording: Assumed
    images: Assumed
    database_disk: Assumed
    database_backups: Assumed


class Prices(Schema):
    region: str
    note: str
    run_cpu: Price
    run_memory: Price
    run_requests: Price
    run_idle_cpu: Price
    run_idle_memory: Price
    run_instance_cpu: Price
    run_instance_memory: Price
    run_l4: Price
    tasks_operations: Price
    pubsub_data: Price
    storage_data: Price
    storage_class_a: Price
    storage_class_b: Price
    sql_cpu: Price
    sql_memory: Price
    sql_f1_micro: Price
    sql_g1_small: Price
    sql_disk: Price
    sql_backup: Price
    logging_data: Price
    scheduler_job: Price
    secret_version: Price
    image_data: Price
    internet_data: Price
    openai_whisper: Price
    openai_transcribe: Price
    openai_transcribe_mini: Price
    google_speech: Price
    google_speech_batch: Price


HERE = Path(__file__).parent
F = TypeVar("F", bound=BaseModel)


def load(model: type[F], path: Path) -> F:
    """Raises ValidationError if a figure is missing, unknown, or has no source."""
    return model.model_validate_json(path.read_text())


def load_measured() -> MeasuredFigures:
    return load(MeasuredFigures, HERE / "measured.json")


def load_assumptions() -> Assumptions:
    return load(Assumptions, HERE / "assumed.json")


def load_prices() -> Prices:
    return load(Prices, HERE / "prices.json")


@cache
def setting(name: str) -> int:
    """The default of a setting that is a number."""
    return int(Settings.model_fields[name].default)

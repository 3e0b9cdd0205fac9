"""What a lecture costs: every line reckoned from a figure that has a source."""

import json
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from pydantic import ValidationError

from functions.generate.providers.chat.prices import cost_usd
from scripts.cost.__main__ import PAGE, main, page_tables
from scripts.cost.ceilings import ceiling_lines
from scripts.cost.figures import HERE, Price, Tokens, load, load_prices
from scripts.cost.figures import Prices as PriceTable
from scripts.cost.lecture import (
    Bases,
    lecture_lines,
    material_tokens,
    recognition_usd,
    segments,
)
from scripts.cost.lines import request_usd, total
from scripts.cost.month import database_usd, idle_lines
from scripts.cost.plan import Plan
from scripts.cost.tables import filled, table
from shared.config import Settings
from shared.topology import load_topology

ON = Bases.load()


def usd(plan: Plan, what: str) -> float:
    return sum(line.usd for line in lecture_lines(plan, ON) if what in line.what)


def test_the_page_shows_what_the_calculator_says() -> None:
    page = PAGE.read_text()
    assert filled(page, page_tables(ON)) == page, "python -m scripts.cost --write"


def test_a_functions_ceiling_is_that_of_all_its_instances() -> None:
    topology = load_topology()
    lines = {line.what: line.usd for line in ceiling_lines(ON)}
    assert lines.keys() == {f"`{name}`" for name in topology.functions}
    for name, function in topology.functions.items():
        one = request_usd(ON.prices, function, 3600, requests=0)
        assert lines[f"`{name}`"] == pytest.approx(function.max_instances * one)


def test_a_page_with_other_figures_is_noticed(capsys: pytest.CaptureFixture[str]) -> None:
    page = PAGE.read_text()
    dearer = replace(ON, prices=ON.prices.model_copy(update={"run_cpu": _dearer("run_cpu")}))
    assert filled(page, page_tables(dearer)) != page
    assert main(["--check"]) == 0
    assert capsys.readouterr().out == ""


def test_a_table_that_the_page_lacks_is_noticed() -> None:
    with pytest.raises(ValueError, match="there are"):
        filled("<!-- table one -->\n<!-- end -->", {"one": "", "two": ""})


def test_every_price_has_a_page_and_a_date() -> None:
    for name in PriceTable.model_fields:
        price = getattr(load_prices(), name)
        if isinstance(price, Price):
            assert price.usd > 0
            assert price.source.startswith("https://")
            date.fromisoformat(f"{price.as_of}-01")


def test_a_price_without_a_source_is_refused(tmp_path: Path) -> None:
    prices = json.loads((HERE / "prices.json").read_text())
    del prices["runCpu"]["source"]
    changed = tmp_path / "prices.json"
    changed.write_text(json.dumps(prices))
    with pytest.raises(ValidationError, match="source"):
        load(PriceTable, changed)


def test_a_request_is_billed_for_its_processor_its_memory_and_itself() -> None:
    function = load_topology().functions["transcribe-on-segment"]
    prices = ON.prices.model_copy(
        update={
            "run_cpu": _price(1.0),
            "run_memory": _price(10.0),
            "run_requests": _price(1_000_000.0),
        }
    )
    # Three seconds of one processor and two GiB, and one request at a dollar.
    assert request_usd(prices, function, 3.0) == pytest.approx(3 * 1 + 3 * 2 * 10 + 1)


def test_an_hour_of_two_costs_less_than_two_lectures_of_one() -> None:
    # What grows with the length: speech, files and storage; what does not: messages and starts.
    one = total(lecture_lines(Plan(model=None), ON))
    two = total(lecture_lines(Plan(hours=2, model=None), ON))
    assert one < two < 2 * one


def test_speech_is_what_costs_when_no_model_is_asked() -> None:
    plan = Plan(model=None)
    assert usd(plan, "transcribe-on-segment") > total(lecture_lines(plan, ON)) / 2


def test_the_model_is_billed_by_the_table_that_jobs_are_billed_by() -> None:
    hour = next(row for row in ON.measured.material_tokens if row.hours == 1)
    for model in ("gpt-6-luna", "gpt-6.1-terra"):
        billed = cost_usd(
            model, input_tokens=hour.input, cached_tokens=0, output_tokens=hour.output
        )
        assert usd(Plan(model=model), model) == billed
        assert usd(Plan(model=model, cached=True), model) < usd(Plan(model=model), model)


def test_the_model_that_is_reckoned_with_is_the_one_that_is_asked() -> None:
    assert Plan().model == Settings.model_fields["openai_model"].default


def test_measured_tokens_are_those_of_the_performance_page() -> None:
    page = (PAGE.parent / "performance.md").read_text()
    for row in ON.measured.material_tokens:
        minutes = f"{row.hours * 60:.0f} min"
        assert f"| scripted gpt-5-mini | 64,000 | {minutes} |" in page
        assert f"| {row.input:,} | {row.output:,} |" in page


def test_between_measured_lengths_tokens_are_in_between() -> None:
    rows = (Tokens(hours=1, input=100, output=10), Tokens(hours=2, input=200, output=30))
    assert material_tokens(rows, 1.5) == Tokens(hours=1.5, input=150, output=20)
    assert material_tokens(rows, 0.1) == Tokens(hours=0.1, input=100, output=10)
    assert material_tokens(rows, 9) == Tokens(hours=9, input=200, output=30)


def test_a_lecture_is_cut_as_the_product_cuts_it() -> None:
    # Nothing shorter than 150 s, nothing longer than 300 s.
    assert segments(0.05) == 1
    assert segments(1) == 20
    assert segments(3) == 40


def test_a_card_pays_only_for_lectures_in_a_row() -> None:
    gpu = Plan(recognizer="gpu")
    alone = replace(
        ON,
        assumed=ON.assumed.model_copy(
            update={
                "gpu_lectures_per_start": ON.assumed.gpu_lectures_per_start.model_copy(
                    update={"value": 1.0}
                )
            }
        ),
    )
    assert recognition_usd(gpu, alone) > 3 * recognition_usd(gpu, ON)


def test_a_standby_doubles_the_database() -> None:
    regional = database_usd(Plan(database_tier="db-custom-2-7680", regional=True), ON)
    zonal = database_usd(Plan(database_tier="db-custom-2-7680", regional=False), ON)
    assert regional == pytest.approx(2 * zonal)
    assert zonal == pytest.approx(
        730 * (2 * ON.prices.sql_cpu.usd + 7.5 * ON.prices.sql_memory.usd)
    )


def test_an_idle_month_is_mostly_the_database() -> None:
    plan = Plan()
    assert database_usd(plan, ON) > 0.8 * total(idle_lines(plan, ON))


def test_the_sweep_is_billed_for_every_minute() -> None:
    assert load_topology().schedules["sweep"].cron == "* * * * *"
    [sweep] = [line for line in idle_lines(Plan(), ON) if "sweep`" in line.what]
    assert sweep.used.startswith("43,800 × request")


@pytest.mark.parametrize(
    "arguments",
    [
        ["--hours", "0"],
        ["--lectures", "0"],
        ["--model", "gpt-nobody-knows"],
        ["--tier", "db-n1-standard-1"],
        ["--students", "-1"],
    ],
)
def test_what_cannot_be_reckoned_with_is_refused(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_the_command_adds_a_month_up(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--lectures", "10", "--model", "extractive", "--zonal"]) == 0
    said = capsys.readouterr().out
    plan = Plan(lectures=10, model=None, regional=False)
    month = total(idle_lines(plan, ON)) + 10 * total(lecture_lines(plan, ON))
    assert f"10 lectures a month: US$ {month:.2f}" in said
    assert "check each before a decision hangs on it" in said


def test_numbers_stand_to_the_right() -> None:
    assert table(["a", "b"], [["x", "1"]], numbers=1) == "| a | b |\n|---|--:|\n| x | 1 |\n"


def _price(usd: float) -> Price:
    return Price(usd=usd, per="one", source="https://example.invalid", as_of="2026-01")


def _dearer(name: str) -> Price:
    price: Price = getattr(ON.prices, name)
    return price.model_copy(update={"usd": 2 * price.usd})

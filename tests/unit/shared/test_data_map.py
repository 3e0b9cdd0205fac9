"""Every column, folder, message, log field and provider is in the data map, and no other."""

from pathlib import Path
from typing import get_args

import pytest
from sqlalchemy import Table

from scripts.document_data import PAGE, main, messages, models, render
from shared.config import Settings
from shared.messaging import events
from shared.models import Base
from shared.storage.object_names import FOLDERS, REPORTS, Kind
from shared.vendors.processors import PROCESSORS

TABLES = sorted(Base.metadata.tables.values(), key=lambda table: table.name)


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_every_column_has_an_entry_beside_it(table: Table) -> None:
    named = models()[table.name].named

    assert sorted(named) == sorted(table.columns.keys())


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_table_that_holds_personal_data_says_why_and_until_when(table: Table) -> None:
    data = models()[table.name]

    assert all((data.why, data.until, data.deleted_by))
    assert all(data.columns.values())


def test_the_owners_subject_is_personal_wherever_it_is() -> None:
    for table in TABLES:
        for column in ("owner", "scope"):
            assert column not in models()[table.name].other, table.name


def test_every_folder_has_an_entry() -> None:
    assert set(FOLDERS) == {*get_args(Kind), REPORTS}


def test_every_kind_of_message_says_what_it_holds() -> None:
    assert {"JobMessage", "SegmentMessage", "UploadFinalized"} <= set(messages())
    for kind in events._Payload.__subclasses__():
        assert kind.__dict__["holds"]


@pytest.mark.parametrize("setting", ["plc_llm_provider", "plc_transcribe_provider"])
def test_every_provider_that_can_be_chosen_is_a_processor(setting: str) -> None:
    choices = get_args(Settings.model_fields[setting].annotation)
    chosen = [value for each in PROCESSORS for name, value in each.chosen_by if name == setting]

    assert sorted(chosen) == sorted(choices)


def test_the_page_is_up_to_date() -> None:
    assert PAGE.read_text() == render()
    assert main(["--check"]) == 0


def test_every_processor_of_the_list_is_in_the_page_for_the_contract() -> None:
    page = Path("docs/reference/processors.md").read_text()

    for each in PROCESSORS:
        if not each.name.startswith("none"):
            assert each.name.partition(",")[0].partition(" (")[0] in page, each.name

"""Who may do what: the declaration, and a test for each grant that needs it."""

import re
from pathlib import Path

import pytest

from scripts.local.access import (
    ADMINISTRATOR,
    Access,
    ForbiddenError,
    Grants,
    Use,
    access_under,
    all_uses,
    load_grants,
)
from shared.storage.object_names import FOLDERS
from shared.topology import load_topology
from tests.support.access.grant_witnesses import witnesses

ROOT = Path(__file__).resolve().parents[4]
GRANTS = load_grants()
TOPOLOGY = load_topology()
EXISTS = "a repeated request finds the object of the first one, whose answer was lost"
AGAIN = "a job whose input has changed while it ran is queued again (shared/work/jobs.py)"
RESUMED = "an unfinished run that is continued looks at what must not be deleted any more"
UNWITNESSED = {
    Use("export", "reads", "exports"): EXISTS,
    Use("transcribe", "reads", "transcripts"): EXISTS,
    Use("transcribe-on-segment", "reads", "transcripts"): EXISTS,
    Use("retention-on-sweep", "reads", "accounts"): EXISTS,
    Use("retention-on-sweep", "reads", "reports"): EXISTS,
    Use("retention", "reads", "artifacts"): RESUMED,
    Use("retention", "reads", "segments"): RESUMED,
    Use("export", "publishes", "export"): AGAIN,
    Use("generate", "publishes", "generate"): AGAIN,
    Use("retention-on-dead-letter", "publishes", "export"): AGAIN,
    Use("retention-on-dead-letter", "publishes", "transcribe"): AGAIN,
    # tests/integration/local_stack/gcs_standin/test_permissions.py
    Use("transcribe-on-segment", "loads", "speech-model"): "weights lie in another bucket",
}
"""Grants for what no test of tests/integration brings about in the function itself."""


def test_every_function_and_nothing_else_is_declared() -> None:
    assert set(GRANTS) == set(TOPOLOGY.functions)
    for row in GRANTS.values():
        assert {*row.reads, *row.creates, *row.deletes} <= set(FOLDERS)
        assert {*row.publishes, *row.looks_up} <= set(TOPOLOGY.topics)
        assert set(row.enqueues) <= set(TOPOLOGY.queues)


def test_who_creates_or_deletes_can_look() -> None:
    """What exists is looked at before it is taken for one's own, and what was deleted after."""
    for function, row in GRANTS.items():
        assert set(row.creates) <= set(row.reads), function
        assert set(row.deletes) <= set(row.reads), function


def test_each_grant_has_a_test_that_needs_it() -> None:
    found = witnesses()
    assert found.keys() | UNWITNESSED.keys() == all_uses(GRANTS)
    assert not found.keys() & UNWITNESSED.keys()
    for test in found.values():
        file, _, name = test.partition("::")
        function = re.sub(r"\[.*", "", name.rpartition("::")[2])
        assert f"def {function}(" in (ROOT / file).read_text(), test


class TestAccess:
    def test_only_what_is_granted_is_allowed_and_counts_as_used(self) -> None:
        access = Access({"export": Grants(reads=("artifacts",))})

        access.require("export", "reads", "artifacts")
        for caller, target in (("export", "raw"), ("generate", "artifacts"), (None, "artifacts")):
            with pytest.raises(ForbiddenError):
                access.require(caller, "reads", target)
        with pytest.raises(ForbiddenError):
            access.require("export", "deletes", "artifacts")

        assert access.used == {Use("export", "reads", "artifacts")}

    def test_the_operator_may_do_everything_and_is_not_counted(self) -> None:
        access = Access({})

        access.require(ADMINISTRATOR, "deletes", "raw")

        assert access.used == frozenset()

    @pytest.mark.parametrize(
        ("prefix", "name", "folder"),
        [
            ("", "raw/x", "raw"),
            ("", "raw", ""),
            ("", "rawer/x", "rawer"),
            ("stage/one", "stage/one/raw/x", "raw"),
            ("stage/one", "raw/x", "raw"),
            ("stage/one", "stage/raw/x", "stage"),
        ],
    )
    def test_the_folder_is_the_first_after_the_installations_own(
        self, prefix: str, name: str, folder: str
    ) -> None:
        assert access_under(prefix).folder_of(name) == folder

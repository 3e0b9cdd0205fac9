"""docs/reference/deployer-roles.md against scripts/setup-gcp.sh and what terraform/ declares."""

import re
from pathlib import Path

from scripts.local.stack import ROOT
from tests.operations.stub_gcloud import Stubs, unknown_to_gcloud
from tests.operations.test_setup import DEPLOYER, setup

PAGE = ROOT / "docs" / "reference" / "deployer-roles.md"
OF_NO_SERVICE = {"terraform_data", "time_sleep"}
OPTIONS = {
    "--private-database": (),
    "--kms-key": ("projects/p/locations/l/keyRings/r/cryptoKeys/k",),
    "--billing-account": ("000000-000000-000000",),
}


def rows(heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its head."""
    _, _, rest = PAGE.read_text().partition(f"## {heading}\n")
    lines = [line for line in rest.partition("\n## ")[0].splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def named(cell: str) -> set[str]:
    return set(re.findall(r"`([^`]+)`", cell))


def declared_types() -> set[str]:
    files = (ROOT / "terraform").rglob("*.tf")
    return {
        type
        for file in files
        for type in re.findall(r'^resource "(\w+)"', file.read_text(), re.MULTILINE)
    } - OF_NO_SERVICE


def granted(folder: Path, *options: str) -> set[str]:
    """The roles that the script grants to the account that deploys, on whatever resource."""
    stubs = Stubs(folder)
    stubs.program("gcloud")
    stubs.answer("^gcloud projects describe my-project ", "123\n")
    stubs.answer("^gcloud billing projects describe my-project ", "True\n")
    done = setup(stubs, *options)
    assert done.returncode == 0, done.stderr
    assert not unknown_to_gcloud(stubs.calls())
    return {
        word.removeprefix("--role=roles/")
        for call in stubs.calls("add-iam-policy-binding")
        if f"--member={DEPLOYER}" in call.arguments
        for word in call.arguments
        if word.startswith("--role=")
    }


def test_the_page_lists_the_roles_that_are_granted(tmp_path: Path) -> None:
    without = {role for [cell, _] in rows("In the project") for role in named(cell)}

    assert granted(tmp_path / "without") == without
    for option, value in OPTIONS.items():
        listed = {
            role
            for [cell, _, by, _] in rows("With an option")
            if named(by) == {option}
            for role in named(cell)
        }
        assert listed, option
        assert granted(tmp_path / option.strip("-"), option, *value) == without | listed


def test_every_declared_resource_has_a_role_and_every_role_a_resource() -> None:
    reasons = [cells[-1] for cells in (*rows("In the project"), *rows("With an option"))]
    types = [{name for name in named(reason) if name.startswith("google_")} for reason in reasons]

    assert all(types), "a role that no resource needs"
    assert set().union(*types) == declared_types()

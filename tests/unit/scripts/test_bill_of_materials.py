"""Each archive's bill of materials has what its lock pins, and is the same each time."""

import hashlib
import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scripts.bill_of_materials import bill_of_materials, pins
from scripts.package import ROOT, STAGES, materials_of


def lock_of(stage: str) -> str:
    return (ROOT / "functions" / stage / "requirements.txt").read_text()


@pytest.mark.parametrize("stage", STAGES)
def test_every_pin_of_the_lock_is_in_it(stage: str) -> None:
    lock = lock_of(stage)
    bill = json.loads(materials_of(stage, b"archive"))

    pinned = set(re.findall(r"^([^\s#]+==[^\s;\\]+)", lock, re.M))
    assert len(pinned) > 10
    named = {f"{each['name']}=={each['version']}" for each in bill["components"]}
    assert named == {each.lower() for each in pinned}
    purls = [each["purl"] for each in bill["components"]]
    assert purls == sorted(purls)
    assert len(set(purls)) == len(purls)


def test_it_names_the_archive_by_its_digest() -> None:
    bill = json.loads(materials_of("export", b"archive"))

    about = bill["metadata"]["component"]
    assert (bill["bomFormat"], bill["specVersion"]) == ("CycloneDX", "1.6")
    assert about["name"] == "pegasus-export"
    assert about["hashes"] == [
        {"alg": "SHA-256", "content": hashlib.sha256(b"archive").hexdigest()}
    ]
    [own] = bill["dependencies"]
    assert own["dependsOn"] == [each["bom-ref"] for each in bill["components"]]


def test_the_same_archive_has_the_same_bill_and_another_one_another() -> None:
    def made(archive: bytes) -> bytes:
        return materials_of("export", archive)

    assert made(b"one") == made(b"one")
    assert json.loads(made(b"one"))["serialNumber"] != json.loads(made(b"two"))["serialNumber"]
    assert re.fullmatch(r"urn:uuid:[0-9a-f-]{36}", json.loads(made(b"one"))["serialNumber"])


names = st.from_regex(r"[a-z][a-z0-9]{0,8}([-._][a-z0-9]{1,8})?", fullmatch=True)
versions = st.from_regex(r"[0-9]{1,3}(\.[0-9]{1,3}){0,3}(rc1)?", fullmatch=True)


@given(st.dictionaries(names, versions, min_size=1, max_size=8), st.booleans())
def test_a_lock_is_read_pin_by_pin(pinned: dict[str, str], conditional: bool) -> None:
    marker = " ; python_version < '3.12'" if conditional else ""
    lock = "# a comment==1\n" + "".join(
        f"{name}=={version}{marker} \\\n    --hash=sha256:{'0' * 64}\n"
        for name, version in pinned.items()
    )

    read = list(pins(lock))

    assert [(each.version, each.marker) for each in read] == [
        (version, "python_version < '3.12'" if conditional else None) for version in pinned.values()
    ]
    bill = json.loads(bill_of_materials("x", lock=lock, archive=b"", version="1"))
    assert len(bill["components"]) == len(pinned)
